"""The same on Postgres 15, and with a login that is no superuser, as on a rented database."""

import asyncio
from collections.abc import Iterator
from uuid import UUID, uuid4

import psycopg
import pytest
from procrastinate import App, PsycopgConnector
from psycopg import sql

from coursewright.database.migrate import FOLDER, migrate, read_folder
from coursewright.database.pool import Database, configure


@pytest.fixture
def owner_url(postgres15_url: str) -> Iterator[str]:
    """The address for a login that owns the database and may make roles, and no more."""
    name = f"owner_{uuid4().hex[:8]}"
    identifier = sql.Identifier(name)
    with psycopg.connect(postgres15_url, autocommit=True) as admin:
        database = sql.Identifier(admin.info.dbname)
        admin.execute(sql.SQL("create role {} login createrole").format(identifier))
        admin.execute(sql.SQL("alter database {} owner to {}").format(database, identifier))
        admin.execute(sql.SQL("alter schema public owner to {}").format(identifier))
    yield postgres15_url.replace("postgres@", f"{name}@")
    with psycopg.connect(postgres15_url, autocommit=True) as admin:
        admin.execute(sql.SQL("drop owned by {} cascade").format(identifier))
        admin.execute(sql.SQL("alter database {} owner to postgres").format(database))
        admin.execute(sql.SQL("drop role {}").format(identifier))


async def test_migrations_apply_as_a_superuser(postgres15_url: str) -> None:
    done = await migrate(postgres15_url)
    assert done[: len(read_folder(FOLDER))] == [each.name for each in read_folder(FOLDER)]
    assert await migrate(postgres15_url) == []


async def test_everything_works_with_a_login_that_only_owns_the_database(owner_url: str) -> None:
    await migrate(owner_url)
    made: list[int] = []
    app = App(connector=PsycopgConnector(conninfo=owner_url, configure=configure))

    @app.task(name="make")
    async def make(number: int) -> None:  # pyright: ignore[reportUnusedFunction] - called by name
        made.append(number)

    async with await Database.open(owner_url) as database, app.open_async():
        user = UUID(int=5)
        async with database.as_user(user) as connection:
            row = await (
                await connection.execute("select current_user::text, auth.uid()")
            ).fetchone()
        assert row == {"current_user": "authenticated", "uid": user}
        async with database.as_service(user) as connection:
            await app.configure_task("make", connection=connection).defer_async(number=3)
        async with asyncio.timeout(20):
            await app.run_worker_async(wait=False, install_signal_handlers=False)
    assert made == [3]
