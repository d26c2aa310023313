"""Streams of events that are held open while somebody edits the course, or while it is made."""

import asyncio
import itertools
import random
import time
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from api.people import Login, Person
from api.record import Record
from api.wire import Broken, Connection

EDITED_EVERY = 10.0
"""Seconds between two changes of one course by hand, on average."""
ORDERED_EVERY = 30.0
"""Seconds between two courses of one person."""
CHAPTERS = 3
TOPICS = (
    "Machine Learning Basics", "The French Revolution", "SQL", "Photosynthesis",
    "Music theory", "Personal finance", "How the internet works", "Statistics basics",
)  # fmt: skip
"""Those of the primers, so that the built-in author has something to write from."""
_REMADE = 0.25
"""In so large a share of changes a piece is made anew, instead of a chapter edited."""
_REMADE_PIECE = "article/faq"
_NOTE = "Somebody has read this once more."
_LAST = "course_completed"
GRACE = 20.0
"""Seconds that streams stay open when the load has ended: what is late by then has come."""


@dataclass
class Watched:
    """What one stream has brought."""

    course: str
    after: int
    """The events after this one were asked for."""
    opened: float
    closed: float = 0.0
    came: list[tuple[int, float]] = field(default_factory=list[tuple[int, float]])
    """The ids, and when they came: seconds since 1970."""
    broken: str = ""


class Watcher:
    """A person with a second browser, whose stream of events is open all the time."""

    def __init__(self, address: str, login: Login, record: Record, *, seed: str) -> None:
        self._address = address
        self._login = login
        self._chance = random.Random(seed)  # noqa: S311 - repeatable
        self.person = Person(address, login, record, think=0, seed=seed)
        self.watched: list[Watched] = []

    def begin(self, record: Record) -> None:
        """Another phase: what is seen from now on goes into `record`."""
        self.person.begin(record, think=0)
        self.watched = []

    async def watch_edits(self, until: float) -> None:
        """The person's course, which somebody edits: one stream for the whole time."""
        # Only what is to come: what has happened before is not measured here.
        after = await self._newest(self._login.course)
        watching = asyncio.create_task(self._watch(self._login.course, after, until))
        await self._edit(until)
        await watching

    async def watch_orders(self, until: float) -> None:
        """Courses that are being made, one after another, each watched from its beginning."""
        for number in itertools.count(self._chance.randrange(len(TOPICS))):
            if time.monotonic() >= until:
                return
            began = time.monotonic()
            order = {"topic": TOPICS[number % len(TOPICS)], "chapters": CHAPTERS}
            made = await self.person.ask("POST /api/courses", "POST", "/api/courses", order)
            if made is not None:
                await self._watch(made.json()["id"], 0, until, last=_LAST)
            pause = ORDERED_EVERY * self._chance.uniform(0.5, 1.5)
            await asyncio.sleep(max(0.1, min(began + pause, until) - time.monotonic()))

    async def _newest(self, course: str) -> int:
        newest = 0
        async with aclosing(self._stream(f"{course}/events?follow=false", 0)) as events:
            async for number, _ in events:
                newest = number
        return newest

    async def _watch(self, course: str, after: int, until: float, *, last: str = "") -> None:
        seen = Watched(course, after, time.time())
        self.watched.append(seen)
        try:
            async with asyncio.timeout(until + GRACE - time.monotonic()):
                async with aclosing(self._stream(f"{course}/events", after)) as events:
                    async for number, name in events:
                        seen.came.append((number, time.time()))
                        if name == last:
                            break
                    else:
                        seen.broken = "the service ended the stream"
        except TimeoutError:
            pass  # the measurement is over
        except (Broken, OSError) as error:
            seen.broken = f"{type(error).__name__} {error}"
        seen.closed = time.time()

    def _stream(self, course_path: str, after: int) -> Any:
        connection = Connection(self._address)
        connection.cookie = self.person.connection.cookie
        return connection.events(f"/api/courses/{course_path}", after=after)

    async def _edit(self, until: float) -> None:
        here = f"/api/courses/{self._login.course}"
        while True:
            pause = EDITED_EVERY * self._chance.uniform(0.5, 1.5)
            if time.monotonic() + pause >= until:
                return
            await asyncio.sleep(pause)
            if self._chance.random() < _REMADE:
                path = f"{here}/pieces/{_REMADE_PIECE}/regenerate"
                # 409: it is being made at that moment.
                await self.person.ask(
                    "POST .../regenerate", "POST", path, {"overwrite": True}, also=409
                )
            else:
                await self._edit_chapter(here)

    async def _edit_chapter(self, here: str) -> None:
        """A sentence is added to the chapter, or taken out again."""
        path = f"{here}/chapters/{self._chance.randint(1, CHAPTERS)}"
        found = await self.person.ask("GET .../chapters/{n}", "GET", path)
        if found is None:
            return
        chapter = found.json()
        sections = [
            {"heading": each["heading"], "markdown": each["markdown"]}
            for each in chapter["sections"]
        ]
        text = sections[0]["markdown"]
        plain = text.replace(f"\n\n{_NOTE}", "")
        sections[0]["markdown"] = plain if plain != text else f"{text}\n\n{_NOTE}"
        edit = {
            "title": chapter["title"],
            "objectives": chapter["objectives"],
            "sections": sections,
        }
        condition = {"If-Match": found.header("etag")}
        order = {"chapter": edit}
        await self.person.ask("PUT .../chapters/{n}", "PUT", path, order, condition)
