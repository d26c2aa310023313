"""Courses while workers are killed, Postgres is restarted and the services are gone.

A Postgres of its own, one `coursewright serve --no-worker`, several `coursewright worker`, the
emulator in this process. Every course has a reader of its events, whose connection is broken off
now and again: it goes on where it was, by `Last-Event-ID`. At the end the reader must have seen
exactly what the database has, each event once and in order.
"""

import asyncio
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx2
import psutil
import psycopg

from coursewright.database import embedded
from coursewright.database.embedded import EmbeddedPostgres
from coursewright.database.migrate import migrate
from coursewright.emulator.desk import Call
from coursewright.emulator.options import EmulatorOptions, ModelLimits
from coursewright.emulator.server import Emulator, running
from generation.crashing import TOPICS, repeated
from generation.program import Program, environment
from generation.scene import KEYS
from generation.secrecy import Search, made_up_keys

_ROOM = ModelLimits(rpm=1200, tpm=100_000_000)
_SAID = "gemini:* rpm=1200 tpm=100000000; groq:* rpm=1200 tpm=100000000"
_ENDED = {"course_completed", "course_incomplete", "course_cancelled", "course_failed"}
_LOOK = 0.2
_BACK = 8.0
"""Seconds after a restart until whoever waits for a connection has one for certain."""
_SOON = 0.3
"""Seconds until a reader connects again."""


@dataclass(frozen=True, kw_only=True)
class Weather:
    """What is done to it."""

    courses: int
    chapters: int = 3
    workers: int = 4
    seconds: float = 120.0
    """How long workers are killed."""
    kill_every: float = 3.0
    restarts: int = 2
    """Of Postgres: by turns at once, as after a crash, and in order."""
    down: float = 20.0
    """Seconds that the services are gone, once, in the middle."""
    reads: tuple[float, float] = (0.5, 6.0)
    """Seconds until a reader's connection is broken off: the least and the most."""
    seed: int = 1
    latency: float = 1.0
    """Factor; 1 is as slow as the real services."""
    deadline: float = 600.0
    """Seconds from the last kill until every course must have ended."""


@dataclass
class Reader:
    """One who watches a course, and has seen the events `seen`."""

    course: str
    seen: list[int] = field(default_factory=list[int])
    connections: int = 0
    refused: Counter[str] = field(default_factory=Counter[str])
    """Answers that were no stream, and connections that broke, by what was said."""

    async def read(
        self, client: httpx2.AsyncClient, chance: random.Random, weather: Weather
    ) -> None:
        """Until the course has ended."""
        while True:
            self.connections += 1
            try:
                async with asyncio.timeout(chance.uniform(*weather.reads)):
                    if await self._listen(client):
                        return
            except TimeoutError:
                continue  # broken off on purpose
            except httpx2.TransportError as error:
                self.refused[type(error).__name__] += 1
            await asyncio.sleep(_SOON)

    async def _listen(self, client: httpx2.AsyncClient) -> bool:
        last = {"last-event-id": str(self.seen[-1])} if self.seen else {}
        name = ""
        number: int | None = None
        async with client.stream(
            "GET", f"/api/courses/{self.course}/events", headers=last
        ) as found:
            if found.status_code != 200:  # noqa: PLR2004 - OK
                self.refused[str(found.status_code)] += 1
                return False
            async for line in found.aiter_lines():
                field_name, _, value = line.partition(": ")
                if field_name == "id":
                    number = int(value)
                elif field_name == "event":
                    name = value
                elif not line and number is not None:
                    # An event counts once it is whole (the HTML standard, 9.2.6).
                    self.seen.append(number)
                    number = None
                    if name in _ENDED:
                        return True
        return False


@dataclass
class Seen:
    """What came of it."""

    seconds: float = 0.0
    kills: list[float] = field(default_factory=list[float])
    away: list[tuple[float, float]] = field(default_factory=list[tuple[float, float]])
    """From when to when Postgres was gone, and connections were made anew."""
    readers: list[Reader] = field(default_factory=list[Reader])
    courses: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    events: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    """Of each course, as the database has them."""
    made: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    log: list[Call] = field(default_factory=list[Call])
    leaks: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    exits: list[int] = field(default_factory=list[int])
    """Of workers that ended by themselves."""


