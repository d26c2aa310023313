"""Many courses while services fail and the program is killed: what is complete, lost, made twice.

The program runs as `coursewright serve` on an embedded Postgres, the emulator in this process. In
each life some courses are ordered, half a dozen of them in the very moment of the kill: what is not
confirmed is ordered again with the same key. Half of the kills take Postgres along. No two prompts
are the same, since each course has an audience of its own; so a call that the emulator has answered
whole may come again only where the kill came between its arrival and the storing of its answer.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import psycopg

from coursewright.database import embedded
from coursewright.emulator.desk import Call
from coursewright.emulator.faults import Fault
from coursewright.emulator.options import EmulatorOptions, ModelLimits
from coursewright.emulator.server import Emulator, running
from generation.program import Program, kill_postgres
from generation.secrecy import Search, made_up_keys

DEAD, LEAKED, DEAD_GROQ = "GEMINI_CHAPTER_KEY_4", "GEMINI_QUIZ_KEY_2", "GROQ_API_KEY_3"
NAMES = (
    "GEMINI_CHAPTER_KEY_1", "GEMINI_CHAPTER_KEY_2", "GEMINI_CHAPTER_KEY_3", DEAD,
    "GEMINI_QUIZ_KEY_1", LEAKED, "GEMINI_FLASHCARD_KEY", "GEMINI_GAME_KEY", "GEMINI_ARTICLE_KEY",
    "GROQ_API_KEY_1", "GROQ_API_KEY_2", DEAD_GROQ,
)  # fmt: skip
"""The contract's keys and one more; three of them are of no use."""
RATES: dict[str, float] = {
    "overloaded": 0.015, "errors": 0.005, "stall": 0.005, "reset": 0.01, "malformed": 0.005,
    "empty": 0.005, "blocked": 0.005,
}  # fmt: skip
"""5 % together."""
TOPICS = ("SQL", "Photosynthesis", "The French Revolution", "Music theory", "Beekeeping", "Sailing")
_ROOM = ModelLimits(rpm=1200, tpm=100_000_000)
_SAID = "gemini:* rpm=1200 tpm=100000000; groq:* rpm=1200 tpm=100000000"
_BURST = 1.0
_STORED_WITHIN = 1.0
"""Seconds from an answer's last byte until it must be stored."""
_IN_THE_MOMENT = 6
_LOOK = 0.5
_WHOLE = (None, Fault.STALL)


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What is tried."""

    courses: int
    kills: int
    chapters: int = 3
    seed: int = 1
    latency: float = 0.1
    """Factor; 1 is as slow as the real services."""
    stall_seconds: float | None = None
    """How long a stalled call hangs; None: until the program gives it up."""
    lives: tuple[float, float] = (2.0, 9.0)
    """Seconds between an order and the kill: the least and the most."""
    deadline: float = 1800.0
    """Seconds after the last kill."""


@dataclass
class Found:
    """What was seen."""

    keys: dict[str, str]
    seconds: float = 0.0
    kills: list[float] = field(default_factory=list[float])
    """When, on the emulator's clock."""
    ids: dict[int, str] = field(default_factory=dict[int, str])
    courses: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    pieces: dict[str, list[dict[str, Any]]] = field(default_factory=dict[str, list[dict[str, Any]]])
    listed: set[str] = field(default_factory=set[str])
    log: list[Call] = field(default_factory=list[Call])
    retried: int = 0
    """Courses that were complete after their failed pieces were tried again."""
    made: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    """How often each piece of each course was made, before anything was retried."""
    rows: int = 0
    leaks: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    searched: int = 0
    """Bytes."""


async def survive(trial: Trial, folder: Path) -> Found:
    """Carries it out in `folder`, which must be empty."""
    keys = made_up_keys(NAMES, trial.seed)
    options = EmulatorOptions.model_validate(
        {
            **RATES,
            "seed": trial.seed,
            "latency_scale": trial.latency,
            "stall_seconds": trial.stall_seconds,
            "burst_seconds": _BURST,
            "gemini": _ROOM,
            "groq": _ROOM,
            "dead_keys": {keys[DEAD], keys[DEAD_GROQ]},
            "leaked_keys": {keys[LEAKED]},
        }
    )
    async with running(options) as emulator:
        return await _Crashing(trial, folder, emulator, keys).run()


