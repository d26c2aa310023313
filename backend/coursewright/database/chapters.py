"""Chapters, each as the program holds it and as plain Markdown."""

from uuid import UUID

from psycopg.types.json import Jsonb

from coursewright.course.chapter import Chapter
from coursewright.database.pool import Connection
from coursewright.database.values import as_json


async def put(conn: Connection, course_id: UUID, chapter: Chapter, *, summary: str = "") -> UUID:
    """Stores a chapter and returns its id, which stays the same when it is written anew."""
    rows = await conn.execute(
        """
        insert into course_chapters
          (course_id, chapter_number, title, summary, objectives, content, body, word_count)
        values (%s, %s, %s, %s, %s, %s, %s, %s)
        on conflict (course_id, chapter_number) do update
        set title = excluded.title, summary = excluded.summary, objectives = excluded.objectives,
            content = excluded.content, body = excluded.body, word_count = excluded.word_count
        returning id
        """,
        (
            course_id,
            chapter.number,
            chapter.title,
            summary,
            Jsonb(list(chapter.objectives)),
            chapter.markdown,
            as_json(chapter),
            chapter.words,
        ),
    )
    row = await rows.fetchone()
    if row is None:  # an upsert without a condition always has a row
        raise AssertionError
    return row["id"]


async def get(conn: Connection, course_id: UUID, number: int) -> Chapter | None:
    """The chapter with that number; None while it is not written."""
    rows = await conn.execute(
        "select body from course_chapters where course_id = %s and chapter_number = %s",
        (course_id, number),
    )
    row = await rows.fetchone()
    return None if row is None else Chapter.model_validate(row["body"])


async def list_all(conn: Connection, course_id: UUID) -> list[Chapter]:
    """The chapters that are written, in order."""
    rows = await conn.execute(
        "select body from course_chapters where course_id = %s order by chapter_number",
        (course_id,),
    )
    return [Chapter.model_validate(row["body"]) for row in await rows.fetchall()]


async def ids(conn: Connection, course_id: UUID) -> dict[int, UUID]:
    """The ids of the chapters that are written, by number."""
    rows = await conn.execute(
        "select chapter_number, id from course_chapters where course_id = %s"
        " order by chapter_number",
        (course_id,),
    )
    return {row["chapter_number"]: row["id"] for row in await rows.fetchall()}
