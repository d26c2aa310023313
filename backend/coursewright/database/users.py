"""The users that are known to the database."""

from uuid import UUID

from psycopg import errors

from coursewright.course.errors import NotSignedIn
from coursewright.database.pool import Database


async def ensure(database: Database, user_id: UUID, *, email: str | None = None) -> None:
    """Sees to it that the user exists, so that courses can belong to it.

    Raises `NotSignedIn`: users are made by Supabase, and it has none with that id.
    """
    try:
        async with database.as_system() as conn:
            await conn.execute("select coursewright_meta.ensure_user(%s, %s)", (user_id, email))
    except errors.NoDataFound as error:
        raise NotSignedIn(
            f"there is no user {user_id} in auth.users",
            hint="Users are made by Supabase Auth: sign up there.",
        ) from error


async def are_ours(database: Database) -> bool:
    """Whether users are made here; on a database of Supabase they are made by Supabase."""
    async with database.as_system() as conn:
        row = await (
            await conn.execute("select coursewright_meta.keeps_users() as ours")
        ).fetchone()
    return bool(row and row["ours"])
