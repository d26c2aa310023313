"""Attempts to sign in that are counted at the same moment."""

import asyncio
from datetime import UTC, datetime

from coursewright.database import attempts
from coursewright.database.pool import Database

LESSER, GREATER = b"\x01" * 32, b"\x02" * 32
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


async def test_a_success_and_an_attempt_at_once_do_not_wait_for_each_other(
    database: Database,
) -> None:
    """The account's number is the greater one here: whoever counts begins with the network's."""

    async def forgiven() -> None:
        async with database.as_system() as conn:
            await attempts.forgive(conn, GREATER, LESSER, at=NOW)

    async with database.as_system() as conn:
        for subject in (LESSER, GREATER):
            await attempts.lock(conn, subject, at=NOW)
            await attempts.put(conn, subject, 3, at=NOW)
    async with asyncio.timeout(20), database.as_system() as conn:
        await attempts.lock(conn, LESSER, at=NOW)
        forgiving = asyncio.create_task(forgiven())
        await asyncio.sleep(0.3)
        found = await attempts.lock(conn, GREATER, at=NOW)
        assert found.failures == 3
    await forgiving


async def test_who_waits_for_a_success_counts_from_nought(database: Database) -> None:
    async def counted() -> attempts.Attempts:
        async with database.as_system() as conn:
            return await attempts.lock(conn, GREATER, at=NOW)

    async with database.as_system() as conn:
        await attempts.lock(conn, GREATER, at=NOW)
        await attempts.put(conn, GREATER, 3, at=NOW)
    async with asyncio.timeout(20), database.as_system() as conn:
        await attempts.lock(conn, GREATER, at=NOW)
        waiting = asyncio.create_task(counted())
        await asyncio.sleep(0.3)
        await attempts.forgive(conn, GREATER, LESSER, at=NOW)
    assert (await waiting).failures == 0
