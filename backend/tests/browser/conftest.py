"""A real Chromium on a real service. Both are opened once a module: its tests share a loop."""

import os
import shutil
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect
from psycopg import sql

from coursewright.database.embedded import EmbeddedPostgres
from support.service import Service, open_service, settings_for
from support.visit import Visit

NAMES = ("chromium", "chromium-browser", "google-chrome")
TOPIC = "Machine Learning Basics"


@pytest.fixture(scope="module")
def module_url(postgres: EmbeddedPostgres, template: str) -> Iterator[str]:
    """The address of a fresh, migrated database."""
    name = f"browser_{uuid4().hex}"
    names = (sql.Identifier(name), sql.Identifier(template))
    with psycopg.connect(postgres.admin_url("postgres"), autocommit=True) as admin:
        admin.execute(sql.SQL("create database {} template {}").format(*names))
    yield postgres.url(name)
    with psycopg.connect(postgres.admin_url("postgres"), autocommit=True) as admin:
        admin.execute(sql.SQL("drop database {} with (force)").format(names[0]))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(
    module_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Service]:
    """A service that takes documents of at most 2 MB."""
    folder = tmp_path_factory.mktemp("service")
    async with open_service(settings_for(module_url, folder, max_source_mb=2)) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def course(service: Service) -> dict[str, Any]:
    """A finished course, to be read and played with, not to be changed."""
    return await service.settled(await service.order(TOPIC, chapters=3))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """Chromium: the one that COURSEWRIGHT_CHROMIUM names, or the one on the PATH."""
    named = os.environ.get("COURSEWRIGHT_CHROMIUM")
    found = named or next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.fail("there is no Chromium: tools/chromium.sh installs it", pytrace=False)
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield opened
        await opened.close()


@asynccontextmanager
async def visiting(
    browser: Browser,
    address: str,
    *,
    width: int = 1200,
    scheme: Literal["light", "dark"] = "light",
    scripts: bool = True,
) -> AsyncGenerator[Visit]:
    """A visitor. Any error in the console (one of the security policy is one), and any request
    to another host, is a failure.
    """
    context = await browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme=scheme,
        java_script_enabled=scripts,
        reduced_motion="reduce",
    )
    page = await context.new_page()
    page.set_default_timeout(20_000)
    expect.set_options(timeout=20_000)  # machines of tests can be slow
    visitor = Visit(page, address)
    page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
    page.on(
        "console",
        lambda said: visitor.complaints.append(said.text) if said.type == "error" else None,
    )
    page.on(
        "request",
        lambda request: (
            None
            if urlsplit(request.url).netloc in {urlsplit(address).netloc, ""}
            else visitor.complaints.append(f"asked for {request.url}")
        ),
    )
    yield visitor
    await context.close()
    assert visitor.complaints == []


@pytest_asyncio.fixture(loop_scope="module")
async def visit(service: Service, browser: Browser) -> AsyncIterator[Visit]:
    """A visitor on a screen of usual size."""
    async with visiting(browser, service.address) as visitor:
        yield visitor


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """A small document in Markdown."""
    words = " ".join(
        f"A quant{letter} is a made-up thing of kind {letter} that stands in this text alone."
        for letter in "abcdefghijklmnopqrst"
    )
    path = tmp_path / "notes.md"
    path.write_text(f"# Notes on quants\n\n{words}\n")
    return path
