"""What one user may order, kept while several orders are given at once."""

import asyncio
from uuid import uuid4

from coursewright.course.brief import Brief
from coursewright.generation.allowance import Allowance
from coursewright.generation.commands import Commands
from coursewright.generation.progress import Progress
from support.workshop import Workshop, now, primer


async def test_orders_of_all_kinds_do_not_wait_for_each_other(workshop: Workshop) -> None:
    course_id = await workshop.order(primer(), chapters=1)
    await workshop.settled(course_id)
    counted, go_on = asyncio.Event(), asyncio.Event()

    async def admit(_: Brief) -> None:
        counted.set()
        await go_on.wait()

    commands = Commands(
        workshop.database,
        Progress(workshop.queue, now=now),
        workshop.author,
        now=now,
        new_id=uuid4,
        admit=admit,
        allowance=Allowance(courses_a_day=100),
    )
    new = asyncio.create_task(
        commands.create(workshop.user, Brief(topic="Another", chapters=1), primer())
    )
    await counted.wait()  # it holds what is counted of the user's day
    again = asyncio.create_task(commands.regenerate(workshop.user, course_id, "flashcards/1"))
    await asyncio.sleep(0.3)  # as far as it comes
    go_on.set()

    await asyncio.gather(new, again)
    await workshop.settled(await new)
