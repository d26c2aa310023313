"""A second request for a call that takes unusually long."""

import asyncio
import random
from collections.abc import Callable

import httpx2
import pytest
from pydantic import SecretStr

from coursewright.keys.attempts import Attempt
from coursewright.keys.credentials import Credential
from coursewright.keys.hedging import Hedging
from coursewright.keys.limits import Limits, LimitTable
from coursewright.keys.pool import Pool
from coursewright.keys.registry import Registry
from coursewright.keys.transport import Caller, PoolTransport, calling
from coursewright.keys.wire import OpenAiWire

URL = "https://provider.test/v1/chat/completions"
QUICK, USUAL, SLOW = 0.002, 0.02, 300.0


class Provider(httpx2.AsyncBaseTransport):
    """Answers after `seconds(number)`; remembers which requests were broken off."""

    def __init__(self, seconds: Callable[[int], float], status: Callable[[int], int]) -> None:
        self.seconds = seconds
        self.status = status
        self.begun = 0
        self.broken_off = 0

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.begun += 1
        number = self.begun
        try:
            await asyncio.sleep(self.seconds(number))
        except asyncio.CancelledError:
            self.broken_off += 1
            raise
        return httpx2.Response(self.status(number), json={"number": number}, request=request)


def hedged(
    seconds: Callable[[int], float],
    *,
    rpm: int | None = None,
    status: Callable[[int], int] = lambda _: 200,
) -> tuple[Hedging, Provider]:
    provider = Provider(seconds, status)
    keys = (Credential(secret=SecretStr("test-key-1"), names=("K",), project="p"),)
    registry = Registry({("s", "groq"): keys}, LimitTable({("groq", "*"): Limits(rpm=rpm)}))
    pool = Pool(registry, rng=random.Random(1))
    wire = OpenAiWire()
    recorders: list[Callable[[Attempt], None]] = []

    def record(attempt: Attempt) -> None:
        recorders[0](attempt)

    pooled = PoolTransport(pool, wire, provider, record=record)
    hedging = Hedging(pool, wire, pooled)
    recorders.append(hedging.record)
    return hedging, provider


async def call(hedging: Hedging) -> int:
    request = httpx2.Request("POST", URL, json={"model": "m", "messages": []})
    with calling(Caller(service="s")):
        response = await hedging.handle_async_request(request)
    await response.aread()
    return response.json()["number"]


def has_seen(hedging: Hedging, calls: int) -> None:
    """Calls of the usual length, recorded instead of made: a busy machine makes real ones slow."""
    hedging.calls = calls
    for _ in range(calls):
        hedging.record(
            Attempt(
                service="s",
                provider="groq",
                model="m",
                fingerprint="f",
                project="p",
                seconds=USUAL,
                outcome="ok",
                status=200,
            )
        )


async def test_a_slow_call_is_overtaken_by_a_second_request() -> None:
    hedging, provider = hedged(lambda number: SLOW if number == 1 else QUICK)
    has_seen(hedging, 60)
    async with asyncio.timeout(30):
        assert await call(hedging) == 2
    assert hedging.seconds_sent == 1
    await asyncio.sleep(0)
    assert provider.broken_off == 1


async def test_no_more_than_one_in_twenty_is_sent_twice() -> None:
    hedging, provider = hedged(lambda number: QUICK if number <= 40 else 0.05)
    for _ in range(100):
        await call(hedging)
    assert hedging.seconds_sent <= 5
    assert provider.begun <= 105


async def test_without_an_idle_place_nothing_is_sent_twice() -> None:
    hedging, provider = hedged(lambda _: 5 * USUAL, rpm=1)
    has_seen(hedging, 60)
    await call(hedging)
    assert hedging.seconds_sent == 0
    assert provider.begun == 1


async def test_before_anything_is_known_nothing_is_sent_twice() -> None:
    hedging, provider = hedged(lambda _: 0.05)
    await call(hedging)
    assert provider.begun == 1
    assert hedging.unusual(("s", "groq", "m")) is None


async def test_a_refusal_does_not_win_against_an_answer() -> None:
    hedging, _ = hedged(
        lambda number: 2.0 if number == 1 else QUICK, status=lambda n: 400 if n == 2 else 200
    )
    has_seen(hedging, 60)
    async with asyncio.timeout(30):
        assert await call(hedging) == 1
    assert hedging.seconds_sent == 1


async def test_who_gives_up_breaks_off_both() -> None:
    hedging, provider = hedged(lambda _: SLOW)
    has_seen(hedging, 60)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(2):
            await call(hedging)
    await asyncio.sleep(0)
    assert provider.begun == 2
    assert provider.broken_off == 2
