"""The work of dead workers is taken back by one process at a time."""

import psycopg

from coursewright.database import stalled
from coursewright.database.pool import Database


async def test_of_two_that_look_at_once_one_has_its_turn(
    database: Database, database_url: str
) -> None:
    other = await Database.open(database_url)
    try:
        async with (
            stalled.turn(database.pool, silent=0) as first,
            stalled.turn(other.pool, silent=0) as second,
        ):
            assert (first, second) == (True, False)
        async with stalled.turn(other.pool, silent=0) as afterwards:
            assert afterwards
    finally:
        await other.close()


async def test_nobody_counts_as_dead_before_the_server_is_up_for_as_long(
    database: Database, admin_url: str
) -> None:
    async with await psycopg.AsyncConnection.connect(admin_url) as admin:
        row = await (
            await admin.execute(
                "select extract(epoch from now() - pg_postmaster_start_time())::float8"
            )
        ).fetchone()
    assert row is not None
    for silent, mine in ((row[0] + 3600, False), (0.0, True)):
        async with stalled.turn(database.pool, silent=silent) as turn:
            assert turn is mine
