"""A second request for a call that takes unusually long: whichever answers first counts.

After Dean and Barroso, "The Tail at Scale" (2013). Every request costs quota, so it is off unless
it is switched on, and then it takes a place only where one is idle, and at most 5 % more requests.
"""

import asyncio
from collections import deque
from math import ceil

import httpx2

from coursewright.keys.attempts import Attempt
from coursewright.keys.pool import Name, Pool
from coursewright.keys.transport import current_caller
from coursewright.keys.wire import Wire

_SHARE = 0.05
"""Second requests by calls."""
_QUANTILE = 0.95
_LEAST, _MOST = 20, 400
"""Answers that are remembered of a kind of call: with fewer than 20 nobody knows what is long."""


class Hedging(httpx2.AsyncBaseTransport):
    """Wraps a `PoolTransport`. Its `record` must be told of every attempt."""

    def __init__(self, pool: Pool, wire: Wire, inner: httpx2.AsyncBaseTransport) -> None:
        self._pool = pool
        self._wire = wire
        self._inner = inner
        self._seconds: dict[Name, deque[float]] = {}
        self.calls = 0
        self.seconds_sent = 0
        """How many second requests there were."""

    def record(self, attempt: Attempt) -> None:
        """Remembers how long answers take (`keys.attempts.Recorder`)."""
        if attempt.outcome == "ok":
            name = (attempt.service, attempt.provider, attempt.model)
            self._seconds.setdefault(name, deque(maxlen=_MOST)).append(attempt.seconds)

    def unusual(self, name: Name) -> float | None:
        """Seconds that 95 % of the answers took less than; None while too few are known."""
        known = sorted(self._seconds.get(name, ()))
        return known[ceil(_QUANTILE * len(known)) - 1] if len(known) >= _LEAST else None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """The answer that comes first. Raises what the inner transport raises."""
        self.calls += 1
        body = await request.aread()
        path = request.url.path
        model = self._wire.model(path, body)
        caller = current_caller()
        first = asyncio.ensure_future(self._inner.handle_async_request(request))
        if model is None or caller is None or self._wire.streams(path, body):
            return await first
        name = (caller.service, self._wire.provider, model)
        patience = self.unusual(name)
        # Only a call that is sent at once is known to be slow, and not to be waiting for its place.
        if patience is None or self._pool.outlook(name).room < 1:
            return await first
        try:
            await asyncio.wait([first], timeout=patience)
        except asyncio.CancelledError:
            first.cancel()
            raise
        if first.done() or not self._may(name):
            return await first
        self.seconds_sent += 1
        return await self._race(first, request)

    async def aclose(self) -> None:
        """Closes the inner transport."""
        await self._inner.aclose()

    def _may(self, name: Name) -> bool:
        within = self.seconds_sent + 1 <= _SHARE * self.calls
        return within and self._pool.outlook(name).room >= 1

    async def _race(
        self, first: "asyncio.Future[httpx2.Response]", request: httpx2.Request
    ) -> httpx2.Response:
        second = asyncio.ensure_future(self._inner.handle_async_request(request))
        left = {first, second}
        try:
            while True:
                done, left = await asyncio.wait(left, return_when=asyncio.FIRST_COMPLETED)
                good = [each for each in done if _is_good(each)]
                if good or not left:
                    return (good or [first])[0].result()
        finally:
            for each in (first, second):
                if not each.done():
                    each.cancel()


def _is_good(task: "asyncio.Future[httpx2.Response]") -> bool:
    return not task.cancelled() and task.exception() is None and task.result().is_success
