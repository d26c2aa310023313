"""A worker: makes pieces for as long as the process lives, and outlives its database."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import psycopg
import structlog
from procrastinate.exceptions import ConnectorException

from coursewright.course.errors import Unavailable
from coursewright.database.outage import Revive, retrying, stop_if_cancelled
from coursewright.generation.queue import PieceQueue
from coursewright.generation.workflow import Workflow

log = structlog.get_logger()

HEARTBEAT = timedelta(seconds=10)
STALLED_AFTER = timedelta(seconds=30)
"""Without a sign of life for this long a worker counts as dead, and others take over its pieces."""
_LOOK = 2.0
"""Seconds between looks whether an embedded database is alive."""
_TIDY = 300.0
"""Seconds between looks whether it is time to tidy up."""
_PAUSE = 1.0
"""Seconds between attempts to go on after the database was lost."""


class Work:
    """Takes jobs off the queue and lets the workflow make their pieces."""

    def __init__(
        self,
        queue: PieceQueue,
        workflow: Workflow,
        *,
        concurrency: int,
        alone: bool,
        revive: Revive | None = None,
        tidy: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """`alone`: no other worker can be alive, so what is under way belongs to the dead; `tidy`
        is done now and then.
        """
        self._queue = queue
        self._workflow = workflow
        self._concurrency = concurrency
        self._alone = alone
        self._revive = revive
        self._tidy = tidy
        self._running = False

    @property
    def alive(self) -> bool:
        """Whether jobs are being taken off the queue; not while the database is away."""
        return self._running

    async def run(self) -> None:
        """Works until it is cancelled. A lost database is waited for, and said once."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._work())
            group.create_task(self._workflow.heed_stops())
            if not self._alone:
                group.create_task(self._sweep())
            if self._revive is not None:
                group.create_task(self._keep_alive(self._revive))
            if self._tidy is not None:
                group.create_task(self._keep_tidy(self._tidy))

    async def _work(self) -> None:
        said = False
        while True:
            try:
                self._running = True
                await self._queue.work(
                    self._workflow.make,
                    concurrency=self._concurrency,
                    heartbeat=HEARTBEAT.total_seconds(),
                    stalled_after=STALLED_AFTER.total_seconds(),
                    alone=self._alone,
                )
                said = False
            except (ConnectorException, psycopg.Error, Unavailable) as error:
                stop_if_cancelled(error)
                if not said:
                    log.warning("the database is gone; the worker waits for it", error=str(error))
                    said = True
            finally:
                self._running = False
            stop_if_cancelled()
            await asyncio.sleep(_PAUSE)

    async def _keep_alive(self, revive: Revive) -> None:
        """Starts an embedded database again that has died, whoever needs it next."""
        while True:
            stop_if_cancelled()
            await asyncio.sleep(_LOOK)
            await retrying(revive)

    async def _keep_tidy(self, tidy: Callable[[], Awaitable[None]]) -> None:
        while True:
            stop_if_cancelled()
            await asyncio.sleep(_TIDY)
            try:
                await tidy()
            except (psycopg.Error, Unavailable) as error:
                stop_if_cancelled(error)
                log.warning("could not tidy up; it is tried again", error=str(error))

    async def _sweep(self) -> None:
        while True:
            stop_if_cancelled()
            await asyncio.sleep(STALLED_AFTER.total_seconds() / 2)
            try:
                taken = await self._queue.take_back(STALLED_AFTER.total_seconds())
            except (ConnectorException, psycopg.Error, Unavailable) as error:
                stop_if_cancelled(error)
                continue  # the worker itself says so
            if taken:
                log.warning("took over the work of a worker that died", jobs=taken)
