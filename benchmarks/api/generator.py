"""The readers, in a process of their own: their processor time is not the service's.

    python benchmarks/api/generator.py < JOB_AS_JSON

Prints a line of JSON when each phase begins, and one with what was seen when it has ended.
"""

import asyncio
import itertools
import json
import random
import sys
import time
from collections.abc import Awaitable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from api.people import Login, Person
from api.record import Clock, Record
from api.streams import Watched, Watcher
from api.wire import Broken, Connection

SIGN_IN = 8
"""How many sign in at once."""
PROBED_EVERY = 0.05
"""Seconds between two looks at how quickly the service's event loop and our own come round."""
PROBE = "(no such page: the loop alone)"


@dataclass(frozen=True, kw_only=True)
class Phase:
    """A stretch of time with one kind of load."""

    name: str
    seconds: float
    think: float
    """Seconds between two requests of a reader; 0 sends the next one at once."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """What is to be done. Either `logins`, or `sizes` for a service that answers constants."""

    address: str
    logins: Sequence[Login]
    sizes: Sequence[int]
    readers: int
    streams: int
    makers: int
    """How many of the streams watch courses being made, and not edited."""
    phases: Sequence[Phase]
    seed: int

    def text(self) -> str:
        """For standard input of this program."""
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, text: str) -> "Job":
        """What `text` has written."""
        found = json.loads(text)
        found["logins"] = [Login(**each) for each in found["logins"]]
        found["phases"] = [Phase(**each) for each in found["phases"]]
        return cls(**found)


async def main() -> None:
    """Does the job."""
    job = Job.read(sys.stdin.read())
    people, watchers = await _sign_in(job)
    for phase in job.phases:
        _say({"phase": phase.name, "begins": time.time()})
        await _phase(job, phase, people, watchers)


async def _sign_in(job: Job) -> tuple[list[Person], list[Watcher]]:
    record = Record()
    logins = itertools.cycle(job.logins) if job.logins else None
    if logins is None:
        return [], []
    turns = asyncio.Semaphore(SIGN_IN)
    people = [
        Person(job.address, next(logins), record, think=0, seed=f"{job.seed}/reader/{number}")
        for number in range(job.readers)
    ]
    # One person each: two who edit one course would be told of each other's changes.
    watchers = [
        Watcher(job.address, login, record, seed=f"{job.seed}/watcher/{number}")
        for number, login in zip(range(job.streams), itertools.cycle(job.logins), strict=False)
    ]

    async def sign_in(person: Person) -> None:
        async with turns:
            await person.sign_in()

    everyone = [*people, *(watcher.person for watcher in watchers)]
    try:
        await asyncio.gather(*map(sign_in, everyone))
    finally:
        _say({"phase": "sign in", "rows": record.rows(), "errors": dict(record.errors)})
    return people, watchers


async def _phase(
    job: Job, phase: Phase, people: Sequence[Person], watchers: Sequence[Watcher]
) -> None:
    record, clock = Record(), Clock()
    until = time.monotonic() + phase.seconds
    probe = Connection(job.address)
    work: list[Awaitable[None]] = [_probe(probe, record, until)]
    if job.sizes:
        work += [
            _constants(Connection(job.address), job.sizes, record, until, number)
            for number in range(job.readers)
        ]
    for person in people:
        person.begin(record, think=phase.think)
        work.append(person.read(until))
    for number, watcher in enumerate(watchers):
        watcher.begin(record)
        makes = number >= len(watchers) - job.makers
        work.append(watcher.watch_orders(until) if makes else watcher.watch_edits(until))
    # Streams stay open a little longer (`streams.GRACE`), without load.
    end = asyncio.create_task(_end(clock, until))
    await asyncio.gather(*work)
    ended, seconds, cpu = await end
    watched: list[Watched] = [each for watcher in watchers for each in watcher.watched]
    _say(
        {
            "phase": phase.name,
            "ended": ended,
            "seconds": seconds,
            "generator_cpu": cpu / seconds,
            "generator_lag_ms": _worst(record.lag),
            "rows": record.rows(),
            "errors": dict(record.errors),
            "watched": [asdict(each) for each in watched],
        }
    )


async def _end(clock: Clock, until: float) -> tuple[float, float, float]:
    """When the load ends (since 1970), how long it was, and its processor time; in seconds."""
    await asyncio.sleep(until - time.monotonic())
    return (time.time(), *clock.read())


async def _probe(connection: Connection, record: Record, until: float) -> None:
    """Asks for what does not exist: the answer needs no database, only the event loop's turn."""
    while time.monotonic() < until:
        due = time.perf_counter() + PROBED_EVERY
        await asyncio.sleep(PROBED_EVERY)
        record.lag.append(time.perf_counter() - due)
        began = time.perf_counter()
        try:
            answer = await connection.ask("GET", "/no-such-page")
        except (Broken, OSError) as error:
            record.failed(PROBE, f"{type(error).__name__} {error}")
            continue
        if answer.status != 404:  # noqa: PLR2004 - not found
            record.failed(PROBE, str(answer.status))
            continue
        record.add(PROBE, time.perf_counter() - began, len(answer.body))


async def _constants(
    connection: Connection, sizes: Sequence[int], record: Record, until: float, number: int
) -> None:
    chance = random.Random(number)  # noqa: S311 - who begins where
    turn = itertools.cycle(sizes)
    for _ in range(chance.randrange(len(sizes))):
        next(turn)
    while time.monotonic() < until:
        began = time.perf_counter()
        try:
            answer = await connection.ask("GET", f"/constant/{next(turn)}")
        except (Broken, OSError) as error:
            record.failed("constant", f"{type(error).__name__} {error}")
            continue
        if answer.status == 200:  # noqa: PLR2004 - OK
            record.add("constant", time.perf_counter() - began, len(answer.body))
        else:
            record.failed("constant", str(answer.status))


def _worst(lag: Sequence[float]) -> float:
    return round(1000 * max(lag, default=0.0), 1)


def _say(found: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(found) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