class Worker:
    """`coursewright worker`, started again whenever it has been killed."""

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        self._folder = folder
        self._settings = settings
        folder.mkdir()
        self.exits: list[int] = []
        """Of those that ended by themselves: none may."""
        self._process = self._start()

    def _start(self) -> "subprocess.Popen[bytes]":
        with (self._folder / "worker.log").open("ab") as out:
            return subprocess.Popen(
                [sys.executable, "-m", "coursewright", "worker"],
                env=environment(self._folder, self._settings),
                cwd=self._folder,
                stdout=out,
                stderr=out,
            )

    def kill(self) -> None:
        """As the system does when memory runs out; another one starts at once."""
        self.watch()
        self._process.kill()
        self._process.wait()
        self._process = self._start()

    def watch(self) -> None:
        """Notes one that has ended by itself, and starts another, as a supervisor does."""
        if (code := self._process.poll()) is not None:
            self.exits.append(code)
            self._process = self._start()

    def stop(self) -> None:
        """As a supervisor stops it."""
        self._process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(15)
        self._process.kill()
        self._process.wait()


class Storm:
    """All that runs, and what is done to it."""

    def __init__(self, weather: Weather, folder: Path) -> None:
        self._weather = weather
        self._folder = folder
        self._chance = random.Random(weather.seed)  # noqa: S311 - when and whom to kill
        self._keys = made_up_keys(KEYS, weather.seed)
        self._search = Search(self._keys)
        self._open = AsyncExitStack()
        self.seen = Seen()
        self.postgres: EmbeddedPostgres
        self.emulator: Emulator
        self.client: httpx2.AsyncClient
        self.workers: list[Worker] = []

    async def __aenter__(self) -> Self:
        data = self._folder / "database"
        data.mkdir()
        data.chmod(0o711)  # Postgres does not run as root
        self.postgres = await embedded.start(data)
        self._open.push_async_callback(self.postgres.stop)
        await migrate(self.postgres.admin_url())
        await self.postgres.let_app_in()
        options = {"seed": self._weather.seed, "latency_scale": self._weather.latency}
        self.emulator = await self._open.enter_async_context(
            running(EmulatorOptions.model_validate({**options, "gemini": _ROOM, "groq": _ROOM}))
        )
        settings = {
            **self._keys,
            **{f"{name}_PROJECT": f"project-{name}" for name in self._keys},
            "DATABASE_URL": self.postgres.url(),
            "COURSEWRIGHT_GEMINI_URL": self.emulator.gemini_url,
            "COURSEWRIGHT_GROQ_URL": self.emulator.groq_url,
            "COURSEWRIGHT_LIMITS": _SAID,
            "COURSEWRIGHT_LOG_LEVEL": "debug",
            "COURSEWRIGHT_LOG_FORMAT": "json",
        }
        serving = self._folder / "serve"
        serving.mkdir()
        program = Program(serving, settings, "--no-worker")
        self._open.push_async_callback(program.stop)
        self.client = await self._open.enter_async_context(
            httpx2.AsyncClient(
                base_url=await program.address(),
                timeout=60,
                limits=httpx2.Limits(max_connections=None),
            )
        )
        for number in range(self._weather.workers):
            worker = Worker(self._folder / f"worker-{number}", settings)
            self.workers.append(worker)
            self._open.callback(worker.stop)
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._open.aclose()

    async def rage(self) -> Seen:
        """Everything at once; it ends when every course has."""
        began = time.monotonic()
        async with asyncio.TaskGroup() as tasks:
            readers = tasks.create_task(self._order(tasks))
            tasks.create_task(self._kill())
            tasks.create_task(self._restart())
            tasks.create_task(self._go_down())
        self.seen.readers = readers.result()
        self.seen.seconds = time.monotonic() - began
        await self._look()
        return self.seen

    async def _order(self, tasks: asyncio.TaskGroup) -> list[Reader]:
        """Courses from the beginning to the end of the killing, and a reader for each."""
        found: list[Reader] = []
        pause = self._weather.seconds * 0.8 / self._weather.courses
        limit = self._weather.seconds + self._weather.deadline
        for number in range(self._weather.courses):
            order = {
                "topic": TOPICS[number % len(TOPICS)],
                "chapters": self._weather.chapters,
                "length": "short",
                "audience": f"group {number}",
            }
            reader = Reader(await self._ordered(order, number))
            found.append(reader)
            chance = random.Random(f"{self._weather.seed} {number}")  # noqa: S311 - when to break off
            reading = reader.read(self.client, chance, self._weather)
            tasks.create_task(asyncio.wait_for(reading, limit))
            await asyncio.sleep(pause)
        return found

    async def _ordered(self, order: dict[str, Any], number: int) -> str:
        while True:  # Postgres may be gone: with the same key it is the same order
            answer = await self.client.post(
                "/api/courses", json=order, headers={"idempotency-key": f"order-{number}"}
            )
            if answer.status_code != 503:  # noqa: PLR2004 - unavailable
                answer.raise_for_status()
                return answer.json()["id"]
            await asyncio.sleep(_SOON)

    async def _kill(self) -> None:
        end = time.monotonic() + self._weather.seconds
        while time.monotonic() < end:
            await asyncio.sleep(self._weather.kill_every)
            worker = self._chance.choice(self.workers)
            self.seen.kills.append(time.monotonic())
            await asyncio.to_thread(worker.kill)
            for other in self.workers:
                other.watch()

    async def _restart(self) -> None:
        for number in range(self._weather.restarts):
            await asyncio.sleep(self._weather.seconds / (self._weather.restarts + 1))
            # As `pg_ctl restart -m immediate` and `-m fast`.
            how = signal.SIGQUIT if number % 2 == 0 else signal.SIGINT
            begin = time.monotonic()
            await asyncio.to_thread(restart, self.postgres, how)
            await self.postgres.ensure_running()
            self.seen.away.append((begin, time.monotonic() + _BACK))

    async def _go_down(self) -> None:
        await asyncio.sleep(self._weather.seconds / 2)
        self.emulator.connections.go_down()
        await asyncio.sleep(self._weather.down)
        self.emulator.connections.come_back()

    async def _look(self) -> None:
        self.seen.log = list(self.emulator.log)
        for reader in self.seen.readers:
            answer = await self.client.get(f"/api/courses/{reader.course}")
            self._search.look("GET course", answer.content)
            self.seen.courses.append(answer.raise_for_status().json())
        async with await psycopg.AsyncConnection.connect(self.postgres.admin_url()) as admin:
            rows = await admin.execute(
                "select course_id::text, array_agg(id order by id) from course_events group by 1"
            )
            self.seen.events = dict(await rows.fetchall())
            done = await admin.execute(
                "select course_id::text, piece_key from course_events where event = 'piece_done'"
            )
            self.seen.made = Counter(tuple(row) for row in await done.fetchall())
        for log in self._folder.rglob("*.log"):
            self._search.look(str(log.relative_to(self._folder)), log.read_bytes())
        self.seen.leaks = self._search.found


