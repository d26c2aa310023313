"""A whole workshop on a real database."""

from collections.abc import AsyncIterator

import pytest

from coursewright.database.pool import Database
from support.workshop import Workshop, open_workshop


@pytest.fixture
async def workshop(database: Database) -> AsyncIterator[Workshop]:
    """A workshop with one worker."""
    async with open_workshop(database) as opened:
        yield opened
