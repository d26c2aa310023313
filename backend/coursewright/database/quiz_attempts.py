"""Attempts at quizzes, each with its questions as they were."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from psycopg import sql

from coursewright.course.base import Value
from coursewright.database.pool import Connection
from coursewright.database.values import as_json_list, columns_of


class QuizItem(Value):
    """A question as it was when the attempt began."""

    id: UUID
    chapter: int
    stem: str
    options: tuple[str, ...]
    key: int
    """The index of the right option, from 0."""
    explanation: str


class Tried(Value):
    """What was answered to a question."""

    item: UUID
    chosen: tuple[int, ...]
    """Every option that was tried, in order; empty where the question was left open."""
    correct: bool
    """The first try."""
    right_on_retry: bool


class AttemptSummary(Value):
    """An attempt as one line of a list."""

    id: UUID
    course_id: UUID
    chapter_number: int | None
    """None for a quiz over the whole course."""
    score: int
    total: int
    milliseconds: int | None
    started_at: datetime
    finished_at: datetime | None


class Attempt(AttemptSummary):
    """A whole attempt."""

    items: tuple[QuizItem, ...]
    answers: tuple[Tried, ...]


class Best(Value):
    """How the quiz of a chapter went."""

    chapter_number: int | None
    attempts: int
    best: int
    """The highest score, in percent."""
    last: int


async def list_items(conn: Connection, course_id: UUID, number: int | None) -> list[QuizItem]:
    """The questions of a chapter, or of all chapters, in order."""
    rows = await conn.execute(
        """
        select q.id, c.chapter_number as chapter, q.question as stem, q.options,
          q.correct_index as key, q.explanation
        from course_mcqs q join course_chapters c on c.id = q.chapter_id
        where q.course_id = %(course)s
          and (%(number)s::integer is null or c.chapter_number = %(number)s)
        order by c.chapter_number, q.position, q.id
        """,
        {"course": course_id, "number": number},
    )
    return [QuizItem.model_validate(row) for row in await rows.fetchall()]


async def start(
    conn: Connection,
    user_id: UUID,
    *,
    attempt_id: UUID,
    course_id: UUID,
    chapter_id: UUID | None,
    number: int | None,
    items: Sequence[QuizItem],
    at: datetime,
) -> None:
    """Begins an attempt at these questions."""
    await conn.execute(
        """
        insert into quiz_attempts
          (id, user_id, course_id, chapter_id, chapter_number, items, total, started_at)
        values (%s, %s, %s, %s, %s, %s, %s, %s)
        """,
        (
            attempt_id,
            user_id,
            course_id,
            chapter_id,
            number,
            as_json_list(items),
            len(items),
            at,
        ),
    )


async def drop_stale(conn: Connection, before: datetime) -> None:
    """Deletes attempts of the signed-in user that began before then, with nothing answered."""
    await conn.execute(
        "delete from quiz_attempts"
        " where finished_at is null and answers = '[]' and started_at < %s",
        (before,),
    )


async def get(conn: Connection, attempt_id: UUID) -> Attempt | None:
    """The attempt, or None where there is none that the signed-in user may see."""
    query = sql.SQL("select {} from quiz_attempts where id = %s").format(columns_of(Attempt))
    row = await (await conn.execute(query, (attempt_id,))).fetchone()
    return None if row is None else Attempt.model_validate(row)


async def put_answers(
    conn: Connection, attempt_id: UUID, *, answers: Sequence[Tried], score: int
) -> None:
    """Stores how it goes, while it goes on."""
    await conn.execute(
        "update quiz_attempts set answers = %s, score = %s where id = %s",
        (as_json_list(answers), score, attempt_id),
    )


async def finish(
    conn: Connection,
    attempt_id: UUID,
    *,
    answers: Sequence[Tried],
    score: int,
    milliseconds: int,
    at: datetime,
) -> None:
    """Stores how it went."""
    await conn.execute(
        """
        update quiz_attempts
        set answers = %s, score = %s, milliseconds = %s, finished_at = %s where id = %s
        """,
        (as_json_list(answers), score, milliseconds, at, attempt_id),
    )


async def history(
    conn: Connection, course_id: UUID, *, number: int | None, limit: int, offset: int
) -> list[AttemptSummary]:
    """The attempts in a course, or at one chapter's quiz, the latest first."""
    query = sql.SQL(
        """
        select {} from quiz_attempts
        where course_id = %(course)s
          and (%(number)s::integer is null or chapter_number = %(number)s)
        order by started_at desc, id limit %(limit)s offset %(offset)s
        """
    ).format(columns_of(AttemptSummary))
    rows = await conn.execute(
        query, {"course": course_id, "number": number, "limit": limit, "offset": offset}
    )
    return [AttemptSummary.model_validate(row) for row in await rows.fetchall()]


async def best(conn: Connection, course_id: UUID) -> list[Best]:
    """How each quiz of a course went, the one over the whole course last."""
    rows = await conn.execute(
        """
        select chapter_number, count(*) as attempts,
          max(score * 100 / total) as best,
          (array_agg(score * 100 / total order by finished_at desc, id))[1] as last
        from quiz_attempts
        where course_id = %s and finished_at is not null and total > 0
        group by chapter_number order by chapter_number nulls last
        """,
        (course_id,),
    )
    return [Best.model_validate(row) for row in await rows.fetchall()]
