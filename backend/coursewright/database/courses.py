"""Courses: what was ordered, what it is called, how it stands."""

import re
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import sql

from coursewright.course.base import Value
from coursewright.course.brief import Brief, Level
from coursewright.course.course import CourseStatus
from coursewright.course.outline import Outline
from coursewright.database.pool import Connection
from coursewright.database.values import as_json, columns_of

_PREFIX = re.compile(r"^[0-9a-f]{1,32}$")


class CourseRow(Value):
    """A row of `courses`."""

    id: UUID
    user_id: UUID
    title: str
    topic: str
    description: str
    level: Level
    language: str
    brief: Brief
    outline: Outline | None
    author: str
    status: CourseStatus
    request_key: str | None
    created_at: datetime
    updated_at: datetime
    completed_at: datetime | None


class HeldCourse(Value):
    """What is read of a course when it is held; the outline can be long, and is not."""

    id: UUID
    brief: Brief
    status: CourseStatus


class CourseSummary(Value):
    """A course as one line of a list."""

    id: UUID
    title: str
    topic: str
    status: CourseStatus
    author: str
    language: str
    level: Level
    created_at: datetime
    progress_percentage: int
    chapters: int
    flashcards: int
    questions: int


_COLUMNS = columns_of(CourseRow)


async def insert(
    conn: Connection,
    *,
    course_id: UUID,
    user_id: UUID,
    brief: Brief,
    author: str,
    title: str,
    request_key: str | None = None,
) -> bool:
    """Adds a course. False when `user_id` has one with that `request_key` already.

    Of two that come at once, the second waits for the first and then gets False.
    """
    result = await conn.execute(
        """
        insert into courses
          (id, user_id, title, topic, level, language, brief, author, request_key)
        values (%s, %s, %s, %s, %s, %s, %s, %s, %s)
        on conflict (user_id, request_key) do nothing
        """,
        (
            course_id,
            user_id,
            title,
            brief.topic,
            str(brief.level),
            brief.language,
            as_json(brief),
            author,
            request_key,
        ),
    )
    return result.rowcount == 1


async def get(conn: Connection, course_id: UUID) -> CourseRow | None:
    """The course, or None where there is none that the signed-in user may see."""
    rows = await conn.execute(
        sql.SQL("select {} from courses where id = %s").format(_COLUMNS),
        (course_id,),
    )
    return _course(await rows.fetchone())


async def find_by_request_key(conn: Connection, request_key: str) -> CourseRow | None:
    """The course that was ordered by that request of the signed-in user."""
    rows = await conn.execute(
        sql.SQL("select {} from courses where request_key = %s").format(_COLUMNS),
        (request_key,),
    )
    return _course(await rows.fetchone())


async def exists(conn: Connection, course_id: UUID) -> bool:
    """Whether there is such a course that the signed-in user may see."""
    rows = await conn.execute("select 1 from courses where id = %s", (course_id,))
    return await rows.fetchone() is not None


async def lock(conn: Connection, course_id: UUID) -> HeldCourse | None:
    """The course, held until the transaction ends: everybody else who locks it waits.

    For transactions of the service; a user may not change a course, and so not hold it either.
    """
    rows = await conn.execute(
        "select id, brief, status from courses where id = %s for update", (course_id,)
    )
    row = await rows.fetchone()
    return None if row is None else HeldCourse.model_validate(row)


async def list_summaries(
    conn: Connection, *, limit: int = 50, offset: int = 0
) -> list[CourseSummary]:
    """The courses of the signed-in user, the newest first."""
    rows = await conn.execute(
        """
        select c.id, c.title, c.topic, c.status, c.author, c.language, c.level, c.created_at,
          coalesce(j.progress_percentage, 0) as progress_percentage,
          (select count(*) from course_chapters where course_id = c.id) as chapters,
          (select count(*) from course_flashcards where course_id = c.id) as flashcards,
          (select count(*) from course_mcqs where course_id = c.id) as questions
        from courses c
        left join course_generation_jobs j on j.course_id = c.id
        order by c.created_at desc, c.id
        limit %s offset %s
        """,
        (limit, offset),
    )
    return [CourseSummary.model_validate(row) for row in await rows.fetchall()]


async def resolve_prefix(conn: Connection, prefix: str, *, limit: int = 10) -> list[UUID]:
    """The courses whose id begins like that, hyphens and case apart. Empty for what is no id."""
    prefix = prefix.strip().lower().replace("-", "")
    if not _PREFIX.match(prefix):
        return []
    rows = await conn.execute(
        "select id from courses where replace(id::text, '-', '') like %s order by id limit %s",
        (f"{prefix}%", limit),
    )
    return [row["id"] for row in await rows.fetchall()]


async def set_outline(conn: Connection, course_id: UUID, outline: Outline) -> None:
    """Stores the outline and names the course after it. Chapters beyond its end are dropped."""
    await conn.execute(
        "update courses set outline = %s, title = %s, description = %s where id = %s",
        (as_json(outline), outline.title, outline.description, course_id),
    )
    await conn.execute(
        "delete from course_chapters where course_id = %s and chapter_number > %s",
        (course_id, len(outline.chapters)),
    )


async def set_status(conn: Connection, course_id: UUID, status: CourseStatus) -> bool:
    """Stores the state of the course as a whole; `completed_at` follows it. False when it was so
    already.
    """
    result = await conn.execute(
        """
        update courses
        set status = %(status)s,
            completed_at = case when %(status)s = 'completed' then coalesce(completed_at, now()) end
        where id = %(id)s and status <> %(status)s
        """,
        {"status": str(status), "id": course_id},
    )
    return result.rowcount == 1


async def delete(conn: Connection, course_id: UUID) -> bool:
    """Deletes a course with all that hangs on it. False when there was none."""
    result = await conn.execute("delete from courses where id = %s", (course_id,))
    return result.rowcount == 1


def _course(row: dict[str, Any] | None) -> CourseRow | None:
    return None if row is None else CourseRow.model_validate(row)
