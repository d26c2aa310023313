"""The pool as an HTTP transport: beneath any SDK, so that the SDK knows nothing of keys or limits.

Switch off the SDK's own retries and give its client a long time-out: the wait for a place happens
here. Which service calls, and until when, is said by `calling`.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Generator, Hashable, Mapping
from contextlib import AbstractAsyncContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass

import httpx2

from coursewright.keys.attempts import Attempt, Recorder, Tokens
from coursewright.keys.credentials import Credential
from coursewright.keys.domain import Reservation
from coursewright.keys.learning import Next
from coursewright.keys.pool import Name, Pool
from coursewright.keys.redaction import redact
from coursewright.keys.refusal import Refusal
from coursewright.keys.wire import Wire

_BAD_REQUEST = 400
"""From this status on an answer is a refusal (RFC 9110)."""
_NEVER_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)
"""There was no connection on which a request could have gone."""
_CONNECT = 10.0
"""Seconds until a connection must be there."""
_LONGEST = 3600.0
"""Seconds until an answer must be complete: one that drips passes every time-out between bytes."""
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
    share: Hashable = None
    """For whom; all who wait get their turn."""


_caller: ContextVar[Caller] = ContextVar("caller")


@contextmanager
def calling(caller: Caller) -> Generator[None]:
    """Model calls in this block are those of `caller`."""
    token = _caller.set(caller)
    try:
        yield
    finally:
        _caller.reset(token)


def current_caller() -> Caller | None:
    """Who calls in this task; None outside of `calling`."""
    return _caller.get(None)


class PoolTransport(httpx2.AsyncBaseTransport):
    """Sends a model call when and with the key that the pool says, and learns from the answer."""

    def __init__(
        self,
        pool: Pool,
        wire: Wire,
        inner: httpx2.AsyncBaseTransport,
        *,
        record: Recorder = lambda _: None,
        at_once: Mapping[str, asyncio.Semaphore] | None = None,
    ) -> None:
        """All calls of one provider.

        Args:
            pool: gives the places.
            wire: what is to be known of the provider.
            inner: does the sending; it is closed together with this.
            record: is told of every attempt.
            at_once: by service, how many of its calls may be under way.
        """
        self._pool = pool
        self._wire = wire
        self._inner = inner
        self._record = record
        self._at_once = at_once or {}

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
        failures = 0
        while True:
            async with (
                self._pool.place(
                    name,
                    tokens=self._wire.estimate(body),
                    expected=caller.expected,
                    deadline=caller.deadline,
                    share=caller.share,
                ) as taken,
                self._turn(caller.service),
            ):
                if taken.domain.name.provider != self._wire.provider:
                    message = "a key may go to nobody but its own provider"
                    raise RuntimeError(message)
                if not taken.domain.credentials:
                    continue  # the last key was refused while this call waited for its turn
                told = _Told(self._record, name, taken.domain.credentials[0])
                outcome = await self._attempt(request, body, taken, told, failures + 1)
            if isinstance(outcome, httpx2.Response):
                return outcome
            if outcome is not None:
                failures += 1
                await asyncio.sleep(outcome)

    async def _attempt(
        self,
        request: httpx2.Request,
        body: bytes,
        taken: Reservation,
        told: "_Told",
        failures: int,
    ) -> httpx2.Response | float | None:
        """The answer; or the seconds until another attempt, where this one failed by the provider's
        fault; or None, where it was refused for a limit or a key, which costs no attempt.

        `failures`: how many there are of the provider's fault if this is one, too.
        """
        try:
            async with asyncio.timeout(_LONGEST):
                response = await self._send(request, body, told.credential, taken)
                refused = response.status_code >= _BAD_REQUEST
                if refused or not self._wire.streams(request.url.path, body):
                    await _read(response)  # half an answer is tried again, too
        except (httpx2.TransportError, TimeoutError) as error:
            # Sent or not, it may have arrived: its place is spent, unless nobody opened the door.
            # A day of some 20 requests would be gone after an hour without a network.
            if not isinstance(error, _NEVER_SENT):
                self._pool.sent(taken)
            told.lost(error)
            if self._pool.lost(taken, failures) is Next.NEVER:
                if isinstance(error, TimeoutError):
                    message = "the answer was not complete in an hour"
                    raise httpx2.ReadTimeout(message) from error
                raise
            return self._pool.pause(taken, failures)
        except asyncio.CancelledError as error:
            told.lost(error)
            raise
        self._pool.stated(taken, self._wire.stated(response.headers))
        if not refused:
            self._pool.went_well(taken)
            return self._settling(response, taken, told)
        refusal = self._wire.refusal(response.status_code, response.headers, response.content)
        told.refused(response.status_code, refusal)
        then = self._pool.refused(taken, told.credential, refusal, failures)
        if then is Next.NEVER:
            return response
        return self._pool.pause(taken, failures) if then is Next.LATER else None

    async def aclose(self) -> None:
        """Closes the inner transport."""
        await self._inner.aclose()

    def _turn(self, service: str) -> AbstractAsyncContextManager[object]:
        return self._at_once.get(service) or nullcontext()

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

        timeouts: dict[str, float | None] = dict(request.extensions.get("timeout") or {})
        # google-genai sets one time for all of it; without a network one is told sooner.
        timeouts["connect"] = min(_CONNECT, timeouts.get("connect") or _CONNECT)
        sending = httpx2.Request(
            request.method,
            request.url,
            headers=headers,
            content=body,
            extensions={**request.extensions, "timeout": timeouts, "trace": trace},
        )
        response = await self._inner.handle_async_request(sending)
        if not told:
            self._pool.sent(taken)
        return response

    def _settling(
        self, response: httpx2.Response, taken: Reservation, told: "_Told"
    ) -> httpx2.Response:
        def settle(end: bytes) -> None:
            tokens = self._wire.tokens(end)
            if tokens is not None:
                self._pool.settle(taken, self._wire.counted(tokens))
            told.answered(response.status_code, tokens or Tokens())

        stream = response.stream
        if response.is_stream_consumed or not isinstance(stream, httpx2.AsyncByteStream):
            settle(response.content)
            return response
        return httpx2.Response(
            response.status_code,
            headers=response.headers,
            stream=_Settling(stream, settle, told.lost),
            extensions=response.extensions,
        )


async def _read(response: httpx2.Response) -> None:
    """All of an answer. Raises `httpx2.TransportError`, also where it cannot be unpacked."""
    try:
        await response.aread()
    except httpx2.DecodingError as error:
        await response.aclose()
        raise httpx2.RemoteProtocolError(str(error)) from error


class _Told:
    """Tells of one attempt, once, when it has ended."""

    def __init__(self, record: Recorder, name: Name, credential: Credential) -> None:
        self._record = record
        self._name = name
        self.credential = credential
        self._began = time.monotonic()
        self._told = False

    def answered(self, status: int, tokens: Tokens) -> None:
        self._tell("ok", status, tokens, None)

    def refused(self, status: int, refusal: Refusal) -> None:
        self._tell(refusal.reason, status, Tokens(), refusal.message)

    def lost(self, error: BaseException) -> None:
        self._tell("lost", None, Tokens(), f"{type(error).__name__}: {error}".rstrip(": "))

    def _tell(self, outcome: str, status: int | None, tokens: Tokens, error: str | None) -> None:
        if self._told:
            return
        self._told = True
        service, provider, model = self._name
        self._record(
            Attempt(
                service=service,
                provider=provider,
                model=model,
                fingerprint=self.credential.fingerprint,
                project=self.credential.project,
                seconds=time.monotonic() - self._began,
                outcome=outcome,
                status=status,
                tokens=tokens,
                error=None if error is None else redact(error),
            )
        )


class _Settling(httpx2.AsyncByteStream):
    """Reads the token counts out of an answer that passes by."""

    def __init__(
        self,
        stream: httpx2.AsyncByteStream,
        settle: Callable[[bytes], None],
        lost: Callable[[BaseException], None],
    ) -> None:
        self._stream = stream
        self._settle = settle
        self._lost = lost

    async def __aiter__(self) -> AsyncIterator[bytes]:
        tail = b""
        try:
            async for chunk in self._stream:
                tail = (tail + chunk)[-_TAIL:]
                yield chunk
        except BaseException as error:
            self._lost(error)
            raise
        self._settle(tail)

    async def aclose(self) -> None:
        await self._stream.aclose()