class _Crashing:
    def __init__(
        self, trial: Trial, folder: Path, emulator: Emulator, keys: dict[str, str]
    ) -> None:
        self._trial = trial
        self._folder = folder
        self._emulator = emulator
        self._chance = random.Random(trial.seed)  # noqa: S311 - when to kill
        self._search = Search(keys)
        self._waiting = list(range(trial.courses))
        self._found = Found(keys)
        self._settings = {
            **keys,
            **{f"{name}_PROJECT": f"project-{name}" for name in keys},
            "COURSEWRIGHT_GEMINI_URL": emulator.gemini_url,
            "COURSEWRIGHT_GROQ_URL": emulator.groq_url,
            "COURSEWRIGHT_LIMITS": _SAID,
            "COURSEWRIGHT_LOG_LEVEL": "debug",
            "COURSEWRIGHT_LOG_FORMAT": "json",
        }

    async def run(self) -> Found:
        began = time.monotonic()
        for life in range(self._trial.kills):
            await self._live_and_die(self._trial.kills - life)
        program = Program(self._folder, self._settings)
        try:
            async with self._client(await program.address()) as client:
                await asyncio.gather(*(self._order(client, each) for each in list(self._waiting)))
                await self._settle(client)
                self._found.seconds = time.monotonic() - began
                self._found.log = list(self._emulator.log)
                await self._read(client)
                made = await self._retry(client)
        finally:
            await program.stop()
        await asyncio.to_thread(self._inspect, made)
        return self._found

    async def _live_and_die(self, lives_left: int) -> None:
        program = Program(self._folder, self._settings)
        try:
            async with self._client(await program.address()) as client:
                share = -(-len(self._waiting) // lives_left)
                now, then = self._waiting[:share], self._waiting[share:][:_IN_THE_MOMENT]
                await asyncio.gather(*(self._order(client, each) for each in now))
                await asyncio.sleep(self._chance.uniform(*self._trial.lives))
                last = asyncio.gather(*(self._order(client, each) for each in then))
                await asyncio.sleep(self._chance.uniform(0.0, 0.05))
                program.kill()
                self._found.kills.append(time.monotonic())
                if self._chance.random() < 0.5:  # noqa: PLR2004 - half of the times
                    kill_postgres(self._folder)
                await last
        finally:
            program.kill()

    def _client(self, address: str) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(base_url=address, timeout=60)

    async def _order(self, client: httpx2.AsyncClient, number: int) -> None:
        """Orders a course; it stays among those to be ordered where no answer comes."""
        order = {
            "topic": TOPICS[number % len(TOPICS)],
            "chapters": self._trial.chapters,
            "length": "short",
            "audience": f"group {number}",
        }
        try:
            answer = await client.post(
                "/api/courses", json=order, headers={"idempotency-key": f"order-{number}"}
            )
        except httpx2.TransportError:
            return  # killed
        answer.raise_for_status()
        self._search.look("POST /api/courses", answer.content)
        self._found.ids[number] = answer.json()["id"]
        self._waiting.remove(number)

    async def _get(self, client: httpx2.AsyncClient, path: str) -> Any:
        answer = await client.get(path)
        answer.raise_for_status()
        self._search.look(f"GET {path}", answer.content)
        return answer.json()

    async def _settle(self, client: httpx2.AsyncClient) -> None:
        async with asyncio.timeout(self._trial.deadline):
            while True:
                listed: list[dict[str, Any]] = []
                while len(page := await self._get(client, _page(len(listed)))):
                    listed += page
                if all(each["status"] != "generating" for each in listed):
                    break
                await asyncio.sleep(_LOOK)
        self._found.listed = {each["id"] for each in listed}

    async def _read(self, client: httpx2.AsyncClient) -> None:
        await self._get(client, "/health")
        for course in self._found.ids.values():
            self._found.courses.append(await self._get(client, f"/api/courses/{course}"))
            self._found.pieces[course] = await self._get(client, f"/api/courses/{course}/pieces")

    async def _retry(self, client: httpx2.AsyncClient) -> set[str]:
        """Tries failed pieces again. Returns the courses for which that was done."""
        failed = [each["id"] for each in self._found.courses if each["status"] != "completed"]
        for course in failed:
            answer = await client.post(f"/api/courses/{course}/retry")
            answer.raise_for_status()
        if failed:
            await self._settle(client)
        states = [(await self._get(client, f"/api/courses/{each}"))["status"] for each in failed]
        self._found.retried = states.count("completed")
        return set(failed)

    def _inspect(self, retried: set[str]) -> None:
        server = asyncio.run(embedded.start(self._folder))
        try:
            with psycopg.connect(server.admin_url()) as admin:
                self._found.rows = self._search.look_into_tables(admin)
                made = admin.execute(
                    "select course_id::text, piece_key from course_events"
                    " where event = 'piece_done'"
                ).fetchall()
        finally:
            asyncio.run(server.stop())
        self._found.made = Counter((course, key) for course, key in made if course not in retried)
        self._search.look_into(self._folder)
        self._found.leaks = self._search.found
        self._found.searched = self._search.bytes_read


def _page(offset: int) -> str:
    return f"/api/courses?limit=200&offset={offset}"


def repeated(
    log: Sequence[Call], kills: Sequence[float], *, within: float = _STORED_WITHIN
) -> tuple[list[float], list[Call]]:
    """Calls that were answered whole and came again: of those that lost their answer to a kill the
    seconds that the answer was old, and those that had not lost it. There is one process: each kill
    is that of whoever had the answer. An answer is stored `within` so many seconds.
    """
    answered: dict[str, Call] = {}
    lost, wasted = list[float](), list[Call]()
    for call in log:
        if call.status != 200 or call.fault not in _WHOLE:  # noqa: PLR2004 - OK
            continue
        before = answered.get(call.call_id)
        answered[call.call_id] = call
        if before is None:
            continue
        ended = before.ended or before.at
        ages = [max(0.0, moment - ended) for moment in kills if before.at <= moment < call.at]
        if ages and ages[0] <= within:
            lost.append(ages[0])
        else:
            wasted.append(call)
    return lost, wasted


def judged(found: Found, courses: int, *, within: float = _STORED_WITHIN) -> dict[str, Any]:
    """The figures. An answer counts as stored `within` so many seconds."""
    states = Counter(each["status"] for each in found.courses)
    pieces = [(course, each) for course, rows in found.pieces.items() for each in rows]
    failed = [each for _, each in pieces if each["state"] != "done"]
    lost_answers, wasted = repeated(found.log, found.kills, within=within)
    whole = states["completed"]
    return {
        "courses": courses,
        "kills": len(found.kills),
        "seconds": round(found.seconds, 1),
        "complete": whole,
        "with_failed_pieces": states["incomplete"],
        "failed_pieces": sorted(f"{each['key']}: {each['reason']}" for each in failed),
        "without_reason": sum(not (each["reason"] and each["hint"]) for each in failed),
        "complete_after_retry": whole + found.retried,
        "lost": courses - len(found.listed & set(found.ids.values())),
        "ordered_twice": len(found.listed - set(found.ids.values())),
        "pieces": len(pieces),
        "pieces_made_twice": sum(count - 1 for count in found.made.values()),
        "calls": len(found.log),
        "by_status": dict(sorted(Counter(str(call.status) for call in found.log).items())),
        "faults": dict(sorted(Counter(str(c.fault) for c in found.log if c.fault).items())),
        "answers_lost_to_kills": len(lost_answers),
        "oldest_answer_lost_seconds": round(max(lost_answers, default=0.0), 3),
        "calls_repeated": len(wasted),
        "places_with_keys": sorted(f"{where}: {name}" for where, name in found.leaks),
        "searched_mb": round(found.searched / 1e6, 1),
        "searched_rows": found.rows,
    }


def broken(row: dict[str, Any], *, share: float = 0.99) -> list[str]:
    """The bars that do not hold, in words. `share`: of the courses in which nothing failed."""
    found: list[str] = []
    if row["lost"] or row["ordered_twice"]:
        found.append(f"{row['lost']} courses lost, {row['ordered_twice']} made twice")
    if row["complete"] + row["with_failed_pieces"] < row["courses"]:
        found.append("courses that are neither complete nor say what is missing")
    if row["without_reason"]:
        found.append(f"{row['without_reason']} failed pieces without a reason or a way out")
    if row["complete"] < share * row["courses"]:
        found.append(f"only {row['complete']} of {row['courses']} courses with nothing failed")
    if row["complete_after_retry"] < row["courses"]:
        found.append(f"only {row['complete_after_retry']} courses complete after a retry")
    if row["pieces_made_twice"]:
        found.append(f"{row['pieces_made_twice']} pieces made twice")
    if row["calls_repeated"]:
        found.append(f"{row['calls_repeated']} calls repeated that had been answered")
    if row["places_with_keys"]:
        found.append(f"pieces of keys in {', '.join(row['places_with_keys'])}")
    return found
