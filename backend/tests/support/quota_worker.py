"""A process with a key pool of its own: sends calls to an emulator, and prints how they ended.

Run as a program, with one argument of JSON (see `Job`).
"""

import asyncio
import json
import sys
import time
from dataclasses import asdict, dataclass
from typing import Any
from uuid import uuid4

import httpx2
from pydantic import SecretStr

from coursewright.database.pool import Database
from coursewright.database.quota import PostgresQuota
from coursewright.keys.credentials import Credential
from coursewright.keys.limits import Limits, LimitTable
from coursewright.keys.pool import Pool
from coursewright.keys.registry import Registry
from coursewright.keys.sliding_log import GUARD, WINDOW, SlidingLog
from coursewright.keys.transport import Caller, PoolTransport, calling
from coursewright.keys.wire import GeminiWire


@dataclass(frozen=True, kw_only=True)
class Job:
    """What the process is to do."""

    database: str
    url: str
    """Of `generateContent`."""
    prompts: list[str]
    keys: list[str]
    projects: list[str]
    rpm: int
    window: float = WINDOW
    """Seconds that stand for a minute, so that a test need not wait for real ones."""
    guard: float = GUARD
    """Seconds that a slot is kept longer: more where the machine is busy with other tests, and what
    was sent may be read late.
    """
    seconds: float = 300.0
    """After which calls that have no place yet are given up."""
    starts_at: float = 0.0
    """The first call, in seconds since 1970; at once where that is past."""

    def command(self) -> list[str]:
        """How to start it."""
        return [sys.executable, __file__, json.dumps(asdict(self))]


async def work(job: Job) -> dict[str, Any]:
    """Sends everything; tells what it cost."""
    if (job.window, job.guard) != (WINDOW, GUARD):
        SlidingLog.__init__.__defaults__ = _defaults(job.window, job.guard)
    keys = [
        Credential(secret=SecretStr(key), names=(f"KEY_{number}",), project=project)
        for number, (key, project) in enumerate(zip(job.keys, job.projects, strict=True))
    ]
    registry = Registry(
        {("chapter", "gemini"): keys}, LimitTable({("gemini", "*"): Limits(rpm=job.rpm)})
    )
    async with await Database.open(job.database, max_size=2) as database:
        pool = Pool(registry, shared=PostgresQuota(database, worker=uuid4()))
        wide = httpx2.Limits(max_connections=500, max_keepalive_connections=100)
        transport = PoolTransport(pool, GeminiWire(), httpx2.AsyncHTTPTransport(limits=wide))
        await asyncio.sleep(max(0.0, job.starts_at - time.time()))
        deadline = asyncio.get_running_loop().time() + job.seconds
        async with httpx2.AsyncClient(transport=transport, timeout=60) as client:

            async def send(prompt: str) -> int:
                body = {"contents": [{"role": "user", "parts": [{"text": prompt}]}]}
                with calling(Caller(service="chapter", deadline=deadline)):
                    return (await client.post(job.url, json=body)).status_code

            began, cpu = time.monotonic(), time.process_time()
            ends = await asyncio.gather(*map(send, job.prompts), return_exceptions=True)
        await pool.close()
    return {
        "done": sum(end == 200 for end in ends),
        "errors": sorted({repr(end) for end in ends if end != 200}),
        "seconds": time.monotonic() - began,
        "cpu_ms_a_call": 1000 * (time.process_time() - cpu) / max(1, len(ends)),
    }


def _defaults(window: float, guard: float) -> tuple[object, ...]:
    old = SlidingLog.__init__.__defaults__
    if old is None:
        message = "a log has a window and a guard by default"
        raise TypeError(message)
    return (window, guard, *old[2:])


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(work(Job(**json.loads(sys.argv[1]))))))
