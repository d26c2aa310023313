"""Notifications: one connection, many readers, across a break."""

import asyncio
from typing import cast

import psycopg
import pytest

from coursewright.database.listener import Listener, Notice, Notices
from coursewright.database.pool import Database


async def notify(url: str, *payloads: str) -> None:
    async with await psycopg.AsyncConnection.connect(url) as connection:
        for payload in payloads:
            await connection.execute("select pg_notify('news', %s)", (payload,))


async def take(notices: Notices, count: int) -> list[str | None]:
    async with asyncio.timeout(10):
        return [(await anext(notices)).payload for _ in range(count)]


async def connections(admin_url: str) -> int:
    async with await psycopg.AsyncConnection.connect(admin_url) as admin:
        found = await admin.execute(
            "select count(*) from pg_stat_activity "
            "where datname = current_database() and application_name = 'coursewright listen'"
        )
        return cast("tuple[int]", await found.fetchone())[0]


async def test_all_readers_get_all_of_it_in_order_over_one_connection(
    database: Database, admin_url: str
) -> None:
    async with (
        database.listen("news") as one,
        database.listen("news") as two,
        database.listen("news") as three,
    ):
        assert await connections(admin_url) == 1
        sent = [f"{number}" for number in range(200)]
        await notify(admin_url, *sent)
        assert await take(one, 200) == sent
        assert await take(two, 200) == sent
        assert await take(three, 200) == sent
    await asyncio.sleep(0.1)
    assert await connections(admin_url) == 0


async def test_what_is_committed_after_entering_is_never_missed(
    database: Database, admin_url: str
) -> None:
    for number in range(10):
        async with database.listen("news") as notices:
            await notify(admin_url, f"{number}")
            assert await take(notices, 1) == [f"{number}"]


async def test_what_is_rolled_back_is_never_told(database: Database, admin_url: str) -> None:
    async with database.listen("news") as notices:
        with pytest.raises(ValueError, match="no"):  # noqa: PT012 - the block is the transaction
            async with database.as_system() as connection:
                await connection.execute("select pg_notify('news', 'rolled back')")
                raise ValueError("no")
        await notify(admin_url, "committed")
        assert await take(notices, 1) == ["committed"]


async def test_a_broken_connection_is_made_anew_and_readers_are_told(
    database: Database, admin_url: str
) -> None:
    async with database.listen("news") as notices:
        async with await psycopg.AsyncConnection.connect(admin_url) as admin:
            await admin.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where application_name = 'coursewright listen' and datname = current_database()"
            )
        assert await take(notices, 1) == [None]
        await notify(admin_url, "after")
        assert await take(notices, 1) == ["after"]


async def test_a_slow_reader_is_told_to_look_into_the_tables(
    database: Database, admin_url: str
) -> None:
    async with database.listen("news") as slow, database.listen("news") as quick:
        reading = asyncio.create_task(take(quick, 1500))
        await notify(admin_url, *(f"{number}" for number in range(1500)))
        # PostgreSQL hands them over in one go, so even the quick one may be overrun once.
        await asyncio.sleep(0.5)
        reading.cancel()
        first = await take(slow, 1)
    assert first == [None]


async def test_closing_ends_the_readers(database_url: str) -> None:
    listener = Listener(database_url, "news")
    async with listener.subscribe() as notices:
        waiting = asyncio.create_task(_all(notices))
        await asyncio.sleep(0)
        await listener.close()
        async with asyncio.timeout(5):
            assert await waiting == []


async def _all(notices: Notices) -> list[Notice]:
    return [notice async for notice in notices]


async def test_a_channel_name_is_no_sql(database: Database, admin_url: str) -> None:
    channel = 'news"; drop table courses; --'
    async with database.listen(channel) as notices:
        async with await psycopg.AsyncConnection.connect(admin_url) as connection:
            await connection.execute("select pg_notify(%s, 'here')", (channel,))
        assert await take(notices, 1) == ["here"]
    async with await psycopg.AsyncConnection.connect(admin_url) as admin:
        await admin.execute("select count(*) from courses")
