"""Files of courses: what they are called, whose they are, what is to be deleted from the store."""

from datetime import datetime, timedelta
from uuid import UUID

from psycopg import sql

from coursewright.course.base import Value
from coursewright.database.pool import Connection
from coursewright.database.values import columns_of

_WRITING = timedelta(hours=12)
"""How long the writing of one file may take; then it counts as given up."""


class FileRow(Value):
    """A row of `course_files`."""

    id: UUID
    course_id: UUID
    purpose: str
    """`original` or `audio`."""
    name: str
    media_type: str
    size: int
    sha256: str
    stored_as: str
    created_at: datetime


_COLUMNS = columns_of(FileRow)


async def announce(conn: Connection, stored_as: str) -> None:
    """Says that a file is about to be written; whatever becomes of it, it is not forgotten.

    For transactions of the system, committed before the first byte is written.
    """
    await conn.execute(
        "insert into coursewright_meta.file_deletions (stored_as, due) values (%s, now() + %s)",
        (stored_as, _WRITING),
    )


async def settle(conn: Connection, stored_as: str) -> bool:
    """Says that a file is there to stay; False when it was given up in the meantime."""
    result = await conn.execute(
        "delete from coursewright_meta.file_deletions where stored_as = %s", (stored_as,)
    )
    return result.rowcount == 1


async def insert(conn: Connection, row: FileRow) -> bool:
    """Adds a file. False when the course has the same one already."""
    result = await conn.execute(
        """
        insert into course_files (id, course_id, purpose, name, media_type, size, sha256, stored_as)
        values (%(id)s, %(course_id)s, %(purpose)s, %(name)s, %(media_type)s, %(size)s, %(sha256)s,
                %(stored_as)s)
        on conflict (course_id, purpose, name, sha256) do nothing
        """,
        row.model_dump(),
    )
    return result.rowcount == 1


async def get(conn: Connection, file_id: UUID) -> FileRow | None:
    """The file, or None where there is none that the signed-in user may see."""
    rows = await conn.execute(
        sql.SQL("select {} from course_files where id = %s").format(_COLUMNS), (file_id,)
    )
    row = await rows.fetchone()
    return None if row is None else FileRow.model_validate(row)


async def list_all(conn: Connection, course_id: UUID) -> list[FileRow]:
    """The files of a course, the oldest first."""
    rows = await conn.execute(
        sql.SQL("select {} from course_files where course_id = %s order by created_at, id").format(
            _COLUMNS
        ),
        (course_id,),
    )
    return [FileRow.model_validate(row) for row in await rows.fetchall()]


async def everything(conn: Connection) -> list[FileRow]:
    """The files of all courses of the signed-in user."""
    rows = await conn.execute(
        sql.SQL("select {} from course_files order by created_at, id").format(_COLUMNS)
    )
    return [FileRow.model_validate(row) for row in await rows.fetchall()]


async def delete(conn: Connection, file_id: UUID) -> bool:
    """Deletes a file; its bytes follow. False when there was none."""
    result = await conn.execute("delete from course_files where id = %s", (file_id,))
    return result.rowcount == 1


async def take_due(conn: Connection) -> str | None:
    """One name whose bytes are to be deleted, held until the transaction ends; None when there is
    none. Several sweep side by side.
    """
    rows = await conn.execute(
        """
        delete from coursewright_meta.file_deletions where stored_as = (
          select stored_as from coursewright_meta.file_deletions
          where due <= now() order by due limit 1 for update skip locked
        ) returning stored_as
        """
    )
    row = await rows.fetchone()
    return None if row is None else str(row["stored_as"])


async def keys(conn: Connection) -> dict[int, bytes]:
    """The keys that links are signed with, by their number; the greatest number signs."""
    rows = await conn.execute("select number, secret from coursewright_meta.file_keys")
    return {row["number"]: bytes(row["secret"]) for row in await rows.fetchall()}


async def add_key(conn: Connection, secret: bytes, *, only_first: bool) -> None:
    """Adds a key, from now on the one that signs; `only_first`: unless there is one already."""
    await conn.execute("lock table coursewright_meta.file_keys in share row exclusive mode")
    await conn.execute(
        "insert into coursewright_meta.file_keys (secret) select %s"
        " where not %s or not exists (select from coursewright_meta.file_keys)",
        (secret, only_first),
    )


async def drop_old_keys(conn: Connection) -> int:
    """Leaves the key that signs and drops all others: their links end. How many those were."""
    result = await conn.execute(
        "delete from coursewright_meta.file_keys"
        " where number < (select max(number) from coursewright_meta.file_keys)"
    )
    return result.rowcount
