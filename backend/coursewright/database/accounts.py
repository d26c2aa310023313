"""Local accounts and their sessions. No role may read the tables: functions answer (0014)."""

from datetime import datetime, timedelta
from uuid import UUID

from psycopg import errors

from coursewright.course.base import Value
from coursewright.course.errors import Conflict
from coursewright.database.pool import Connection


class Account(Value):
    """An account as it may be shown."""

    user_id: UUID
    email: str
    created_at: datetime
    password_changed_at: datetime
    signed_in_at: datetime | None


class Secret(Value):
    """An account with the hash of its password; it leaves the process nowhere."""

    user_id: UUID
    email: str
    password_hash: str


class Holder(Value):
    """Whose session it is."""

    user_id: UUID
    email: str


async def exist(conn: Connection) -> bool:
    """Whether there is any account."""
    row = await (await conn.execute("select coursewright_meta.has_accounts() as found")).fetchone()
    return bool(row and row["found"])


async def everyone(conn: Connection) -> list[Account]:
    """All accounts, by their addresses."""
    rows = await conn.execute("select * from coursewright_meta.list_accounts()")
    return [Account.model_validate(row) for row in await rows.fetchall()]


async def add(
    conn: Connection, user_id: UUID, *, email: str, password_hash: str, at: datetime
) -> None:
    """A new account, and its user where there is none. Raises `Conflict`: it is there already."""
    try:
        await conn.execute(
            "select coursewright_meta.add_account(%s, %s, %s, %s)",
            (user_id, email, password_hash, at),
        )
    except errors.UniqueViolation:
        raise Conflict(
            f"there is an account for {email} already, or for that user",
            hint="`coursewright users list` shows all; `users password` sets a new password.",
        ) from None


async def by_email(conn: Connection, email: str) -> Secret | None:
    """The account with that address."""
    rows = await conn.execute("select * from coursewright_meta.account_by_email(%s)", (email,))
    row = await rows.fetchone()
    return Secret.model_validate(row) if row else None


async def by_user(conn: Connection, user_id: UUID) -> Secret | None:
    """The account of that user."""
    rows = await conn.execute("select * from coursewright_meta.account_by_user(%s)", (user_id,))
    row = await rows.fetchone()
    return Secret.model_validate(row) if row else None


async def set_password(
    conn: Connection,
    user_id: UUID,
    *,
    password_hash: str,
    at: datetime,
    keep: bytes | None = None,
    replacing: str | None = None,
) -> bool:
    """Sets a password and ends all sessions but `keep`.

    False: there is no such account, or its hash is not `replacing` any more.
    """
    rows = await conn.execute(
        "select coursewright_meta.set_password(%s, %s, %s, %s, %s) as done",
        (user_id, password_hash, at, keep, replacing),
    )
    row = await rows.fetchone()
    return bool(row and row["done"])


async def renew_hash(conn: Connection, secret: Secret, password_hash: str) -> None:
    """The same password, hashed by today's measure."""
    await conn.execute(
        "select coursewright_meta.renew_hash(%s, %s, %s)",
        (secret.user_id, password_hash, secret.password_hash),
    )


async def begin_session(
    conn: Connection,
    secret: Secret,
    *,
    token: bytes,
    at: datetime,
    idle: timedelta,
    longest: timedelta,
) -> bool:
    """Stores a session. False: the password was changed, or the account is gone, meanwhile."""
    rows = await conn.execute(
        "select coursewright_meta.begin_session(%s, %s, %s, %s, %s, %s) as done",
        (secret.user_id, token, at, idle, longest, secret.password_hash),
    )
    row = await rows.fetchone()
    return bool(row and row["done"])


async def session_of(
    conn: Connection, token: bytes, *, at: datetime, idle: timedelta
) -> Holder | None:
    """Whose session it is, while it lasts; it then lasts `idle` longer."""
    rows = await conn.execute(
        "select * from coursewright_meta.session_of(%s, %s, %s)", (token, at, idle)
    )
    row = await rows.fetchone()
    return Holder.model_validate(row) if row else None


async def end_session(conn: Connection, token: bytes) -> None:
    """Ends one session."""
    await conn.execute("select coursewright_meta.end_session(%s)", (token,))


async def end_sessions(conn: Connection, user_id: UUID) -> int:
    """Ends all sessions of a user; how many there were."""
    rows = await conn.execute("select coursewright_meta.end_sessions(%s) as ended", (user_id,))
    row = await rows.fetchone()
    return int(row["ended"]) if row else 0
