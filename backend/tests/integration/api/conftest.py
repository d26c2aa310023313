"""The service for the tests of the HTTP API."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from support.service import Service, open_service, settings_for


@pytest.fixture
async def service(database_url: str, tmp_path: Path) -> AsyncIterator[Service]:
    """A service that takes uploads of at most 2 MB."""
    async with open_service(settings_for(database_url, tmp_path, max_source_mb=2)) as opened:
        yield opened
