"""What a person does: looks at courses, reads, answers, reviews cards, listens, takes away."""

import asyncio
import itertools
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from api.record import Record
from api.wire import Answer, Broken, Connection

LISTENED = 65_536
"""Bytes of a recording that a player asks for at a time."""
EXPORTS = ("markdown", "json")
EXPORTED = 0.1
"""In so large a share of visits a course is taken away."""
OK = frozenset({200, 201, 202, 204, 206})


@dataclass(frozen=True, kw_only=True)
class Login:
    """An account of the run, and what it has."""

    email: str
    password: str
    course: str
    audio: str
    audio_size: int


class Person:
    """One who reads, with a browser of their own, until told to stop."""

    def __init__(
        self, address: str, login: Login, record: Record, *, think: float, seed: str
    ) -> None:
        """`think`: seconds between two requests, on average; 0 sends the next one at once."""
        self._login = login
        self._record = record
        self._think = think
        self._chance = random.Random(seed)  # noqa: S311 - repeatable
        self.connection = Connection(address)

    def begin(self, record: Record, *, think: float) -> None:
        """Another phase: what is seen from now on goes into `record`."""
        self._record, self._think = record, think

    async def sign_in(self) -> None:
        """Begins a session of its own."""
        order = {"email": self._login.email, "password": self._login.password}
        answer = await self.ask("POST /api/session", "POST", "/api/session", order)
        if answer is None:
            raise Broken("nobody could sign in")
        self.connection.cookie = answer.header("set-cookie").partition(";")[0]

    async def read(self, until: float) -> None:
        """One visit after another, until that time of `time.monotonic`."""
        here = f"/api/courses/{self._login.course}"
        visit = (
            self._look_around,
            self._open,
            self._read_chapter,
            self._quiz,
            self._review,
            self._listen,
            self._take_away,
        )
        await self._pause(self._chance.random())
        # Not everybody begins with the same thing at the same time.
        begin = self._chance.randrange(len(visit))
        for work in itertools.chain(visit[begin:], itertools.cycle(visit)):
            if time.monotonic() >= until:
                return
            await work(here, until)

    async def ask(
        self,
        route: str,
        method: str,
        path: str,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        *,
        also: int | None = None,
    ) -> Answer | None:
        """One request, measured from its first byte to the answer's last. None: it failed.

        `also`: a status that is as it should be.
        """
        began = time.perf_counter()
        try:
            answer = await self.connection.ask(method, path, body, headers)
        except (Broken, OSError) as error:
            self._record.failed(route, f"{type(error).__name__} {error}")
            return None
        if answer.status not in OK and answer.status != also:
            said = answer.body[:120].decode(errors="replace")
            self._record.failed(route, f"{answer.status} {said}")
            return None
        self._record.add(route, time.perf_counter() - began, len(answer.body))
        return answer

    async def _look_around(self, here: str, until: float) -> None:
        del here
        for route in ("GET /api/courses", "GET /api/study"):
            if not await self._over(until):
                await self.ask(route, "GET", route.removeprefix("GET "))

    async def _open(self, here: str, until: float) -> None:
        """The page of today, and what a page that is a program would fetch."""
        page = here.removeprefix("/api")
        if not await self._over(until):
            await self.ask("GET /courses/{id} (page)", "GET", page)
        if not await self._over(until):
            await self.ask("GET /api/courses/{id}", "GET", here)

    async def _read_chapter(self, here: str, until: float) -> None:
        if await self._over(until):
            return
        progress = await self.ask("GET .../progress", "GET", f"{here}/progress")
        if progress is None:
            return
        number = self._chance.choice([each["number"] for each in progress.json()["chapters"]])
        await self.ask("GET .../chapters/{n}", "GET", f"{here}/chapters/{number}")
        if await self._over(until):
            return
        where = {"chapter": number, "position": round(self._chance.random(), 3)}
        await self.ask("PUT .../position", "PUT", f"{here}/position", where)
        await self.ask("PUT .../completion", "PUT", f"{here}/chapters/{number}/completion")

    async def _quiz(self, here: str, until: float) -> None:
        """Two questions are answered, the others left open."""
        if await self._over(until):
            return
        begun = await self.ask("POST .../quiz-attempts", "POST", f"{here}/quiz-attempts", {})
        if begun is None or await self._over(until):
            return
        found = begun.json()
        answers = [
            {"item": each["id"], "chosen": self._chance.randrange(len(each["options"]))}
            for each in found["questions"][:2]
        ]
        path = f"/api/quiz-attempts/{found['id']}/finish"
        await self.ask("POST .../finish", "POST", path, {"answers": answers, "elapsed_ms": 9000})

    async def _review(self, here: str, until: float) -> None:
        del here
        if await self._over(until):
            return
        due = await self.ask("GET /api/study/due", "GET", "/api/study/due")
        cards: list[dict[str, Any]] = [] if due is None else due.json()["cards"]
        for card in cards[:3]:
            if await self._over(until):
                return
            # A review of its own each time: the id is made by the client.
            path = f"/api/study/reviews/{UUID(int=self._chance.getrandbits(128), version=4)}"
            order = {"card_id": card["id"], "rating": self._chance.choice((1, 2, 3, 3, 3, 4))}
            await self.ask("PUT /api/study/reviews", "PUT", path, order)

    async def _listen(self, here: str, until: float) -> None:
        del here
        path = f"/api/files/{self._login.audio}"
        for _ in range(2):
            if await self._over(until):
                return
            start = self._chance.randrange(max(1, self._login.audio_size - LISTENED))
            bytes_wanted = {"Range": f"bytes={start}-{start + LISTENED - 1}"}
            await self.ask("GET /api/files (range)", "GET", path, headers=bytes_wanted)

    async def _take_away(self, here: str, until: float) -> None:
        if self._chance.random() < EXPORTED and not await self._over(until):
            name = self._chance.choice(EXPORTS)
            await self.ask(f"GET .../export/{name}", "GET", f"{here}/export/{name}")

    async def _over(self, until: float) -> bool:
        await self._pause(self._chance.uniform(0.4, 1.6))
        return time.monotonic() >= until

    async def _pause(self, factor: float) -> None:
        if self._think:
            await asyncio.sleep(self._think * factor)
