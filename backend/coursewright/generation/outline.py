"""The outline: which chapters there will be, and what each is to achieve."""

from coursewright.authors.author import Author
from coursewright.course.brief import Brief
from coursewright.course.outline import Outline
from coursewright.course.sources import Material
from coursewright.database import courses, pieces
from coursewright.database.pieces import Outcome
from coursewright.database.pool import Connection
from coursewright.database.revisions import Cause
from coursewright.generation.contents import keep_dropped
from coursewright.generation.made import Made, Order, Store
from coursewright.generation.plan import OUTLINE, plan_course


async def generate_outline(author: Author, brief: Brief, material: Material) -> Made[Outline]:
    """The plan of the course. Raises `TooLittle` when the sources do not carry one."""
    written = await author.outline(brief, material)
    return Made(
        value=written.value,
        usage=written.usage,
        items=len(written.value.chapters),
        wanted=brief.chapters,
    )


async def make(order: Order) -> Store:
    """Makes the outline and plans all that follows from it."""
    made = await generate_outline(order.author, order.brief, await order.material())

    async def store(conn: Connection) -> Outcome:
        plans = plan_course(made.value, in_order=order.author.in_order)
        keys = [plan.key for plan in plans]
        await keep_dropped(
            conn, order.course_id, made.value, user_id=order.user_id, cause=Cause.REGENERATE
        )
        await courses.set_outline(conn, order.course_id, made.value)
        await pieces.remove_except(conn, order.course_id, [OUTLINE.key, *keys])
        await pieces.insert(conn, order.course_id, plans)
        if order.brief.edit_outline:
            await pieces.hold(conn, order.course_id, keys)
        else:
            await pieces.reopen(conn, order.course_id, keys)
        return made.outcome(order.author.name)

    return store
