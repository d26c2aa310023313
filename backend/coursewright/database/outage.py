"""When the database is gone: telling it from other errors, waiting, going on."""

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import psycopg

from coursewright.course.base import Value
from coursewright.course.errors import CoursewrightError, Unavailable

T = TypeVar("T")

PAUSES: Sequence[float] = (0.1, 0.2, 0.5, 1.0, 2.0)
"""Seconds between attempts; the last one is repeated."""

_GONE = frozenset({"57P01", "57P02", "57P03", "57P05", "53300"})
"""Shutting down, crashed, starting up, idle too long, too many connections
(postgresql.org, appendix A: error codes). Class 08 is the connection itself."""
_FULL = frozenset({"53100", "53200", "58030"})
"""Disk full, out of memory, input or output error."""


class DatabaseGone(Unavailable):
    """The database does not answer; what was asked for may be asked for again."""


class DatabaseFull(DatabaseGone):
    """The database has no room. Who makes pieces waits for it; who gives orders is told."""


class Crowded(DatabaseGone):
    """The database answers others; all of our connections to it are in use."""


class Waiting(Value):
    """What is told while the database is waited for."""

    attempt: int
    """How often it was tried, from 1."""
    waited: float
    """Seconds since it was first found to be gone."""
    pause: float
    """Seconds until the next attempt."""
    reason: str


OnWait = Callable[[Waiting], None]
Revive = Callable[[], Awaitable[None]]


def translate(error: Exception) -> CoursewrightError | None:
    """Our error for an outage; None for every other error, which is its raiser's matter.

    Libraries above psycopg wrap its errors (the queue does): then the cause counts.
    """
    found: BaseException | None = error
    while found is not None and not isinstance(found, psycopg.Error | CoursewrightError):
        found = found.__cause__
    if not isinstance(found, psycopg.OperationalError):
        return None
    state = found.sqlstate
    if state in _FULL:
        return DatabaseFull(
            f"The database cannot store: {_first_line(found)}.",
            hint="Free some space on its disk; what was stored before is not damaged.",
        )
    if state is None or state.startswith("08") or state in _GONE:
        return DatabaseGone(f"The database does not answer: {_first_line(found)}.", hint=_hint())
    return None


async def retrying(
    operation: Callable[[], Awaitable[T]],
    *,
    on_wait: OnWait | None = None,
    revive: Revive | None = None,
    pauses: Sequence[float] = PAUSES,
    give_up_after: float | None = None,
) -> T:
    """Runs `operation`; while the database is gone it waits, says so, and tries again.

    The operation must bear being run twice: an answer can be lost after its transaction was
    committed. Only `DatabaseGone` is waited for; any other error goes to the caller at once.

    Args:
        operation: usually one transaction.
        on_wait: told before each pause.
        revive: run before each new attempt, such as `EmbeddedPostgres.ensure_running`.
        pauses: seconds between attempts; the last one is repeated.
        give_up_after: seconds after which the last error is raised; None waits for ever.
    """
    began: float | None = None
    for attempt in itertools.count(1):
        try:
            if began is not None and revive is not None:
                await _revive(revive)
            return await operation()
        except DatabaseGone as error:
            stop_if_cancelled(error)
            now = time.monotonic()
            began = now if began is None else began
            if give_up_after is not None and now - began >= give_up_after:
                raise
            pause = pauses[min(attempt, len(pauses)) - 1]
            if on_wait is not None:
                waited = now - began
                on_wait(Waiting(attempt=attempt, waited=waited, pause=pause, reason=error.message))
        await asyncio.sleep(pause)
    raise AssertionError("unreachable")


def stop_if_cancelled(error: Exception | None = None) -> None:
    """Raises `CancelledError` in a task that is being cancelled; for loops around queries.

    A query that is cancelled may end with an error of its connection instead, and who takes that
    for an outage goes on for ever. It may even end well: up to Python 3.11 `asyncio.wait_for`,
    with which psycopg's pool waits, loses a cancellation that comes together with what it waited
    for (python/cpython#86296).
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError from error


async def wait_until_up(
    url: str,
    *,
    on_wait: OnWait | None = None,
    revive: Revive | None = None,
    pauses: Sequence[float] = PAUSES,
    give_up_after: float | None = None,
) -> None:
    """Returns when the database at `url` answers a query."""

    async def ask() -> None:
        try:
            async with await psycopg.AsyncConnection.connect(url, connect_timeout=5) as connection:
                await connection.execute("select 1")
        except psycopg.OperationalError as error:
            raise translate(error) or error from error

    await retrying(ask, on_wait=on_wait, revive=revive, pauses=pauses, give_up_after=give_up_after)


async def _revive(revive: Revive) -> None:
    try:
        await revive()
    except Unavailable as error:
        raise DatabaseGone(error.message, hint=error.hint) from error


def _first_line(error: Exception) -> str:
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0].rstrip(".")


def _hint() -> str:
    return "Is it running? `coursewright doctor` tells what is wrong; it is safe to try again."
