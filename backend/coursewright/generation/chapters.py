"""The chapters: what one reads."""

from coursewright.authors.author import Author
from coursewright.course.brief import Brief
from coursewright.course.chapter import Chapter
from coursewright.course.errors import Defect
from coursewright.course.outline import Outline
from coursewright.course.sources import Material
from coursewright.database import chapters, courses
from coursewright.database.pieces import Outcome
from coursewright.database.pool import Connection
from coursewright.generation.made import Made, Order, Store


async def generate_chapters(
    author: Author, brief: Brief, outline: Outline, material: Material, *, number: int
) -> Made[Chapter]:
    """The chapter with that number. A chapter needs only the outline: all are made in parallel."""
    written = await author.chapter(brief, outline, number, material)
    return Made(value=written.value, usage=written.usage)


async def make(order: Order) -> Store:
    """Makes one chapter."""
    async with order.read() as conn:
        outline = await outline_of(order, conn)
    made = await generate_chapters(
        order.author, order.brief, outline, await order.material(), number=order.number
    )

    async def store(conn: Connection) -> Outcome:
        summary = outline.chapter(order.number).summary
        await chapters.put(conn, order.course_id, made.value, summary=summary)
        return made.outcome(order.author.name)

    return store


async def outline_of(order: Order, conn: Connection) -> Outline:
    """The outline of the course that `order` belongs to."""
    row = await courses.get(conn, order.course_id)
    if row is None or row.outline is None:
        raise Defect(f"the piece {order.piece.key} was started before there was an outline")
    return row.outline


async def chapter_of(order: Order, conn: Connection) -> Chapter:
    """The chapter that `order` hangs on."""
    chapter = await chapters.get(conn, order.course_id, order.number)
    if chapter is None:
        raise Defect(f"the piece {order.piece.key} was started before there was its chapter")
    return chapter
