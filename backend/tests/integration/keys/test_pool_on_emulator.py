"""The pool over real connections, against the emulator of the paid services and its faults."""

import asyncio
import random

import httpx2
import pytest
from pydantic import SecretStr

from coursewright.emulator.options import EmulatorOptions, ModelLimits
from coursewright.emulator.server import running
from coursewright.keys.credentials import Credential
from coursewright.keys.limits import Limits, LimitTable
from coursewright.keys.pool import CallTooLarge, Pool
from coursewright.keys.registry import Registry
from coursewright.keys.transport import Caller, PoolTransport, calling
from coursewright.keys.wire import GeminiWire, OpenAiWire, Wire

GEMINI_MODEL = "gemini-2.5-flash"
GROQ_MODEL = "openai/gpt-oss-20b"
KEYS = [f"test-key-{number}" for number in range(6)]
PAUSES = (0.05, 0.5)


def open_client(wire: Wire, limits: Limits, *, projects: bool = True) -> httpx2.AsyncClient:
    keys = [
        Credential(
            secret=SecretStr(key), names=(f"K{number}",), project=f"p{number}" if projects else None
        )
        for number, key in enumerate(KEYS)
    ]
    registry = Registry(
        {("chapter", wire.provider): keys}, LimitTable({(wire.provider, "*"): limits})
    )
    pool = Pool(registry, rng=random.Random(1), pauses=PAUSES)
    transport = PoolTransport(pool, wire, httpx2.AsyncHTTPTransport())
    return httpx2.AsyncClient(transport=transport, timeout=10)


def prompt(number: int) -> dict[str, object]:
    text = f"Write a paragraph about topic number {number}."
    return {"contents": [{"role": "user", "parts": [{"text": text}]}]}


async def test_every_call_ends_well_in_spite_of_every_fault_of_the_line() -> None:
    options = EmulatorOptions(
        gemini=ModelLimits(rpm=1000),
        latency_scale=0.02,
        overloaded=0.05,
        burst_seconds=0.3,
        reset=0.02,
        dead_keys=frozenset(KEYS[:1]),
        leaked_keys=frozenset(KEYS[1:2]),
        seed=3,
    )
    async with running(options) as emulator, open_client(GeminiWire(), Limits()) as client:
        url = f"{emulator.gemini_url}/v1beta/models/{GEMINI_MODEL}:generateContent"

        async def send(number: int) -> int:
            await asyncio.sleep(number / 150)
            with calling(Caller(service="chapter")):
                return (await client.post(url, json=prompt(number))).status_code

        statuses = await asyncio.gather(*(send(number) for number in range(150)))

    assert set(statuses) == {200}
    faults = {call.fault for call in emulator.log if call.fault}
    assert {"overloaded", "reset"} <= faults
    refused = [call for call in emulator.log if call.status in {400, 403}]
    assert {call.key for call in refused} == {call.key for call in refused[:2]}
    assert len(emulator.log) < 1.3 * 150


@pytest.mark.parametrize("terse", [0.0, 1.0])
async def test_a_limit_that_was_not_known_is_learnt_from_the_refusal(terse: float) -> None:
    """The minute itself is not waited for: the call that was refused is given up."""
    options = EmulatorOptions(gemini=ModelLimits(rpm=2), latency_scale=0, terse_429=terse)
    async with running(options) as emulator, open_client(GeminiWire(), Limits()) as client:
        url = f"{emulator.gemini_url}/v1beta/models/{GEMINI_MODEL}:generateContent"

        async def send(number: int) -> int:
            with calling(Caller(service="chapter")):
                return (await client.post(url, json=prompt(number))).status_code

        # Six projects hold twelve calls a minute; the rest waits until we do not want it any more.
        sending = [asyncio.create_task(send(number)) for number in range(15)]
        done, waiting = await asyncio.wait(sending, timeout=2)
        for each in waiting:
            each.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    assert [each.result() for each in done] == [200] * len(done)
    assert len(done) == 12
    assert sum(call.status == 429 for call in emulator.log) <= 15


async def test_a_call_larger_than_groqs_minute_is_never_sent() -> None:
    options = EmulatorOptions(groq=ModelLimits(tpm=500), latency_scale=0)
    async with (
        running(options) as emulator,
        open_client(OpenAiWire(), Limits(tpm=500)) as client,
    ):
        url = f"{emulator.groq_url}/chat/completions"
        body = {"model": GROQ_MODEL, "messages": [{"role": "user", "content": "Speak."}]}
        with calling(Caller(service="chapter")):
            small = await client.post(url, json={**body, "max_tokens": 100})
            with pytest.raises(CallTooLarge):
                await client.post(url, json={**body, "max_tokens": 600})

    assert small.status_code == 200
    assert [call.status for call in emulator.log] == [200]


async def test_a_stream_passes_through_as_it_comes() -> None:
    options = EmulatorOptions(latency_scale=0.05)
    async with running(options) as emulator, open_client(GeminiWire(), Limits()) as client:
        url = f"{emulator.gemini_url}/v1beta/models/{GEMINI_MODEL}:streamGenerateContent?alt=sse"
        with calling(Caller(service="chapter")):
            async with client.stream("POST", url, json=prompt(1)) as answer:
                chunks = [chunk async for chunk in answer.aiter_lines()]

    assert answer.status_code == 200
    assert sum(chunk.startswith("data: ") for chunk in chunks) > 1


async def test_no_byte_of_a_key_stands_in_what_is_raised_or_answered() -> None:
    options = EmulatorOptions(dead_keys=frozenset(KEYS), latency_scale=0)
    async with running(options) as emulator, open_client(GeminiWire(), Limits()) as client:
        url = f"{emulator.gemini_url}/v1beta/models/{GEMINI_MODEL}:generateContent"
        with calling(Caller(service="chapter")):
            with pytest.raises(Exception, match="no key for chapter") as raised:
                await client.post(url, json=prompt(1))
            text = repr(raised.value) + str(raised.value.__context__)

    assert not any(key in text or key in repr(emulator.log) for key in KEYS)
