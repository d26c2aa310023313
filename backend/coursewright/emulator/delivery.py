"""Sending an answer: after its latency, whole or in pieces, or broken off in the middle."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from coursewright.emulator.connections import Connections
from coursewright.emulator.desk import Desk, Visit
from coursewright.emulator.faults import Fault

Sleep = Callable[[float], Awaitable[object]]
CLIENT_GONE = 499
"""What nginx writes into its log when the client hung up first."""
BROKEN_OFF = 0
"""There is no status for an answer that never came to its end."""


@dataclass(eq=False, kw_only=True)
class Delivery(Response):
    """An answer to an admitted call. It counts as sent when its last byte is."""

    desk: Desk
    visit: Visit
    sleep: Sleep
    connections: Connections
    chunks: Sequence[bytes]
    """One chunk for a plain answer; several are sent with pauses between them."""
    content_type: str
    status: int = 200
    extra: Callable[[], Mapping[str, str]] = field(default=dict[str, str])
    """Headers, made when they are sent."""
    streams: bool = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends it, unless the client hangs up before."""
        sending = asyncio.ensure_future(self._send(scope, send))
        leaving = asyncio.ensure_future(_left(receive))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                sending.result()
            else:
                self.desk.close(self.visit, CLIENT_GONE)
        finally:
            for task in (sending, leaving):
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task

    async def _send(self, scope: Scope, send: Send) -> None:
        if self.visit.fault is Fault.STALL:
            await self._stall()
        first, rest = self.desk.pauses(self.visit)
        pause = rest / len(self.chunks)
        await self._wait(first if self.streams else first + rest)
        if self.visit.fault is Fault.RESET:
            await self._tear(scope, send, pause)
            return
        if not self.streams:  # before the headers, which say what is left
            self.desk.settle(self.visit)
        await send(self._start())
        for left, chunk in zip(range(len(self.chunks) - 1, -1, -1), self.chunks, strict=True):
            if self.streams:
                await self._wait(pause)
            if not left:  # before the client knows
                self.desk.settle(self.visit)
                self.desk.close(self.visit, self.status)
            await send({"type": "http.response.body", "body": chunk, "more_body": bool(left)})

    async def _tear(self, scope: Scope, send: Send, pause: float) -> None:
        """Half of the chunks and half of the next one; then the connection is gone."""
        middle = len(self.chunks) // 2
        half = self.chunks[middle][: len(self.chunks[middle]) // 2]
        await send(self._start())
        for chunk in (*self.chunks[:middle], half):
            if self.streams:
                await self._wait(pause)
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        self.desk.close(self.visit, BROKEN_OFF)
        self.connections.tear(scope)

    def _start(self) -> dict[str, object]:
        headers = {"content-type": self.content_type, **self.extra()}
        if not self.streams:
            headers["content-length"] = str(sum(map(len, self.chunks)))
        encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
        return {"type": "http.response.start", "status": self.status, "headers": encoded}

    async def _stall(self) -> None:
        seconds = self.desk.options.stall_seconds
        if seconds is None:
            await asyncio.Event().wait()  # ended by the client, or with the server
        else:
            await self.sleep(seconds)

    async def _wait(self, seconds: float) -> None:
        if seconds > 0:
            await self.sleep(seconds)


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
