"""Fixtures for all tests: a Postgres for each test process, a fresh database for each test."""

import asyncio
import logging
import re
import shutil
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
import structlog
from psycopg import sql

from coursewright.database import embedded
from coursewright.database.embedded import EmbeddedPostgres
from coursewright.database.migrate import migrate
from coursewright.database.pool import Database
from support.databases import admin, copied

# Shells start background jobs with Ctrl-C ignored, and the programs under test would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)

TEMPLATE = "coursewright_template"

MakeUser = Callable[..., Awaitable[UUID]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """No test is named by the time: xdist stops where its processes were a second apart."""
    now = time.time()
    for item in items:
        if any(abs(int(found) - now) < 1e7 for found in re.findall(r"\d{10}", item.name)):
            message = f"{item.nodeid} is named by the time, which is another in each process"
            raise pytest.UsageError(message)


def _folder() -> Path:
    # Not pytest's tmp_path: that is private to root, and Postgres does not run as root.
    folder = Path(tempfile.mkdtemp(prefix="coursewright-test-")).resolve()
    folder.chmod(0o711)
    return folder


@pytest.fixture(autouse=True)
def _logging() -> Iterator[None]:
    """A command that sets up logging in a test's own process does so for that test alone."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    if structlog.is_configured():
        structlog.reset_defaults()
        root.handlers[:] = handlers
        root.setLevel(level)


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """An empty data folder in which an embedded Postgres can run, whoever runs the tests."""
    folder = _folder()
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """The server of this test process (each worker of xdist has its own)."""
    folder = _folder()
    # What is in it need not survive a crash of the machine.
    quick = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    server = asyncio.run(embedded.start(folder, settings=quick))
    yield server
    asyncio.run(server.stop())
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def template(postgres: EmbeddedPostgres) -> str:
    """The name of a database with all migrations applied, from which others are copied."""
    with admin(postgres) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(TEMPLATE)))
    asyncio.run(_prepare(postgres))
    return TEMPLATE


@pytest.fixture
def database_url(postgres: EmbeddedPostgres, template: str) -> Iterator[str]:
    """The address of a fresh, migrated database, as the program uses it."""
    with copied(postgres, template) as name:
        yield postgres.url(name)


@pytest.fixture
def admin_url(database_url: str) -> str:
    """The address of the same database, for a superuser."""
    return database_url.replace("coursewright_app@", "postgres@")


@pytest.fixture
def empty_url(postgres: EmbeddedPostgres) -> Iterator[str]:
    """The address of an empty database, for a superuser."""
    with copied(postgres, "template0") as name:
        yield postgres.admin_url(name)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An open pool on a fresh database."""
    opened = await Database.open(database_url)
    yield opened
    await opened.close()


@pytest.fixture
def make_user(admin_url: str) -> MakeUser:
    """Makes a user and gives back the id: `await make_user()`."""

    async def make(email: str | None = None) -> UUID:
        user_id = uuid4()
        async with await psycopg.AsyncConnection.connect(admin_url) as admin:
            await admin.execute(
                "insert into auth.users (id, email) values (%s, %s)",
                (user_id, email or f"{user_id}@example.org"),
            )
        return user_id

    return make


async def _prepare(postgres: EmbeddedPostgres) -> None:
    await migrate(postgres.admin_url(TEMPLATE))
    await postgres.let_app_in()
