"""The queue on our connections: a job belongs to the transaction that defers it."""

import asyncio
import contextlib
from uuid import uuid4

import psycopg
import pytest
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException

from coursewright.database.pool import Connection, Database, configure


def make_app(url: str, made: list[int]) -> App:
    app = App(connector=PsycopgConnector(conninfo=url, configure=configure, min_size=1, max_size=4))

    @app.task(name="make")
    async def make(number: int) -> None:
        made.append(number)

    return app


async def defer(app: App, connection: Connection, number: int) -> None:
    await app.configure_task("make", connection=connection).defer_async(number=number)


async def run(app: App) -> None:
    async with asyncio.timeout(20):
        await app.run_worker_async(wait=False, install_signal_handlers=False, listen_notify=True)


async def test_a_job_deferred_in_a_transaction_of_the_service_is_worked_on(
    database: Database, database_url: str
) -> None:
    made: list[int] = []
    app = make_app(database_url, made)
    async with app.open_async():
        async with database.as_service(uuid4()) as connection:
            await defer(app, connection, 1)
        async with database.as_system() as connection:
            await defer(app, connection, 2)
        await run(app)
    assert made == [1, 2]


async def test_a_job_goes_with_its_transaction(database: Database, database_url: str) -> None:
    made: list[int] = []
    app = make_app(database_url, made)
    async with app.open_async():
        with pytest.raises(ValueError, match="my mind"):  # noqa: PT012 - the block is the transaction
            async with database.as_service(uuid4()) as connection:
                await defer(app, connection, 1)
                raise ValueError("changed my mind")
        await run(app)
    assert made == []


async def test_a_signed_in_user_cannot_defer(database: Database, database_url: str) -> None:
    app = make_app(database_url, [])
    async with app.open_async():
        with pytest.raises(ConnectorException) as caught:
            async with database.as_user(uuid4()) as connection:
                await defer(app, connection, 1)
    assert isinstance(caught.value.__cause__, psycopg.errors.UndefinedObject)
    assert "procrastinate_job_to_defer_v1" in str(caught.value.__cause__)


async def test_the_worker_shares_our_pool_and_wakes_up_at_once(database: Database) -> None:
    made: list[int] = []
    app = make_app("unused", made)
    async with app.open_async(database.pool):
        worker = asyncio.create_task(
            app.run_worker_async(
                install_signal_handlers=False, fetch_job_polling_interval=60, concurrency=2
            )
        )
        try:
            await asyncio.sleep(0.5)
            async with database.as_service(uuid4()) as connection:
                await defer(app, connection, 7)
            async with asyncio.timeout(5):
                while not made:  # noqa: ASYNC110 - another thread of control fills it
                    await asyncio.sleep(0.01)
        finally:
            worker.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await worker
    assert made == [7]
    async with database.as_system() as connection:
        row = await (
            await connection.execute("select status::text from procrastinate_jobs")
        ).fetchone()
    assert row == {"status": "succeeded"}
