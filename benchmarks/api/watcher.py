"""One who watches a course, whose connection is broken off now and again."""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field

import httpx2

_ENDED = {"course_completed", "course_incomplete", "course_cancelled", "course_failed"}
_SOON = 0.3
"""Seconds until it connects again."""


@dataclass
class Watcher:
    """It has seen the events `seen` of its course."""

    course: str
    seen: list[int] = field(default_factory=list[int])
    connections: int = 0
    refused: Counter[str] = field(default_factory=Counter[str])
    """Answers that were no stream, and connections that broke, by what was said."""

    async def watch(
        self, client: httpx2.AsyncClient, chance: random.Random, lasts: tuple[float, float]
    ) -> None:
        """Until the course has ended. A connection lasts so many seconds: the least, the most."""
        while True:
            self.connections += 1
            try:
                async with asyncio.timeout(chance.uniform(*lasts)):
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
