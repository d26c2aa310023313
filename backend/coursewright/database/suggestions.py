"""Suggestions for what to learn next."""

from collections.abc import Sequence
from uuid import UUID

from coursewright.course.article import Suggestion
from coursewright.database.pool import Connection


async def replace(conn: Connection, course_id: UUID, items: Sequence[Suggestion]) -> None:
    """Stores the suggestions of a course instead of those that it had."""
    await conn.execute("delete from course_suggestions where course_id = %s", (course_id,))
    async with conn.cursor() as cursor:
        await cursor.executemany(
            "insert into course_suggestions (course_id, position, topic, reason)"
            " values (%s, %s, %s, %s)",
            [(course_id, position, item.topic, item.reason) for position, item in enumerate(items)],
        )


async def list_all(conn: Connection, course_id: UUID) -> list[Suggestion]:
    """The suggestions, the best first."""
    rows = await conn.execute(
        "select topic, reason from course_suggestions where course_id = %s order by position",
        (course_id,),
    )
    return [Suggestion.model_validate(row) for row in await rows.fetchall()]
