"""The clients against a real service: courses, files, events over broken connections, bad input."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from coursewright import AsyncClient, Client
from coursewright.client.values import Event
from coursewright.course.course import CourseStatus
from coursewright.course.errors import (
    BadRequest,
    Conflict,
    NoSource,
    NotFound,
    SourceError,
    Unavailable,
)
from support.service import Service

TOPIC = "Machine Learning Basics"
TEXT = b"""# Tides

A **tide** is the regular rise and fall of the sea that the Moon and the Sun cause together.
A **spring tide** is a tide of unusually great range that comes soon after a full moon.
A **neap tide** is a tide of unusually small range that comes soon after a half moon.
An **estuary** is the wide mouth of a river in which fresh water and sea water mix.
A **bore** is a steep wave that runs up a river when the sea rises quickly at its mouth.
Harbours publish tables that tell the height of the water for every hour of the year.
"""


@pytest.fixture
async def client(service: Service) -> AsyncIterator[AsyncClient]:
    async with AsyncClient(service.address) as opened:
        yield opened


async def in_thread(work: Callable[[], Any]) -> Any:
    """The client that waits, beside the service in the same process."""
    return await asyncio.to_thread(work)


async def test_a_course_comes_back_as_the_service_holds_it(
    client: AsyncClient, service: Service
) -> None:
    ordered = await client.create_course(TOPIC, chapters=2, audience="gardeners")
    course = await client.wait(ordered.id, timeout=60)

    assert course == await service.application.reading.course(service.application.owner, ordered.id)
    assert course.status is CourseStatus.COMPLETED
    assert course.brief.audience == "gardeners"
    assert [item.id for item in await client.courses()] == [ordered.id]
    assert (await client.chapter(ordered.id, 2)) == course.chapters[1]
    first = await client.quiz(ordered.id, chapter=1)
    assert first == tuple(item for item in course.mcqs if item.chapter == 1) != ()
    assert len(await client.flashcards(ordered.id)) == len(course.flashcards) > 0
    assert (await client.export(ordered.id, "json")).content.startswith(b"{")
    assert (await client.costs(ordered.id)).calls == 0
    assert await client.all_costs(by="model", days=1) == []


async def test_the_client_that_waits_does_the_same(service: Service) -> None:
    def work() -> None:
        with Client(service.address) as client:
            ordered = client.create_course(TOPIC, chapters=2)
            names = [event.name for event in client.watch(ordered.id)]
            assert names[0] == "course_created"
            assert names[-1] == "course_completed"
            assert client.wait(ordered.id).status is CourseStatus.COMPLETED
            client.regenerate(ordered.id, "word_games", instruction="shorter")
            assert client.wait(ordered.id, timeout=60).word_games
            client.delete(ordered.id)
            with pytest.raises(NotFound, match="no course"):
                client.course(ordered.id)

    await in_thread(work)


async def test_files_are_sent_from_paths_and_from_memory(
    client: AsyncClient, tmp_path: Path
) -> None:
    path = tmp_path / "tides.md"
    path.write_bytes(TEXT)
    ordered = await client.create_course("Tides", files=[path, ("more.txt", TEXT * 2)])
    course = await client.wait(ordered.id, timeout=60)
    assert {source.origin for source in course.sources} == {"tides.md", "more.txt"}


async def test_the_same_key_is_the_same_course(client: AsyncClient) -> None:
    orders = [await client.create_course(TOPIC, chapters=2, key="mine") for _ in range(2)]
    assert orders[0].id == orders[1].id
    assert (await client.create_course(TOPIC, chapters=2)).id != orders[0].id


async def test_an_order_whose_answer_is_lost_makes_one_course(service: Service) -> None:
    class Losing(httpx2.AsyncHTTPTransport):
        lost = 0

        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            response = await super().handle_async_request(request)
            if request.method == "POST" and self.lost < 2:
                self.lost += 1
                await response.aclose()
                raise httpx2.ReadError("broken off", request=request)
            return response

    transport = Losing()
    async with AsyncClient(service.address, transport=transport) as client:
        ordered = await client.create_course(TOPIC, chapters=2)
        assert [item.id for item in await client.courses()] == [ordered.id]
    assert transport.lost == 2


async def test_what_would_do_harm_twice_is_not_sent_again(service: Service) -> None:
    sent: list[str] = []

    class Losing(httpx2.AsyncHTTPTransport):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            response = await super().handle_async_request(request)
            if request.url.path.endswith("/regenerate"):
                sent.append(request.url.path)
                await response.aclose()
                raise httpx2.ReadError("broken off", request=request)
            return response

    async with AsyncClient(service.address, transport=Losing()) as client:
        ordered = await client.create_course(TOPIC, chapters=2)
        await client.wait(ordered.id, timeout=60)
        with pytest.raises(Unavailable, match="broke off"):
            await client.regenerate(ordered.id, "word_games")
    assert len(sent) == 1


async def test_no_event_is_lost_or_doubled_when_the_stream_breaks_again_and_again(
    service: Service,
) -> None:
    opened: list[str] = []

    class Short(httpx2.AsyncByteStream):
        """Breaks off in the middle of an event."""

        def __init__(self, inner: httpx2.AsyncByteStream) -> None:
            self.inner = inner

        async def __aiter__(self) -> AsyncIterator[bytes]:
            seen = 0
            async for chunk in self.inner:
                seen += len(chunk)
                if seen > 700:
                    yield chunk[: len(chunk) // 2]
                    raise httpx2.ReadError("broken off")
                yield chunk

        async def aclose(self) -> None:
            await self.inner.aclose()

    class Breaking(httpx2.AsyncHTTPTransport):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            response = await super().handle_async_request(request)
            if request.url.path.endswith("/events"):
                opened.append(request.headers["last-event-id"])
                assert isinstance(response.stream, httpx2.AsyncByteStream)
                response.stream = Short(response.stream)
            return response

    async with AsyncClient(service.address, transport=Breaking()) as client:
        ordered = await client.create_course(TOPIC, chapters=3)
        events = [event async for event in client.watch(ordered.id)]
    async with AsyncClient(service.address) as client:
        all_of_them = [event async for event in client.watch(ordered.id)]

    assert len(opened) > 3
    assert opened[0] == "0"
    assert events == all_of_them
    assert events[-1].name == "course_completed"


async def test_watching_a_course_that_is_made_ends_at_once(client: AsyncClient) -> None:
    ordered = await client.create_course(TOPIC, chapters=2)
    await client.wait(ordered.id, timeout=60)
    async with asyncio.timeout(5):
        events: list[Event] = [event async for event in client.watch(ordered.id)]
        assert [e async for e in client.watch(ordered.id, after=events[-1].id)] == []
        rest = [event async for event in client.watch(ordered.id, after=events[3].id)]
    assert rest == events[4:]


async def test_watching_goes_past_the_end_that_a_resumed_course_had_before(
    client: AsyncClient,
) -> None:
    ordered = await client.create_course(TOPIC, chapters=3)
    await client.cancel(ordered.id)
    assert (await client.wait(ordered.id, timeout=60)).status is not CourseStatus.COMPLETED
    assert (await client.resume(ordered.id)).pieces > 0
    async with asyncio.timeout(60):
        names = [event.name async for event in client.watch(ordered.id)]
    assert names.index("course_stopped") < names.index("course_continued")
    assert names[-1] == "course_completed"


async def test_waiting_too_long_is_told_and_the_course_goes_on(client: AsyncClient) -> None:
    ordered = await client.create_course(TOPIC)
    with pytest.raises(Unavailable, match="still being made"):
        await client.wait(ordered.id, timeout=0.01)
    assert (await client.wait(ordered.id, timeout=60)).status is CourseStatus.COMPLETED


Wrong = Callable[[AsyncClient], Awaitable[object]]


WRONG: list[tuple[Wrong, type[Exception]]] = [
    (lambda client: client.course(uuid4()), NotFound),
    (lambda client: client.course("../../health"), BadRequest),
    (lambda client: client.course(""), BadRequest),
    (lambda client: client.cancel("x" * 100_000), BadRequest),
    (lambda client: client.create_course(""), BadRequest),
    (lambda client: client.create_course("x" * 1_000_000), BadRequest),
    (lambda client: client.create_course("SQL", level="wizard"), BadRequest),
    (lambda client: client.create_course("SQL", chapters=0), BadRequest),
    (lambda client: client.create_course("SQL", sources=["/etc/passwd"]), SourceError),
    (lambda client: client.create_course("SQL", files=["/no/such/file"]), SourceError),
    (lambda client: client.create_course("SQL", files=["/"]), SourceError),
    (lambda client: client.create_course("SQL", files=[("a.txt", b"")]), SourceError),
    (
        lambda client: client.create_course("SQL", sources=["http://x"], files=[("a", b"b")]),
        BadRequest,
    ),
    (lambda client: client.create_course("Zyxwv of the Qrstu"), NoSource),
    (lambda client: client.courses(limit=0), BadRequest),
    (lambda client: client.all_costs(by="nothing"), BadRequest),
    (lambda client: client.retry(uuid4(), "chapter/../../x"), BadRequest),
    (lambda client: client.export(uuid4(), "../x"), NotFound),
]


@pytest.mark.parametrize(("wrong", "kind"), WRONG)
async def test_bad_input_is_an_error_of_ours_with_a_message_and_nothing_is_stored(
    client: AsyncClient, wrong: Wrong, kind: type[Exception]
) -> None:
    with pytest.raises(kind) as told:
        await wrong(client)
    assert str(told.value)
    assert len(str(told.value)) < 500
    assert await client.courses() == []


async def test_a_piece_that_cannot_be_retried_is_a_conflict_with_a_hint(
    client: AsyncClient,
) -> None:
    ordered = await client.create_course(TOPIC, chapters=2)
    await client.wait(ordered.id, timeout=60)
    with pytest.raises(Conflict) as told:
        await client.retry(ordered.id, "chapter/1")
    assert "regenerate" in told.value.hint
    with pytest.raises(NotFound) as unknown:
        await client.retry(ordered.id, "chapter/77")
    assert "chapter/1" in unknown.value.hint
