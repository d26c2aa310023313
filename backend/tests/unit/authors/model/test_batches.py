"""Several chapters in one call, where calls are scarce."""

import asyncio
import json
import re
from collections.abc import Callable

import pytest

from coursewright.authors.model import ModelAuthor
from coursewright.course.brief import Brief
from coursewright.keys.sliding_log import GUARD, SlidingLog
from coursewright.providers.scope import making
from support.scripted import GEMINI, Kept, Reply, Scene, Script, Seen, scene, scope
from unit.authors.model.pieces import BRIEF, OUTLINE, TEXTS, chapter, material

WINDOW = 1.0
"""Seconds that stand for a minute."""
BOTH = (chapter(1), chapter(2))


@pytest.fixture(autouse=True)
def _short_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    old = SlidingLog.__init__.__defaults__
    assert old is not None
    monkeypatch.setattr(SlidingLog.__init__, "__defaults__", (WINDOW, GUARD, *old[2:]))


def numbers(seen: Seen) -> list[int]:
    """The chapters that a call speaks of."""
    return [int(each) for each in re.findall(r'<chapter number=\\"(\d+)', seen.said)]


def cards(*chapters: int) -> Reply:
    found = [
        {"chapter": n, "front": f"Yeast {n}?", "back": "A fungus.", "quotation": TEXTS[0]}
        for n in chapters
    ]
    return Reply(text=json.dumps({"cards": found}))


def ideas() -> Reply:
    return Reply(text=json.dumps({"suggestions": [{"topic": "Rye", "reason": "It is next."}]}))


def for_all(seen: Seen) -> Reply:
    return cards(*numbers(seen)) if numbers(seen) else ideas()


async def both(it: Scene, brief: Brief = BRIEF) -> list[int]:
    """The cards of two chapters at once; the chapters that they came out for."""
    author = ModelAuthor(it.asker)

    async def one(number: int) -> int:
        with making(scope(f"flashcards/{number}")):
            made = await author.flashcards(brief, BOTH[number - 1], material())
        assert made.usage.tokens_in
        return made.value[0].chapter

    return list(await asyncio.gather(one(1), one(2)))


async def scarce(
    script: Script, do: Callable[[Scene], object], kept: Kept, *, calls: int = 1
) -> list[list[int]]:
    """What is asked where few calls a minute are allowed, and the first minute's are spent."""
    async with (
        scene(script, chain=GEMINI, limits=f"{GEMINI} rpm={calls}", answers=kept, wait=20) as it,
        asyncio.timeout(20),
    ):
        for number in range(calls):
            spent = BRIEF.model_copy(update={"topic": f"Bread {number}"})
            await ModelAuthor(it.asker).suggestions(spent, OUTLINE, BOTH, ())
        await do(it)  # pyright: ignore[reportGeneralTypeIssues] - a coroutine
        return [numbers(seen) for seen in it.provider.seen[calls:]]


async def test_with_room_each_chapter_is_asked_for_alone() -> None:
    async with scene(for_all, chain=GEMINI, limits=f"{GEMINI} rpm=9", answers=Kept()) as it:
        assert await both(it) == [1, 2]
        assert sorted(numbers(seen) for seen in it.provider.seen) == [[1], [2]]


async def test_without_room_they_are_asked_for_together_and_kept_apart() -> None:
    kept = Kept()

    async def do(it: Scene) -> None:
        assert await both(it) == [1, 2]

    assert await scarce(for_all, do, kept) == [[1, 2]]
    # Who comes back after a crash finds the part of its own chapter.
    assert await scarce(for_all, do, kept) == []


async def test_a_chapter_that_the_answer_leaves_out_asks_for_itself() -> None:
    def script(seen: Seen) -> Reply:
        return cards(numbers(seen)[0]) if numbers(seen) else ideas()

    async def do(it: Scene) -> None:
        assert await both(it) == [1, 2]

    # Together, mended in vain; then each for itself.
    asked = await scarce(script, do, Kept())
    assert asked[:2] == [[1, 2], [1, 2]]
    assert sorted(asked[2:]) == [[1], [2]]


async def test_one_who_is_cancelled_does_not_take_the_other_along() -> None:
    async def do(it: Scene) -> None:
        author = ModelAuthor(it.asker)

        async def one(number: int) -> int:
            with making(scope(f"flashcards/{number}")):
                made = await author.flashcards(BRIEF, BOTH[number - 1], material())
            return made.value[0].chapter

        first, second = (asyncio.create_task(one(number)) for number in (1, 2))
        await asyncio.sleep(0.1)
        first.cancel()
        assert await second == 2
        assert first.cancelled()

    assert await scarce(for_all, do, Kept()) == [[1, 2]]


async def test_no_call_is_larger_than_an_answer_may_be_however_many_come_at_once() -> None:
    """All chapters of a course that is tried again come in the same moment."""
    count, brief = 20, BRIEF.model_copy(update={"flashcards_per_chapter": 30})

    async def do(it: Scene) -> None:
        author = ModelAuthor(it.asker)

        async def one(number: int) -> int:
            with making(scope(f"flashcards/{number}")):
                made = await author.flashcards(brief, chapter(number), material())
            return made.value[0].chapter

        found = await asyncio.gather(*(one(number) for number in range(1, count + 1)))
        assert found == list(range(1, count + 1))

    asked = await scarce(for_all, do, Kept(), calls=4)
    assert sorted(number for numbers in asked for number in numbers) == list(range(1, count + 1))
    assert max(map(len, asked)) == 2, "two chapters of 32 cards of 60 words: 3,840 words"
