"""Notifications of Postgres (LISTEN/NOTIFY), fanned out to many readers over one connection."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator

import psycopg
import structlog
from psycopg import sql

from coursewright.course.base import Value
from coursewright.database.outage import PAUSES, stop_if_cancelled

_QUEUED_AT_MOST = 1000
_PROBE_SECONDS = 30.0
_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class Notice(Value):
    """One notification; or, with `payload` None, the news that some may have been missed.

    That happens when the connection had to be made anew, or when a reader was too slow. The reader
    then looks into the tables, which are the truth.
    """

    channel: str
    payload: str | None


Notices = AsyncIterator[Notice]
_Queue = asyncio.Queue[Notice | None]


class Listener:
    """Listens on one channel, reconnects by itself, and gives each notification to all readers.

    The connection is made for the first reader and closed with the last one.
    """

    def __init__(self, url: str, channel: str) -> None:
        self.channel = channel
        self._url = url
        self._readers: set[_Queue] = set()
        self._task: asyncio.Task[None] | None = None
        self._listening = asyncio.Event()

    @contextlib.asynccontextmanager
    async def subscribe(self) -> AsyncGenerator[Notices]:
        """Everything that is notified after the block was entered.

        So: subscribe first, then read what the tables hold, then wait for more.

        While the database is gone, entering waits and the iterator is silent. The iterator ends
        when the listener is closed.
        """
        queue = _Queue(_QUEUED_AT_MOST)
        self._readers.add(queue)
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name=f"listen {self.channel}")
        try:
            await self._listening.wait()
            yield _read(queue)
        finally:
            self._readers.discard(queue)
            if not self._readers:
                await self.close()

    async def close(self) -> None:
        """Ends the connection, and with it the iterators of those who still read."""
        task, self._task = self._task, None
        for queue in self._readers:
            _empty(queue)
            queue.put_nowait(None)
        self._listening.clear()
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _run(self) -> None:
        failures = 0
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    self._url,
                    autocommit=True,
                    connect_timeout=5,
                    application_name="coursewright listen",
                ) as connection:
                    await connection.execute(sql.SQL("listen {}").format(self._name))
                    if self._listening.is_set():
                        self._spread(None)  # connected anew: something may have been missed
                    self._listening.set()
                    failures = 0
                    await self._receive(connection)
            except psycopg.Error as error:
                stop_if_cancelled(error)
                _log.warning("listen_lost", channel=self.channel, reason=str(error).strip())
            stop_if_cancelled()
            await asyncio.sleep(PAUSES[min(failures, len(PAUSES) - 1)])
            failures += 1

    @property
    def _name(self) -> sql.Identifier:
        return sql.Identifier(self.channel)

    async def _receive(self, connection: psycopg.AsyncConnection) -> None:
        while True:
            async for notification in connection.notifies(timeout=_PROBE_SECONDS):
                self._spread(notification.payload)
            # Outside of notifies(), where a query would hang: is the other side still there?
            await connection.execute("select 1")
            stop_if_cancelled()

    def _spread(self, payload: str | None) -> None:
        notice = Notice(channel=self.channel, payload=payload)
        for queue in self._readers:
            if queue.full():
                _empty(queue)
                queue.put_nowait(Notice(channel=self.channel, payload=None))
            else:
                queue.put_nowait(notice)


async def _read(queue: _Queue) -> Notices:
    while (notice := await queue.get()) is not None:
        yield notice


def _empty(queue: _Queue) -> None:
    while not queue.empty():
        queue.get_nowait()
