"""`AsyncClient`: for asyncio. `client.py` is the same for programs that wait for each answer."""

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Self

import httpx2

from coursewright.client import calls, views
from coursewright.client.answers import asked_to_wait, lost, may_pass
from coursewright.client.calls import Call, CourseId, File, T
from coursewright.client.connection import Connection, Replay
from coursewright.client.files import AsyncFiles
from coursewright.client.retries import Retries
from coursewright.client.saving import draft
from coursewright.client.study import AsyncStudy
from coursewright.client.values import (
    Continued,
    Costs,
    CostsOf,
    CourseItem,
    Event,
    Export,
    Format,
    Health,
    Ordered,
    PieceItem,
)
from coursewright.course.brief import Length, Level
from coursewright.course.chapter import Chapter
from coursewright.course.course import Course
from coursewright.course.errors import CoursewrightError, Unavailable
from coursewright.course.study import Flashcard, Mcq


class AsyncClient:
    """Courses of a running service.

    Every method raises the errors of `coursewright.course.errors`, the same that the service
    itself raises, with a message and a hint: `NotFound`, `BadRequest`, `Unavailable` and so on.
    What does no harm twice is sent again when an answer is lost.
    """

    def __init__(
        self,
        address: str = "http://127.0.0.1:8008",
        *,
        token: str | None = None,
        cookies: Mapping[str, str] | None = None,
        timeout: float = 30,
        retries: int = 3,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        """Nothing is sent yet.

        Args:
            address: of the service, as `coursewright serve` prints it.
            token: a bearer token, where the service asks for sign-in.
            cookies: those of a session, instead of a token.
            timeout: seconds that one answer may take; orders, whose sources are read first, more.
            retries: attempts after the first.
            transport: how requests travel; for tests.
        """
        self._connection = Connection(
            address=address.rstrip("/"),
            token=token,
            cookies=cookies or {},
            timeout=timeout,
            retries=Retries(most=retries),
        )
        self._http = httpx2.AsyncClient(
            base_url=self._connection.address,
            headers=self._connection.headers,
            cookies=dict(self._connection.cookies),
            trust_env=self._connection.trust_env,
            transport=transport,
        )
        self._study = AsyncStudy(self._send)
        self._files = AsyncFiles(self._send, self._save)

    @property
    def study(self) -> AsyncStudy:
        """Reviews, quizzes, progress."""
        return self._study

    @property
    def files(self) -> AsyncFiles:
        """Recordings and originals."""
        return self._files

    @property
    def address(self) -> str:
        """Where the service is."""
        return self._connection.address

    async def create_course(
        self,
        topic: str,
        *,
        level: Level | str = Level.BEGINNER,
        language: str = "en",
        chapters: int | None = None,
        length: Length | str = Length.STANDARD,
        audience: str = "",
        sources: Sequence[str] = (),
        files: Sequence[File] = (),
        key: str | None = None,
    ) -> Ordered:
        """Orders a course; it is made while you do something else.

        Args:
            topic: what it is to be about, up to 300 characters.
            level: beginner, intermediate or advanced.
            language: a BCP 47 tag, such as en, de, pt-BR.
            chapters: how many; by default as many as the material carries.
            length: of a chapter: short, standard or long.
            audience: for whom it is written, in words.
            sources: http(s) addresses to make it of.
            files: instead of addresses: paths, or pairs of a name and bytes.
            key: the same key twice is one order. One is made up where none is given, so that an
                order whose answer was lost is not carried out twice.
        """
        brief = calls.brief_of(
            topic=topic,
            level=level,
            language=language,
            chapters=chapters,
            length=length,
            audience=audience,
        )
        return await self._send(calls.create(brief, sources, files, key))

    async def courses(self, *, limit: int = 50, offset: int = 0) -> list[CourseItem]:
        """My courses, the newest first."""
        return await self._send(calls.courses(limit, offset))

    async def course(self, course_id: CourseId) -> Course:
        """A whole course, as far as it is made."""
        return await self._send(calls.course(course_id))

    async def chapter(self, course_id: CourseId, number: int) -> Chapter:
        """One chapter, from 1. `NotFound` where it is not made (yet)."""
        return views.chapter(await self.course(course_id), number)

    async def quiz(self, course_id: CourseId, *, chapter: int | None = None) -> tuple[Mcq, ...]:
        """The questions of a chapter, or of the whole course, with their keys."""
        return views.quiz(await self.course(course_id), chapter)

    async def flashcards(
        self, course_id: CourseId, *, chapter: int | None = None
    ) -> tuple[Flashcard, ...]:
        """The cards of a chapter, or of the whole course."""
        return views.flashcards(await self.course(course_id), chapter)

    async def pieces(self, course_id: CourseId) -> list[PieceItem]:
        """What a course consists of, each with its state."""
        return await self._send(calls.pieces(course_id))

    async def wait(
        self,
        course_id: CourseId,
        *,
        timeout: float | None = None,  # noqa: ASYNC109 - as in `Client`, with our error
    ) -> Course:
        """The course, once nothing is under way any more; see its `status` and what is `missing`.

        `Unavailable` when that takes longer than `timeout` seconds; it is made all the same.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        for pause in views.pauses():
            if not views.under_way(await self.pieces(course_id)):
                return await self.course(course_id)
            left = pause if deadline is None else deadline - time.monotonic()
            if left <= 0:
                raise views.still_making(timeout)
            await asyncio.sleep(min(pause, left))
        raise AssertionError  # pauses never end

    async def watch(self, course_id: CourseId, *, after: int = 0) -> AsyncGenerator[Event]:
        """Each event with an id above `after`: first the past ones, then as they happen.

        Ends when nothing is under way any more. A stream that breaks off is opened again where it
        was, so that no event is lost or comes twice.
        """
        replay = Replay(after, self._connection)
        while True:
            settled = not views.under_way(await self.pieces(course_id))
            broken: Unavailable | None = None
            try:
                async with self._stream(
                    calls.events(course_id, after=replay.after, follow=not settled)
                ) as stream:
                    async for sent in stream:
                        event = replay.take(sent)
                        if event is None:
                            continue
                        yield event
                        if event.may_be_last and not views.under_way(await self.pieces(course_id)):
                            return
            except httpx2.RequestError as error:
                broken = lost(error, self.address)
            except Unavailable as error:
                broken = error
            if settled and broken is None:
                return
            await asyncio.sleep(replay.wait(random.random(), broken))  # noqa: S311 - spread, no secret

    async def cancel(self, course_id: CourseId) -> Continued:
        """Stops making a course. What is made is kept."""
        return await self._send(calls.cancel(course_id))

    async def resume(self, course_id: CourseId) -> Continued:
        """Goes on with what was cancelled or has failed."""
        return await self._send(calls.resume(course_id))

    async def retry(self, course_id: CourseId, piece: str | None = None) -> Continued:
        """Tries failed pieces again: one, or all."""
        return await self._send(calls.retry(course_id, piece))

    async def regenerate(
        self,
        course_id: CourseId,
        piece: str,
        *,
        instruction: str | None = None,
        with_dependents: bool = False,
    ) -> Continued:
        """Makes a piece anew. What was there stays until the new one stands."""
        return await self._send(
            calls.regenerate(course_id, piece, instruction, with_dependents=with_dependents)
        )

    async def delete(self, course_id: CourseId) -> None:
        """Deletes a course with everything in it. There is no way back."""
        await self._send(calls.delete(course_id))

    async def formats(self) -> list[Format]:
        """What a course can be exported to."""
        return await self._send(calls.formats())

    async def export(self, course_id: CourseId, name: str) -> Export:
        """The course in a format, as a file."""
        return await self._send(calls.export(course_id, name))

    async def costs(self, course_id: CourseId) -> Costs:
        """What the model calls of a course took."""
        return await self._send(calls.costs(course_id))

    async def all_costs(self, *, by: str = "course", days: int | None = None) -> list[CostsOf]:
        """What all my model calls took, added up by course, model, service, day, outcome or key."""
        return await self._send(calls.all_costs(by, days))

    async def health(self) -> Health:
        """How the service is."""
        return await self._send(calls.health())

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _send(self, call: Call[T]) -> T:
        failed = 0
        while True:
            asked = None
            failure: CoursewrightError
            try:
                response = await self._attempt(call)
            except httpx2.RequestError as error:
                failure = lost(error, self.address)
                # What was never sent can be sent again, whatever it is.
                again = call.repeatable or isinstance(error, httpx2.ConnectError)
            else:
                try:
                    return self._connection.read(call, response)
                except CoursewrightError as error:
                    failure = error
                    again = call.repeatable and may_pass(response)
                    asked = asked_to_wait(response)
            failed += 1
            wait = self._connection.retries.wait(failed, random.random(), asked=asked)  # noqa: S311 - spread, no secret
            if not again or wait is None:
                raise failure
            await asyncio.sleep(wait)

    async def _attempt(self, call: Call[T]) -> httpx2.Response:
        with ExitStack() as stack:
            return await self._http.request(
                call.method,
                call.path,
                params=dict(call.params),
                json=call.json,
                data=None if call.form is None else dict(call.form),
                files=call.opened(stack),
                headers=dict(call.headers),
                timeout=self._connection.limits_of(call),
            )

    async def _save(self, call: Call[None], path: Path) -> int:
        failed = 0
        while True:
            failure: CoursewrightError
            try:
                return await self._save_once(call, path)
            except httpx2.RequestError as error:
                failure = lost(error, self.address)
            except Unavailable as error:
                failure = error
            failed += 1
            wait = self._connection.retries.wait(failed, random.random())  # noqa: S311 - spread, no secret
            if wait is None:
                raise failure
            await asyncio.sleep(wait)

    async def _save_once(self, call: Call[None], path: Path) -> int:
        async with self._http.stream(
            call.method,
            call.path,
            timeout=self._connection.limits_of(call),
        ) as response:
            if not response.is_success:
                await response.aread()
            self._connection.read(call, response)
            with draft(path) as file:
                async for chunk in response.aiter_bytes():
                    file.write(chunk)
                return file.tell()

    @asynccontextmanager
    async def _stream(self, call: Call[None]) -> AsyncGenerator[httpx2.EventSource]:
        async with self._http.stream(
            call.method,
            call.path,
            params=dict(call.params),
            headers=dict(call.headers),
            timeout=self._connection.stream_limits,
        ) as response:
            if not response.is_success:
                await response.aread()
            self._connection.read(call, response)
            yield httpx2.EventSource(response)
