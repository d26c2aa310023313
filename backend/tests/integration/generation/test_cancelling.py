"""A worker that is told to end in any moment of its start does end."""

import asyncio
import time

import pytest

from coursewright.database.pool import Database
from coursewright.generation.queue import PieceQueue
from coursewright.generation.work import Work
from support.workshop import Workshop

TURNS = 120
"""Turns of the event loop: more than a worker takes until it waits for its first job."""


@pytest.mark.parametrize("remainder", range(3))
async def test_a_worker_ends_in_whatever_turn_of_the_loop_it_is_cancelled(
    workshop: Workshop, database: Database, remainder: int
) -> None:
    """Python 3.11 may lose a cancellation that comes together with the answer to a query."""
    for turn in range(remainder, TURNS, 3):
        queue = PieceQueue(database.pool)
        await queue.open()
        work = Work(queue, workshop.workflow, concurrency=2, alone=False)
        working = asyncio.create_task(work.run())
        for _ in range(turn):
            time.sleep(0.001)  # noqa: ASYNC251 - so that each answer is there in the next turn
            await asyncio.sleep(0)
        working.cancel()
        done, _ = await asyncio.wait([working], timeout=8)
        assert done, f"cancelled in turn {turn}, and still working"
        assert working.cancelled()
        await queue.close()
