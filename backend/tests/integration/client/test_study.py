"""`client.study` and `client.files` against a real service."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest

from coursewright import AsyncClient, Client
from coursewright.client.study_values import Review
from coursewright.course.errors import BadRequest, NotFound, Unavailable
from coursewright.course.memory import CardState, Rating
from support.service import Service


@pytest.fixture
async def client(service: Service) -> AsyncIterator[AsyncClient]:
    async with AsyncClient(service.address) as opened:
        yield opened


def names(folder: Path, pattern: str) -> list[str]:
    return sorted(each.name for each in folder.glob(pattern))


async def a_course(client: AsyncClient) -> UUID:
    ordered = await client.create_course("Machine Learning Basics", chapters=1)
    await client.wait(ordered.id, timeout=60)
    return ordered.id


async def test_an_evening_of_study(client: AsyncClient) -> None:
    course = await a_course(client)
    study = client.study

    quiz = await study.begin_quiz(course, chapter=1)
    keys = {item.id: item.key for item in (await study.attempt(quiz.id)).items}
    first, *rest = quiz.questions
    wrong = (keys[first.id] + 1) % len(first.options)
    marked = await study.answer(quiz.id, first.id, wrong)
    assert (marked.tried.correct, marked.recorded, marked.new_card) == (False, True, True)
    done = await study.finish_quiz(quiz.id, {each.id: keys[each.id] for each in rest})
    assert done.attempt.score == len(rest) == done.attempt.total - 1

    queue = await study.due(course_id=course)
    assert queue.cards[0].id == first.id
    assert queue.waiting.new == len(queue.cards)
    review = uuid4()
    card = await study.rate(first.id, Rating.GOOD, elapsed_ms=4000, review_id=review)
    assert card.memory.state is CardState.LEARNING
    assert card.memory == (await study.card(first.id)).memory
    taken = await study.take_back(review)
    assert taken is not None
    assert taken.memory.state is CardState.NEW
    aside = await study.suspend(first.id)
    assert aside.suspended_at is not None
    assert (await study.unsuspend(first.id)).suspended_at is None

    late = Review(card_id=first.id, rating=Rating.AGAIN, reviewed_at=datetime.now(UTC))
    lost = Review(card_id=uuid4(), rating=Rating.AGAIN)
    outcomes = await study.send([late, lost, late])
    assert [each.arrival for each in outcomes] == ["recorded", "refused", "recorded"]

    await study.read_on(course, 1, position=0.5)
    assert (await study.complete(course, 1)).percent == 100
    progress = await study.reopen(course, 1)
    assert progress.percent == 0
    assert progress.place is not None
    assert progress.place.position == 0.5
    dashboard = await study.dashboard()
    assert [each.id for each in dashboard.courses] == [course]
    assert dashboard.streak.current == 1


async def test_what_is_not_there_or_no_value_is_an_error_of_ours(client: AsyncClient) -> None:
    for call in (
        client.study.card(uuid4()),
        client.study.rate(uuid4(), 3),
        client.study.attempt(uuid4()),
        client.study.begin_quiz(uuid4()),
        client.study.take_back(uuid4()),
        client.files.of(uuid4()),
        client.files.link(uuid4()),
        client.files.delete(uuid4()),
    ):
        with pytest.raises(NotFound):
            await call
    for call in (client.study.rate(uuid4(), 9), client.study.card("../../health")):
        with pytest.raises(BadRequest):
            await call


async def test_a_recording_is_downloaded_whole_or_not_at_all(
    client: AsyncClient, service: Service, tmp_path: Path
) -> None:
    course = await a_course(client)
    sound = b"OggS" + bytes(range(256)) * 5000

    async def chunks() -> AsyncIterator[bytes]:
        yield sound

    files = service.application.files
    kept = await files.keep(
        service.application.owner, course, purpose="audio", name="one.ogg", chunks=chunks()
    )
    (listed,) = await client.files.of(course)
    assert (listed.id, listed.size, listed.media_type) == (kept.id, len(sound), "audio/ogg")

    place = tmp_path / "one.ogg"
    assert await client.files.download(listed.id, place) == len(sound)
    assert place.read_bytes() == sound

    def in_thread() -> None:
        with Client(service.address) as waiting:
            assert waiting.files.download(str(listed.id), str(tmp_path / "two.ogg")) == len(sound)
            assert waiting.files.of(course) == [listed]

    await asyncio.to_thread(in_thread)
    link = await client.files.link(listed.id, seconds=60)
    assert (await service.client.get(link.url)).content == sound

    with pytest.raises(BadRequest, match="cannot be written"):
        await client.files.download(kept.id, tmp_path / "no" / "folder")
    await client.files.delete(listed.id)
    with pytest.raises(NotFound):
        await client.files.download(listed.id, place)
    assert place.read_bytes() == sound
    assert names(tmp_path, "*.ogg") == ["one.ogg", "two.ogg"]
    assert names(tmp_path, ".coursewright-*") == []


class _Broken(httpx2.AsyncBaseTransport):
    """Half of what it announces, the first times."""

    def __init__(self, times: int) -> None:
        self.left = times

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:  # noqa: ARG002
        self.left -= 1

        async def body() -> AsyncIterator[bytes]:
            yield b"first half "
            if self.left >= 0:
                raise httpx2.ReadError("cut off")
            yield b"second half"

        return httpx2.Response(200, content=body())


@pytest.fixture
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    async def pause(*_: Any) -> None: ...

    monkeypatch.setattr("coursewright.client.aclient.asyncio.sleep", pause)


@pytest.mark.usefixtures("_no_pauses")
async def test_a_download_that_breaks_off_is_begun_again_and_leaves_nothing(
    tmp_path: Path,
) -> None:
    place = tmp_path / "file"
    async with AsyncClient(transport=_Broken(2)) as client:
        assert await client.files.download(uuid4(), place) == 22
    assert place.read_bytes() == b"first half second half"
    place.unlink()
    async with AsyncClient(transport=_Broken(99), retries=1) as client:
        with pytest.raises(Unavailable, match="cut off"):
            await client.files.download(uuid4(), place)
    assert names(tmp_path, "*") == []
