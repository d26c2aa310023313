"""The pool as an HTTP transport: beneath any SDK, so that the SDK knows nothing of keys or limits.

Switch off the SDK's own retries and give its client a long time-out: the wait for a place happens
here. Which service calls, and until when, is said by `calling`.
"""

import asyncio
from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from itertools import count

import httpx2

from coursewright.keys.credentials import Credential
from coursewright.keys.domain import Reservation
from coursewright.keys.learning import Next
from coursewright.keys.pool import Pool
from coursewright.keys.wire import Wire

_BAD_REQUEST = 400
"""From this status on an answer is a refusal (RFC 9110)."""
_TAIL = 8_192
"""Bytes of an answer's end in which its token counts stand."""


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who calls."""

    service: str
    expected: float = 3.0
    """Seconds that the answer is thought to take."""
    deadline: float | None = None
    """On the pool's clock."""


_caller: ContextVar[Caller] = ContextVar("caller")


@contextmanager
def calling(caller: Caller) -> Generator[None]:
    """Model calls in this block are those of `caller`."""
    token = _caller.set(caller)
    try:
        yield
    finally:
        _caller.reset(token)


class PoolTransport(httpx2.AsyncBaseTransport):
    """Sends a model call when and with the key that the pool says, and learns from the answer."""

    def __init__(self, pool: Pool, wire: Wire, inner: httpx2.AsyncBaseTransport) -> None:
        """`inner` does the sending; it is closed together with this."""
        self._pool = pool
        self._wire = wire
        self._inner = inner

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """The answer, or the last refusal when nothing more can be done about it.

        Raises:
            PoolError: the call cannot be sent, ever or in time.
            httpx2.TransportError: the connection broke as often as is borne.
            ValueError: the request is no model call; only these may go through a pool.
        """
        body = await request.aread()
        model = self._wire.model(request.url.path, body)
        if model is None:
            message = f"{request.method} {request.url.path} is no call of a model"
            raise ValueError(message)
        caller = _caller.get()
        name = (caller.service, self._wire.provider, model)
        for attempt in count(1):
            async with self._pool.place(
                name,
                tokens=self._wire.estimate(body),
                expected=caller.expected,
                deadline=caller.deadline,
            ) as taken:
                if not taken.domain.credentials:
                    continue  # the last key was refused while this call waited for its turn
                credential = taken.domain.credentials[0]
                try:
                    response = await self._send(request, body, credential, taken)
                    if not self._wire.streams(request.url.path, body):
                        await response.aread()  # half an answer is tried again, too
                except httpx2.TransportError:
                    # Sent or not, it may have arrived: its place is spent.
                    self._pool.sent(taken)
                    if self._pool.lost(taken, attempt) is Next.NEVER:
                        raise
                    pause = self._pool.pause(taken, attempt)
                else:
                    if response.status_code < _BAD_REQUEST:
                        self._pool.went_well(taken)
                        return self._settling(response, taken)
                    answer = await response.aread()
                    await response.aclose()
                    refusal = self._wire.refusal(response.status_code, response.headers, answer)
                    then = self._pool.refused(taken, credential, refusal, attempt)
                    if then is Next.NEVER:
                        return response
                    pause = self._pool.pause(taken, attempt) if then is Next.LATER else 0.0
            await asyncio.sleep(pause)
        raise AssertionError("unreachable")

    async def aclose(self) -> None:
        """Closes the inner transport."""
        await self._inner.aclose()

    async def _send(
        self, request: httpx2.Request, body: bytes, credential: Credential, taken: Reservation
    ) -> httpx2.Response:
        headers = httpx2.Headers(request.headers)
        for name in ("authorization", "x-goog-api-key"):
            headers.pop(name, None)
        headers.update(self._wire.authorize(credential.secret.get_secret_value()))
        headers["accept-encoding"] = "identity"  # token counts are read out of the bytes

        told = False

        async def trace(event: str, info: object) -> None:
            nonlocal told
            del info
            # Begun, it may arrive even if we are stopped now; the minute runs from its end.
            if event.endswith((".send_request_body.started", ".send_request_body.complete")):
                told = True
                self._pool.sent(taken)

        sending = httpx2.Request(
            request.method,
            request.url,
            headers=headers,
            content=body,
            extensions={**request.extensions, "trace": trace},
        )
        response = await self._inner.handle_async_request(sending)
        if not told:
            self._pool.sent(taken)
        return response

    def _settling(self, response: httpx2.Response, taken: Reservation) -> httpx2.Response:
        stream = response.stream
        if response.is_stream_consumed or not isinstance(stream, httpx2.AsyncByteStream):
            used = self._wire.used(response.content)
            if used is not None:
                self._pool.settle(taken, used)
            return response
        return httpx2.Response(
            response.status_code,
            headers=response.headers,
            stream=_Settling(stream, self._pool, self._wire, taken),
            extensions=response.extensions,
        )


class _Settling(httpx2.AsyncByteStream):
    """Reads the token counts out of an answer that passes by."""

    def __init__(
        self, stream: httpx2.AsyncByteStream, pool: Pool, wire: Wire, taken: Reservation
    ) -> None:
        self._stream = stream
        self._pool = pool
        self._wire = wire
        self._taken = taken

    async def __aiter__(self) -> AsyncIterator[bytes]:
        tail = b""
        async for chunk in self._stream:
            tail = (tail + chunk)[-_TAIL:]
            yield chunk
        used = self._wire.used(tail)
        if used is not None:
            self._pool.settle(self._taken, used)

    async def aclose(self) -> None:
        await self._stream.aclose()
