"""Rows that have grown old, over all users: counted or deleted, a few thousand at a time."""

from datetime import datetime, timedelta
from typing import LiteralString

from coursewright.course.base import Value
from coursewright.database.pool import Connection, Database

_LOCK = 6_072_026_112_302
"""Of `pg_advisory_xact_lock`: only one process at a time sweeps."""
_BATCH = 5_000
"""Rows of one transaction: nobody waits for long for a row of them."""


class Keep(Value):
    """How many days things are kept; None is for ever."""

    events_days: int | None = None
    """Of courses that are not being made: they only tell how it went."""
    calls_days: int | None = None
    """The ledger of model calls, and with it what the calls of that time have cost."""
    ended_days: int | None = None
    """Courses that failed or were cancelled, from their last change on."""


class Swept(Value):
    """How many rows were too old."""

    events: int = 0
    calls: int = 0
    courses: int = 0


_USAGE_DAYS = 7
"""Days of `user_usage` that are kept, of which only today's counts."""
_OLD: dict[str, tuple[LiteralString, LiteralString]] = {
    "events": (
        "public.course_events",
        (
            "created_at < %(before)s and course_id in"
            " (select id from public.courses where status <> 'generating')"
        ),
    ),
    "calls": ("public.model_calls", "created_at < %(before)s"),
    "courses": (
        "public.courses",
        "status in ('failed', 'cancelled') and updated_at < %(before)s",
    ),
}


async def sweep(database: Database, keep: Keep, *, now: datetime, dry_run: bool = False) -> Swept:
    """Deletes what is older than it may become; with `dry_run` it is only counted.

    Two at once do not get into each other's way: the second finds nothing to do. Raises
    `DatabaseGone`; what was deleted until then stays so, and the rest follows the next time.
    """
    found: dict[str, int] = {}
    days = {"events": keep.events_days, "calls": keep.calls_days, "courses": keep.ended_days}
    for name, age in days.items():
        if age is not None:
            before = now - timedelta(days=age)
            found[name] = (
                await _count(database, name, before)
                if dry_run
                else await _delete(database, name, before)
            )
    if not dry_run:
        async with database.as_keeper() as conn:
            if await _is_alone(conn):
                await conn.execute(
                    "delete from coursewright_meta.user_usage where day < %s",
                    ((now - timedelta(days=_USAGE_DAYS)).date(),),
                )
    return Swept.model_validate(found)


async def is_due(database: Database, *, every: timedelta) -> bool:
    """Whether nobody has swept for that long; then it is the caller's turn, and nobody else's."""
    async with database.as_keeper() as conn:
        result = await conn.execute(
            "update coursewright_meta.sweeps set swept_at = clock_timestamp()"
            " where swept_at < clock_timestamp() - %s",
            (every,),
        )
        return result.rowcount == 1


async def _count(database: Database, name: str, before: datetime) -> int:
    table, condition = _OLD[name]
    async with database.as_keeper() as conn:
        rows = await conn.execute(
            f"select count(*) as old from {table} where {condition}",  # noqa: S608 - constants
            {"before": before},
        )
        row = await rows.fetchone()
    return 0 if row is None else int(row["old"])


async def _delete(database: Database, name: str, before: datetime) -> int:
    table, condition = _OLD[name]
    deleted = 0
    while True:
        async with database.as_keeper() as conn:
            if not await _is_alone(conn):
                return deleted
            result = await conn.execute(
                f"delete from {table} where id in"  # noqa: S608 - constants
                f" (select id from {table} where {condition} limit %(many)s)",
                {"before": before, "many": _BATCH},
            )
        deleted += result.rowcount
        if result.rowcount < _BATCH:
            return deleted


async def _is_alone(conn: Connection) -> bool:
    rows = await conn.execute("select pg_try_advisory_xact_lock(%s) as alone", (_LOCK,))
    row = await rows.fetchone()
    return row is not None and bool(row["alone"])
