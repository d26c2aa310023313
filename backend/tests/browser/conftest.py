"""A real Chromium on a real service."""

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

from support.service import Service, open_service, settings_for
from support.visit import Visit

NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture
async def service(database_url: str, tmp_path: Path) -> AsyncIterator[Service]:
    """A service with an empty database."""
    async with open_service(settings_for(database_url, tmp_path)) as opened:
        yield opened


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Chromium. Without one the test is skipped, in CI it fails: tools/chromium.sh installs it."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        complain = pytest.fail if os.environ.get("CI") else pytest.skip
        complain("there is no Chromium; tools/chromium.sh installs one")
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield opened
        await opened.close()


@pytest.fixture
async def visit(service: Service, browser: Browser) -> AsyncIterator[Visit]:
    """A visitor. Any error in the console, one of the security policy included, is a failure."""
    context = await browser.new_context(viewport={"width": 1200, "height": 800})
    page = await context.new_page()
    page.set_default_timeout(15_000)
    visitor = Visit(page, service.address)
    page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
    page.on(
        "console",
        lambda said: visitor.complaints.append(said.text) if said.type == "error" else None,
    )
    yield visitor
    await context.close()
    assert visitor.complaints == []
