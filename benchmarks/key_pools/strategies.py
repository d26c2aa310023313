"""Ways to send many calls with many keys: ours, and what people do without it."""

import asyncio
import itertools
import random
from collections.abc import Sequence

import httpx2
from pydantic import SecretStr

from coursewright.keys.credentials import Credential
from coursewright.keys.limits import Limits, LimitTable
from coursewright.keys.pool import Pool, PoolError
from coursewright.keys.registry import Registry
from coursewright.keys.transport import Caller, PoolTransport, calling
from coursewright.keys.wire import GeminiWire
from key_pools.work import TIMEOUT, Strategy, Work

_TIMEOUT = httpx2.Timeout(TIMEOUT)
_OK = 200


async def pool_with_names(work: Work) -> int:
    """Ours; the projects of the keys are named."""
    return await _ours(work, work.projects)


async def pool_without_names(work: Work) -> int:
    """Ours; nobody says which keys share a project."""
    return await _ours(work, [None] * len(work.keys))


async def round_robin(work: Work) -> int:
    """Each call takes the next key; a refusal is tried again with exponential backoff, 12 times."""
    turn = itertools.cycle(work.keys)
    rng = random.Random(1)  # noqa: S311 - spreads retries

    async def send(client: httpx2.AsyncClient, body: dict[str, object]) -> bool:
        for attempt in range(12):
            try:
                answer = await client.post(
                    work.url, json=body, headers={"x-goog-api-key": next(turn)}
                )
            except httpx2.TransportError:
                pass
            else:
                if answer.status_code == _OK:
                    return True
            await asyncio.sleep(min(60.0, 2**attempt) * rng.uniform(0.5, 1.5))
        return False

    async with httpx2.AsyncClient(timeout=_TIMEOUT, limits=_many()) as client:
        await work.start()
        return sum(await asyncio.gather(*(send(client, body) for body in work.bodies)))


async def one_at_a_time(work: Work) -> int:
    """As most programs do it: keys in turn, a fixed pause after a refusal, one call after another
    for each key.
    """
    queue = list(reversed(work.bodies))
    done = 0

    async def worker(client: httpx2.AsyncClient, key: str) -> None:
        nonlocal done
        while queue:
            body = queue.pop()
            for _ in range(12):
                try:
                    answer = await client.post(work.url, json=body, headers={"x-goog-api-key": key})
                except httpx2.TransportError:
                    continue
                if answer.status_code == _OK:
                    done += 1
                    break
                await asyncio.sleep(15)

    async with httpx2.AsyncClient(timeout=_TIMEOUT, limits=_many()) as client:
        await work.start()
        await asyncio.gather(*(worker(client, key) for key in work.keys))
    return done


OURS: Sequence[Strategy] = (
    Strategy(
        name="named",
        title="pool, projects named",
        send=pool_with_names,
        ours=True,
        knows_projects=True,
    ),
    Strategy(name="unnamed", title="pool, nothing named", send=pool_without_names, ours=True),
)
PLAIN: Sequence[Strategy] = (
    Strategy(name="round-robin", title="round robin, backoff", send=round_robin),
    Strategy(name="worker-a-key", title="a worker a key, pauses", send=one_at_a_time),
)


async def _ours(work: Work, projects: Sequence[str | None]) -> int:
    keys = [
        Credential(secret=SecretStr(key), names=(f"KEY_{number}",), project=project)
        for number, (key, project) in enumerate(zip(work.keys, projects, strict=True))
    ]
    limits = LimitTable({("gemini", "*"): Limits(rpm=work.rpm)})
    pool = Pool(Registry({("chapter", "gemini"): keys}, limits))
    inner = httpx2.AsyncHTTPTransport(limits=_many())
    transport = PoolTransport(pool, GeminiWire(), inner)

    async def send(client: httpx2.AsyncClient, body: dict[str, object]) -> bool:
        try:
            with calling(Caller(service="chapter")):
                return (await client.post(work.url, json=body)).status_code == _OK
        except (httpx2.TransportError, PoolError):
            return False

    async with httpx2.AsyncClient(transport=transport, timeout=_TIMEOUT) as client:
        await work.start()
        return sum(await asyncio.gather(*(send(client, body) for body in work.bodies)))


def _many() -> httpx2.Limits:
    return httpx2.Limits(max_connections=500, max_keepalive_connections=100)
