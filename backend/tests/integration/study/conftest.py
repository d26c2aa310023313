"""Learners on a real database."""

from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

import pytest

from coursewright.database.pool import Database
from coursewright.study import Study
from support.desk import START, Desk, OpenDesk

MakeUser = Callable[..., Awaitable[UUID]]


@pytest.fixture
def open_desk(database: Database, make_user: MakeUser) -> OpenDesk:
    """A desk for one more learner, with a clock of its own."""

    async def desk() -> Desk:
        clock = [START]
        study = Study.on(database, now=lambda: clock[0], new_id=uuid4)
        return Desk(database, study, await make_user(), clock)

    return desk


@pytest.fixture
async def desk(open_desk: OpenDesk) -> Desk:
    return await open_desk()
