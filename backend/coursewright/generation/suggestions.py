"""Suggestions: what to learn next."""

from collections.abc import Sequence

from coursewright.authors.author import Author
from coursewright.course.article import Suggestion
from coursewright.course.brief import Brief
from coursewright.course.chapter import Chapter
from coursewright.course.errors import TooLittle
from coursewright.course.outline import Outline
from coursewright.course.study import GlossaryTerm
from coursewright.database import chapters, study_items, suggestions
from coursewright.database.pieces import Outcome
from coursewright.database.pool import Connection
from coursewright.generation.chapters import outline_of
from coursewright.generation.made import Made, Order, Store


async def generate_suggestions(
    author: Author,
    brief: Brief,
    outline: Outline,
    chapters_made: Sequence[Chapter],
    glossary: Sequence[GlossaryTerm],
) -> Made[tuple[Suggestion, ...]]:
    """Ideas for the next course. Raises `TooLittle` when there is not a single one."""
    written = await author.suggestions(brief, outline, tuple(chapters_made), tuple(glossary))
    if not written.value:
        raise TooLittle("the course leaves nothing open that could be suggested")
    return Made(value=written.value, usage=written.usage, items=len(written.value))


async def make(order: Order) -> Store:
    """Makes the suggestions of the course."""
    async with order.read() as conn:
        outline = await outline_of(order, conn)
        chapters_made = await chapters.list_all(conn, order.course_id)
        glossary = await study_items.list_glossary(conn, order.course_id)
    made = await generate_suggestions(order.author, order.brief, outline, chapters_made, glossary)

    async def store(conn: Connection) -> Outcome:
        await suggestions.replace(conn, order.course_id, made.value)
        return made.outcome(order.author.name)

    return store
