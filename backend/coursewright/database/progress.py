"""How far a person is in their courses: completed chapters, where they were reading, how long."""

from datetime import datetime
from uuid import UUID

from coursewright.course.base import Value
from coursewright.database.pool import Connection


class ChapterProgress(Value):
    """A chapter that is written, and when it was completed."""

    id: UUID
    number: int
    title: str
    completed_at: datetime | None


class Place(Value):
    """Where somebody was reading."""

    course_id: UUID
    course_title: str
    chapter: int
    chapter_title: str
    position: float
    """How far down the chapter: 0 is its top, 1 its end."""
    read_at: datetime


class CourseProgress(Value):
    """A course, as one line of a dashboard."""

    id: UUID
    title: str
    chapters: int
    """As planned, those that are not written yet included."""
    completed: int
    last_completed: datetime | None
    last_read: datetime | None


async def list_chapters(conn: Connection, course_id: UUID) -> list[ChapterProgress]:
    """The chapters of a course that are written, in order."""
    rows = await conn.execute(
        """
        select c.id, c.chapter_number as number, c.title, done.completed_at
        from course_chapters c left join chapter_completion done on done.chapter_id = c.id
        where c.course_id = %s order by c.chapter_number
        """,
        (course_id,),
    )
    return [ChapterProgress.model_validate(row) for row in await rows.fetchall()]


async def chapter_id(conn: Connection, course_id: UUID, number: int) -> UUID | None:
    """The id of a chapter, where the signed-in user may see it."""
    rows = await conn.execute(
        "select id from course_chapters where course_id = %s and chapter_number = %s",
        (course_id, number),
    )
    row = await rows.fetchone()
    return None if row is None else row["id"]


async def complete(
    conn: Connection, user_id: UUID, *, course_id: UUID, chapter_id: UUID, at: datetime
) -> bool:
    """Marks a chapter as completed. False when it was already; the first time counts."""
    result = await conn.execute(
        """
        insert into chapter_completion (user_id, course_id, chapter_id, completed_at)
        values (%s, %s, %s, %s) on conflict (user_id, chapter_id) do nothing
        """,
        (user_id, course_id, chapter_id, at),
    )
    return result.rowcount == 1


async def reopen(conn: Connection, chapter_id: UUID) -> datetime | None:
    """Takes a completion back; returns when it was, or None when there was none."""
    rows = await conn.execute(
        "delete from chapter_completion where chapter_id = %s returning completed_at",
        (chapter_id,),
    )
    row = await rows.fetchone()
    return None if row is None else row["completed_at"]


async def put_place(
    conn: Connection,
    user_id: UUID,
    *,
    course_id: UUID,
    chapter_id: UUID,
    position: float,
    at: datetime,
) -> None:
    """Stores where somebody is reading. What comes late does not overwrite what is newer."""
    await conn.execute(
        """
        insert into reading_positions as p (user_id, course_id, chapter_id, position, read_at)
        values (%s, %s, %s, %s, %s)
        on conflict (user_id, course_id) do update
        set chapter_id = excluded.chapter_id, position = excluded.position,
            read_at = excluded.read_at
        where excluded.read_at >= p.read_at
        """,
        (user_id, course_id, chapter_id, position, at),
    )


async def places(conn: Connection, *, course_id: UUID | None = None, limit: int = 1) -> list[Place]:
    """Where the signed-in user was reading, in one course or all, the latest first."""
    rows = await conn.execute(
        """
        select p.course_id, c.title as course_title, ch.chapter_number as chapter,
          ch.title as chapter_title, p.position, p.read_at
        from reading_positions p
        join courses c on c.id = p.course_id
        join course_chapters ch on ch.id = p.chapter_id
        where %(course)s::uuid is null or p.course_id = %(course)s
        order by p.read_at desc, p.course_id limit %(limit)s
        """,
        {"course": course_id, "limit": limit},
    )
    return [Place.model_validate(row) for row in await rows.fetchall()]


async def add_sitting(
    conn: Connection,
    user_id: UUID,
    *,
    sitting_id: UUID,
    course_id: UUID,
    milliseconds: int,
    at: datetime,
) -> int:
    """Stores how long a sitting has been so far; returns the milliseconds that are new in it."""
    rows = await conn.execute(
        "select milliseconds from reading_sittings where id = %s", (sitting_id,)
    )
    row = await rows.fetchone()
    had = 0 if row is None else row["milliseconds"]
    if milliseconds > had:
        await conn.execute(
            """
            insert into reading_sittings (user_id, id, course_id, milliseconds, started_at)
            values (%s, %s, %s, %s, %s)
            on conflict (user_id, id) do update set milliseconds = excluded.milliseconds
            """,
            (user_id, sitting_id, course_id, milliseconds, at),
        )
    return max(0, milliseconds - had)


async def list_courses(conn: Connection, *, limit: int) -> list[CourseProgress]:
    """The courses of the signed-in user, those that were studied last first."""
    rows = await conn.execute(
        """
        select c.id, c.title,
          greatest(
            coalesce(jsonb_array_length(c.outline -> 'chapters'), 0),
            (select count(*) from course_chapters where course_id = c.id)
          ) as chapters,
          count(done.chapter_id) as completed, max(done.completed_at) as last_completed,
          max(p.read_at) as last_read
        from courses c
        left join chapter_completion done on done.course_id = c.id
        left join reading_positions p on p.course_id = c.id
        group by c.id
        order by greatest(max(done.completed_at), max(p.read_at), c.created_at) desc, c.id
        limit %s
        """,
        (limit,),
    )
    return [CourseProgress.model_validate(row) for row in await rows.fetchall()]
