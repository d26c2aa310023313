"""Many courses of one user do not keep another one's waiting."""

from uuid import UUID, uuid4

from coursewright.course.brief import Brief
from coursewright.course.pieces import PieceState
from coursewright.database import users
from coursewright.database.pool import Database
from support.workshop import Workshop, primer


async def orders(workshop: Workshop, user: UUID, courses: int) -> list[UUID]:
    brief = Brief.model_validate({"topic": "A topic", "chapters": 2})
    return [await workshop.commands.create(user, brief, primer()) for _ in range(courses)]


async def done(workshop: Workshop, user: UUID, courses: list[UUID]) -> int:
    pieces = [p for each in courses for p in await workshop.reading.pieces(user, each)]
    return sum(piece.state is PieceState.DONE for piece in pieces)


async def open_turns(database: Database, user: UUID) -> list[int]:
    async with database.as_system() as conn:
        rows = await conn.execute(
            "select priority from procrastinate_jobs where args ->> 'user_id' = %s order by id",
            (str(user),),
        )
        return [(-row["priority"] + 3) // 4 for row in await rows.fetchall()]


async def test_one_course_is_made_beside_the_fifty_of_somebody_else(workshop: Workshop) -> None:
    await workshop.dismiss()
    other = uuid4()
    await users.ensure(workshop.database, other)
    many = await orders(workshop, workshop.user, 50)
    [one] = await orders(workshop, other, 1)
    workshop.employ()
    made = await settled(workshop, other, one)
    beside = await done(workshop, workshop.user, many)
    await workshop.dismiss()

    assert made > 10
    # One of theirs for one of ours, and what the four hands took up while ours had nothing to do
    # because one piece waited for another. In the order of arrival it would be at least fifty
    # outlines and a hundred chapters.
    assert made / 2 <= beside <= 3 * made


async def settled(workshop: Workshop, user: UUID, course: UUID) -> int:
    """Waits until nothing of the course is open; how many pieces it has."""
    async for _ in workshop.reading.watch(user, course):
        pieces = await workshop.reading.pieces(user, course)
        if not any(piece.state.is_open for piece in pieces):
            return len(pieces)
    raise AssertionError


async def test_who_comes_later_begins_at_the_turn_that_is_served(workshop: Workshop) -> None:
    await workshop.dismiss()
    first, second, third = workshop.user, uuid4(), uuid4()
    for user in (second, third):
        await users.ensure(workshop.database, user)
    await orders(workshop, first, 5)
    await orders(workshop, second, 2)
    assert await open_turns(workshop.database, first) == [1, 2, 3, 4, 5]
    assert await open_turns(workshop.database, second) == [1, 2]

    async with workshop.database.as_system() as conn:
        await conn.execute("delete from procrastinate_jobs where priority > -10")
    await orders(workshop, third, 1)
    assert await open_turns(workshop.database, third) == [3]


async def test_who_has_cancelled_does_not_wait_for_what_was_cancelled(workshop: Workshop) -> None:
    await workshop.dismiss()
    other = uuid4()
    await users.ensure(workshop.database, other)
    await orders(workshop, other, 3)
    for course in await orders(workshop, workshop.user, 20):
        await workshop.commands.cancel(workshop.user, course)
    await orders(workshop, workshop.user, 1)
    assert (await open_turns(workshop.database, workshop.user))[-1] == 1


async def test_an_empty_queue_favours_nobody(workshop: Workshop) -> None:
    await workshop.dismiss()
    other = uuid4()
    await users.ensure(workshop.database, other)
    await orders(workshop, workshop.user, 9)
    async with workshop.database.as_system() as conn:
        await conn.execute("delete from procrastinate_jobs")
    await orders(workshop, other, 1)
    # Not turn 1, which would let them overtake all who were served before.
    assert await open_turns(workshop.database, other) == [10]