def restart(postgres: EmbeddedPostgres, how: signal.Signals) -> None:
    """Stops the server; `ensure_running` starts it again."""
    pid = postgres.pid
    process = psutil.Process(pid)
    process.send_signal(how)
    process.wait(30)


async def survive(weather: Weather, folder: Path) -> Seen:
    """Carries it out in `folder`, which must be empty, and others may enter."""
    async with Storm(weather, folder) as storm:
        seen = await storm.rage()
        exits = [code for worker in storm.workers for code in worker.exits]
    seen.exits = exits
    return seen


def judged(seen: Seen, weather: Weather, *, within: float = 1.0) -> dict[str, Any]:
    """The figures. An answer counts as stored `within` so many seconds."""
    states = Counter(course["status"] for course in seen.courses)
    lost, wasted = repeated(seen.log, seen.kills, seen.away, within=within)
    missing = doubled = disordered = 0
    for reader in seen.readers:
        there = seen.events.get(reader.course, [])
        missing += len(set(there) - set(reader.seen))
        doubled += len(reader.seen) - len(set(reader.seen))
        disordered += reader.seen != sorted(reader.seen)
    return {
        "courses": weather.courses,
        "workers": weather.workers,
        "seconds": round(seen.seconds, 1),
        "workers_killed": len(seen.kills),
        "postgres_restarted": len(seen.away),
        "services_gone_seconds": weather.down,
        "complete": states["completed"],
        "other_states": {name: n for name, n in sorted(states.items()) if name != "completed"},
        "workers_that_ended_by_themselves": len(seen.exits),
        "events": sum(len(ids) for ids in seen.events.values()),
        "readers": len(seen.readers),
        "connections": sum(reader.connections for reader in seen.readers),
        "refused": dict(sum((reader.refused for reader in seen.readers), Counter[str]())),
        "events_missing": missing,
        "events_doubled": doubled,
        "readers_out_of_order": disordered,
        "pieces_made_twice": sum(count - 1 for count in seen.made.values()),
        "calls": len(seen.log),
        "by_status": dict(sorted(Counter(str(call.status) for call in seen.log).items())),
        "answers_lost_to_kills": len(lost),
        "oldest_answer_lost_seconds": round(max(lost, default=0.0), 3),
        "calls_repeated": len(wasted),
        "places_with_keys": sorted(f"{where}: {name}" for where, name in seen.leaks),
    }


def broken(row: Mapping[str, Any]) -> list[str]:
    """The bars that do not hold, in words."""
    found: list[str] = []
    if row["complete"] < row["courses"]:
        found.append(f"{row['complete']} of {row['courses']} courses complete")
    none = (
        "events_missing",
        "events_doubled",
        "readers_out_of_order",
        "pieces_made_twice",
        "calls_repeated",
        "workers_that_ended_by_themselves",
        "places_with_keys",
    )
    found += [f"{name.replace('_', ' ')}: {row[name]}" for name in none if row[name]]
    return found
