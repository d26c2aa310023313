"""Links to read a course by. The table has only digests: who reads it opens nothing."""

from datetime import datetime
from uuid import UUID

from coursewright.course.base import Value
from coursewright.database.pool import Connection, Database

_REMEMBERED = "interval '90 days'"
"""How long a link that has ended is still listed."""


class Share(Value):
    """A link, without its token."""

    id: UUID
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None
    """To the minute."""

    def is_open(self, now: datetime) -> bool:
        """Whether the course can be read by it."""
        return self.revoked_at is None and self.expires_at > now


_COLUMNS = "id, created_at, expires_at, revoked_at, last_used_at"


async def insert(
    conn: Connection, course_id: UUID, *, token_sha256: bytes, expires_at: datetime
) -> UUID:
    """Adds a link, and forgets those that have ended long ago."""
    await conn.execute(
        f"""
        delete from course_shares
        where course_id = %s and coalesce(revoked_at, expires_at) < now() - {_REMEMBERED}
        """,  # noqa: S608 - our own interval
        (course_id,),
    )
    rows = await conn.execute(
        "insert into course_shares (course_id, token_sha256, expires_at)"
        " values (%s, %s, %s) returning id",
        (course_id, token_sha256, expires_at),
    )
    row = await rows.fetchone()
    if row is None:  # an insert without a condition always has a row
        raise AssertionError
    return row["id"]


async def list_all(conn: Connection, course_id: UUID) -> list[Share]:
    """The links of a course, the newest first."""
    rows = await conn.execute(
        f"select {_COLUMNS} from course_shares where course_id = %s order by created_at desc, id",  # noqa: S608 - our own columns
        (course_id,),
    )
    return [Share.model_validate(row) for row in await rows.fetchall()]


async def revoke(conn: Connection, course_id: UUID, share_id: UUID, *, now: datetime) -> bool:
    """Ends a link for good; harmless when repeated. False when there is none."""
    result = await conn.execute(
        "update course_shares set revoked_at = coalesce(revoked_at, %s)"
        " where course_id = %s and id = %s",
        (now, course_id, share_id),
    )
    return result.rowcount == 1


async def note_use(database: Database, token_sha256: bytes) -> bool:
    """Notes that a link is used; False when it opens nothing."""
    async with database.as_system() as conn:
        rows = await conn.execute(
            "select coursewright_meta.open_share(%s) as opens", (token_sha256,)
        )
        row = await rows.fetchone()
    return row is not None and row["opens"]


async def course_of(conn: Connection) -> UUID | None:
    """The course that the link of this transaction opens (`Database.as_reader`)."""
    rows = await conn.execute("select coursewright_meta.shared_course() as id")
    row = await rows.fetchone()
    return None if row is None else row["id"]
