"""Courses while workers are killed, Postgres is restarted and the services are gone.

A Postgres of its own, one `coursewright serve --no-worker`, several `coursewright worker`, the
emulator in a process of its own. Every course has readers of its events, whose connections are
broken off now and again: they go on where they were, by `Last-Event-ID`. At the end each must have
seen exactly what the database has, each event once and in order.
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
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx2
import psutil
import psycopg

from api.repeats import Outage
from api.services import Services
from api.verdict import Seen
from api.watcher import Watcher
from coursewright.database import embedded
from coursewright.database.embedded import EmbeddedPostgres
from coursewright.database.migrate import migrate
from generation.ours import limits_said
from generation.program import Program, environment
from generation.scene import KEYS, TOPICS, limits
from generation.secrecy import Search, made_up_keys

_SOON = 0.3
"""Seconds until an order is given again."""


@dataclass(frozen=True, kw_only=True)
class Weather:
    """What is done to it."""

    courses: int
    chapters: int = 3
    workers: int = 4
    readers: int = 2
    """Of each course."""
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
    times: int = 1
    """Limits: so many times those of the free tiers."""
    deadline: float = 900.0
    """Seconds from the last kill until every course must have ended."""


class Worker:
    """`coursewright worker`, started again whenever it has been killed. Each life has a name."""

    def __init__(self, folder: Path, settings: Mapping[str, str], services: Services) -> None:
        self._folder = folder
        self._settings = settings
        self._services = services
        folder.mkdir()
        self.exits: list[int] = []
        """Of those that ended by themselves: none may."""
        self._lives = 0
        self._process = self._start()

    @property
    def name(self) -> str:
        """Of its present life."""
        return f"{self._folder.name}-{self._lives}"

    def _start(self) -> "subprocess.Popen[bytes]":
        self._lives += 1
        settings = {**self._settings, **self._services.settings(self.name)}
        with (self._folder / "worker.log").open("ab") as out:
            return subprocess.Popen(
                [sys.executable, "-m", "coursewright", "worker"],
                env=environment(self._folder, settings),
                cwd=self._folder,
                stdout=out,
                stderr=out,
            )

    def kill(self) -> None:
        """As the system does when memory runs out; another one starts at once."""
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
        self.services: Services
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
        self.services = Services(
            {**options, **limits(self._weather.times)}, self._folder / "calls.jsonl"
        )
        self._open.callback(self.services.kill)
        await self.services.start()
        settings = {
            **self._keys,
            **{f"{name}_PROJECT": f"project-{name}" for name in self._keys},
            **self.services.settings("serve"),
            "DATABASE_URL": self.postgres.url(),
            "COURSEWRIGHT_LIMITS": limits_said(self._weather.times),
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
            worker = Worker(self._folder / f"worker-{number}", settings, self.services)
            self.workers.append(worker)
            self._open.callback(worker.stop)
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._open.aclose()

    async def rage(self) -> Seen:
        """Everything at once; it ends when every course has."""
        began = time.monotonic()
        async with asyncio.TaskGroup() as tasks:
            watchers = tasks.create_task(self._order(tasks))
            tasks.create_task(self._kill())
            tasks.create_task(self._restart())
            tasks.create_task(self._go_down())
        self.seen.watchers = watchers.result()
        self.seen.seconds = time.monotonic() - began
        await self._look()
        return self.seen

    async def _order(self, tasks: asyncio.TaskGroup) -> list[Watcher]:
        """Courses from the beginning to the end of the killing, and readers for each."""
        found: list[Watcher] = []
        weather = self._weather
        pause = weather.seconds * 0.8 / weather.courses
        for number in range(weather.courses):
            order = {
                "topic": TOPICS[number % len(TOPICS)],
                "chapters": weather.chapters,
                "length": "short",
                "audience": f"group {number}",
            }
            course = await self._ordered(order, number)
            for reader in range(weather.readers):
                watcher = Watcher(course)
                found.append(watcher)
                chance = random.Random(f"{weather.seed} {number} {reader}")  # noqa: S311 - when to break off
                tasks.create_task(self._watched(watcher, chance))
            await asyncio.sleep(pause)
        return found

    async def _watched(self, watcher: Watcher, chance: random.Random) -> None:
        weather = self._weather
        with suppress(TimeoutError):  # then its course is not complete, which the verdict says
            async with asyncio.timeout(weather.seconds + weather.deadline):
                await watcher.watch(self.client, chance, weather.reads)

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
            for each in self.workers:
                each.watch()
            worker = self._chance.choice(self.workers)
            self.seen.killed[worker.name] = time.monotonic()
            await asyncio.to_thread(worker.kill)

    async def _restart(self) -> None:
        for number in range(self._weather.restarts):
            await asyncio.sleep(self._weather.seconds / (self._weather.restarts + 1))
            # As `pg_ctl restart -m immediate` and `-m fast`.
            how = signal.SIGQUIT if number % 2 == 0 else signal.SIGINT
            begin = time.monotonic()
            await asyncio.to_thread(_end, self.postgres, how)
            await self.postgres.ensure_running()
            self.seen.outages.append(Outage(begin=begin, up=time.monotonic()))

    async def _go_down(self) -> None:
        await asyncio.sleep(self._weather.seconds / 2)
        await asyncio.to_thread(self.services.kill)
        await asyncio.sleep(self._weather.down)
        await self.services.start()

    async def _look(self) -> None:
        self.seen.calls = self.services.calls()
        for course in dict.fromkeys(each.course for each in self.seen.watchers):
            answer = await self.client.get(f"/api/courses/{course}")
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


def _end(postgres: EmbeddedPostgres, how: signal.Signals) -> None:
    """Stops the server; `ensure_running` starts it again."""
    process = psutil.Process(postgres.pid)
    process.send_signal(how)
    process.wait(30)


async def survive(weather: Weather, folder: Path) -> Seen:
    """Carries it out in `folder`, which must be empty, and others may enter."""
    async with Storm(weather, folder) as storm:
        seen = await storm.rage()
        for worker in storm.workers:
            worker.watch()
        exits = [code for worker in storm.workers for code in worker.exits]
    seen.exits = exits
    return seen
