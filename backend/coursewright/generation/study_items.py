"""What flashcards, questions and glossaries have in common: made of one chapter, like no other."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar
from uuid import UUID

from coursewright.authors.author import Written
from coursewright.course.brief import Brief
from coursewright.course.chapter import Chapter
from coursewright.course.sources import Material
from coursewright.course.study import StudyItem
from coursewright.database.pieces import Outcome
from coursewright.database.pool import Connection
from coursewright.generation.chapters import chapter_of
from coursewright.generation.made import Made, Order, Store

T = TypeVar("T", bound=StudyItem)


async def make_items(
    order: Order,
    *,
    write: Callable[[Brief, Chapter, Material], Awaitable[Written[tuple[T, ...]]]],
    judge: Callable[[Written[tuple[T, ...]], Chapter, Sequence[T]], Made[tuple[T, ...]]],
    list_all: Callable[[Connection, UUID], Awaitable[Sequence[T]]],
    replace: Callable[[Connection, UUID, int, Sequence[T]], Awaitable[None]],
) -> Store:
    """Lets the author write without a transaction; judges and stores in the one that publishes,
    which sees what all other chapters have published (docs/decisions/0003).
    """
    async with order.read() as conn:
        chapter = await chapter_of(order, conn)
    written = await write(order.brief, chapter, await order.material())

    async def store(conn: Connection) -> Outcome:
        every = await list_all(conn, order.course_id)
        others = [item for item in every if item.chapter != order.number]
        made = judge(written, chapter, others)
        await replace(conn, order.course_id, order.number, made.value)
        return made.outcome(order.author.name)

    return store
