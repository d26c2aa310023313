"""What happened to a course, in order, for whoever watches it being made."""

from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from coursewright.course.base import Value
from coursewright.database.pool import Connection

CHANNEL = "course_events"
"""The channel of NOTIFY; the payload is the course's id."""

STOPPED = "course_stopped"
"""The channel on which workers hear of courses that are cancelled or deleted; the same payload."""


class CourseEvent(Value):
    """One event. Its id grows within a course, and is what `Last-Event-ID` names."""

    id: int
    course_id: UUID
    piece_key: str | None
    event: str
    """`course_created`, `piece_running`, `piece_done`, `piece_failed`, `course_completed`..."""
    data: dict[str, Any]
    created_at: datetime


async def append(
    conn: Connection,
    course_id: UUID,
    event: str,
    *,
    piece_key: str | None = None,
    data: dict[str, Any] | None = None,
) -> None:
    """Records an event; it is announced when the transaction commits.

    The caller holds the course's row, so that ids are in the order of commits.
    """
    await conn.execute(
        "insert into course_events (course_id, piece_key, event, data) values (%s, %s, %s, %s)",
        (course_id, piece_key, event, Jsonb(data or {})),
    )
    await announce(conn, course_id)


async def announce(conn: Connection, course_id: UUID) -> None:
    """Tells whoever watches the course to look again, when the transaction commits."""
    await conn.execute("select pg_notify(%s, %s)", (CHANNEL, str(course_id)))


async def stop(conn: Connection, course_id: UUID) -> None:
    """Tells workers to look whether what they make of the course is wanted, when this commits."""
    await conn.execute("select pg_notify(%s, %s)", (STOPPED, str(course_id)))


async def list_after(
    conn: Connection, course_id: UUID, after: int, *, limit: int = 500
) -> list[CourseEvent]:
    """The events of a course with an id greater than `after`, oldest first."""
    rows = await conn.execute(
        """
        select id, course_id, piece_key, event, data, created_at
        from course_events where course_id = %s and id > %s order by id limit %s
        """,
        (course_id, after, limit),
    )
    return [CourseEvent.model_validate(row) for row in await rows.fetchall()]


async def last_id(conn: Connection, course_id: UUID) -> int:
    """The id of the newest event of a course; 0 when there is none."""
    rows = await conn.execute(
        "select coalesce(max(id), 0) as id from course_events where course_id = %s", (course_id,)
    )
    row = await rows.fetchone()
    return 0 if row is None else int(row["id"])
