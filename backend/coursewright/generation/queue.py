"""Delivery of the work by Procrastinate. It carries jobs; `course_pieces` is the truth."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Protocol
from uuid import UUID

import procrastinate
import structlog
from procrastinate.exceptions import JobAborted
from procrastinate.jobs import Job
from procrastinate.worker import Worker
from psycopg_pool import AsyncConnectionPool

from coursewright.database import stalled
from coursewright.database.outage import stop_if_cancelled
from coursewright.database.pool import Connection

log = structlog.get_logger()

TASK = "coursewright.make_piece"
QUEUE = "pieces"
GRACE = 4.0
"""Seconds that pieces under way have to be finished when a worker ends; then they are handed back.
"""
_LONGEST_PAUSE = 60
"""Seconds until a job is tried again whose failure could not even be recorded."""


class Handler(Protocol):
    """What a worker does with a job."""

    def __call__(
        self, *, user_id: UUID, course_id: UUID, key: str, generation: int
    ) -> Awaitable[None]:
        """Makes one piece."""
        ...


class _HandBack(procrastinate.BaseRetryStrategy):
    """A job ends only when its piece is settled; one that was broken off goes back to the queue."""

    def get_retry_decision(
        self, *, exception: BaseException, job: Job
    ) -> procrastinate.RetryDecision:
        broken_off = isinstance(exception, asyncio.CancelledError | JobAborted)
        seconds = 0 if broken_off else min(2**job.attempts, _LONGEST_PAUSE)
        return procrastinate.RetryDecision(retry_in={"seconds": seconds})


class PieceQueue:
    """Jobs that each make one piece."""

    def __init__(self, pool: AsyncConnectionPool[Any]) -> None:
        """`pool` connects as the application's role, with `procrastinate` in its search path."""
        self._pool = pool
        self._app = procrastinate.App(connector=procrastinate.PsycopgConnector())
        self._handler: Handler | None = None
        self._app.task(name=TASK, queue=QUEUE, retry=_HandBack())(self._run)

    async def open(self) -> None:
        """Must be called before anything is deferred or worked on."""
        await self._app.open_async(self._pool)

    async def close(self) -> None:
        """Lets go of the pool, which stays open."""
        await self._app.close_async()

    async def defer(
        self,
        conn: Connection,
        *,
        user_id: UUID,
        course_id: UUID,
        key: str,
        generation: int,
        priority: int,
    ) -> None:
        """Queues a job in the transaction of `conn`: it exists if and only if that commits."""
        await self._app.configure_task(
            TASK, queue=QUEUE, priority=priority, connection=conn
        ).defer_async(
            user_id=str(user_id), course_id=str(course_id), key=key, generation=generation
        )

    async def work(
        self,
        handler: Handler,
        *,
        concurrency: int,
        heartbeat: float = 10.0,
        stalled_after: float = 30.0,
        alone: bool = False,
    ) -> None:
        """Works until cancelled; then hands back what it has not finished.

        `alone` says that no other worker can be alive (the exclusive lock of the embedded server):
        whatever is under way belongs to the dead, and is taken back at once instead of after
        `stalled_after` seconds without a heartbeat.
        """
        self._handler = handler
        await self.take_back(0 if alone else stalled_after)
        worker = Worker(
            self._app,
            queues=[QUEUE],
            concurrency=concurrency,
            install_signal_handlers=False,
            listen_notify=True,
            fetch_job_polling_interval=5.0,
            delete_jobs="always",
            shutdown_graceful_timeout=GRACE,
            update_heartbeat_interval=heartbeat,
            stalled_worker_timeout=stalled_after,
        )
        stop_if_cancelled()
        running = asyncio.create_task(worker.run(), name="jobs")
        try:
            await asyncio.shield(running)
        except asyncio.CancelledError:
            # It hears of its end twice, since it may lose the cancellation while it starts.
            worker.stop()
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            raise

    async def take_back(self, seconds_since_heartbeat: float) -> int:
        """Queues again what dead workers had begun; returns how many jobs that were."""
        manager = self._app.job_manager
        async with stalled.turn(self._pool, silent=seconds_since_heartbeat) as mine:
            if not mine:
                return 0
            await manager.prune_stalled_workers(seconds_since_heartbeat)
            found: list[Job] = list(
                await manager.get_stalled_jobs(seconds_since_heartbeat=seconds_since_heartbeat)
            )
            for job in found:
                await manager.retry_job(job)
        return len(found)

    async def _run(self, *, user_id: str, course_id: str, key: str, generation: int) -> None:
        handler: Callable[..., Awaitable[None]] | None = self._handler
        if handler is None:
            raise RuntimeError("a job came before the worker was ready")
        try:
            await handler(
                user_id=UUID(user_id), course_id=UUID(course_id), key=key, generation=generation
            )
        except Exception:
            log.exception("a job broke off; it is tried again", course=course_id, piece=key)
            raise
