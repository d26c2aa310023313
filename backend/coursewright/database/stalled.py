"""Who takes back the work of dead workers: one process at a time, each job once."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from psycopg_pool import AsyncConnectionPool

_LOCK = 0x636F7572_7374616C
"""Of `pg_try_advisory_xact_lock`: any number, as long as nobody else in the database uses it."""


@asynccontextmanager
async def turn(pool: AsyncConnectionPool[Any], *, silent: float) -> AsyncGenerator[bool]:
    """Whether it is for this process, and at this moment, to look for workers that are dead.

    Two that look at once find the same jobs, and the second would queue again what a worker has
    begun meanwhile. And while Postgres was away nobody could give a sign of life: whoever has been
    `silent` for that many seconds counts as dead only when the server has been up for as long.
    """
    async with pool.connection() as conn, conn.transaction():
        rows = await conn.execute(
            "select pg_try_advisory_xact_lock(%s)"
            " and now() - pg_postmaster_start_time() >= make_interval(secs => %s) as mine",
            (_LOCK, silent),
        )
        row = await rows.fetchone()
        yield bool(row and row["mine"])
