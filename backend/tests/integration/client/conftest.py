"""A service on a real port for the tests of the clients."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from support.service import Service, open_service, settings_for


@pytest.fixture
async def service(database_url: str, tmp_path: Path) -> AsyncIterator[Service]:
    """A service with a worker."""
    async with open_service(settings_for(database_url, tmp_path)) as opened:
        yield opened
