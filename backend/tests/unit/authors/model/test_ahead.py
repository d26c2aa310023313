"""Chapters that are begun while the outline is still coming."""

import asyncio
import json
from typing import Any

import pytest

from coursewright.authors.model import ModelAuthor
from coursewright.course.brief import Brief, Length
from coursewright.course.errors import CoursewrightError
from coursewright.providers.scope import making
from support.scripted import GEMINI, Kept, Reply, Seen, scene, scope
from unit.authors.model.pieces import TEXTS, material, passage

BRIEF = Brief(topic="Bread", chapters=3, length=Length.SHORT)
TITLES = ["Flour and water", "Yeast", "The oven"]
PROSE = "\n\n".join(f"{text} Case {n}." for n in range(15) for text in TEXTS)


def outline(titles: list[str] = TITLES, promised: list[str] | None = None) -> str:
    """An outline as models write it: all titles first."""
    plans = [
        {
            "title": title,
            "summary": f"On {title}. " + "It matters for every loaf. " * 8,
            "objectives": [f"explain {title}", "name what matters"],
            "source_sections": [1],
        }
        for title in titles
    ]
    whole: dict[str, Any] = {
        "title": "Bread",
        "description": "A course on bread.",
        "chapter_titles": titles if promised is None else promised,
        "chapters": plans,
    }
    return json.dumps(whole)


def chapter() -> Reply:
    return Reply(
        text=json.dumps({"sections": [{"heading": "", "markdown": PROSE, "sources": [1]}]})
    )


def script(text: str, breaks_after: int | None = None) -> Any:
    def answer(seen: Seen) -> Reply:
        if "Plan a course" not in seen.said:
            return chapter()
        return Reply(text=text, breaks_after=breaks_after if seen.streams else None)

    return answer


def chapters(seen: list[Seen]) -> list[Seen]:
    return [each for each in seen if "Write this chapter" in each.said]


SOURCES = material(*(passage(n, text, "Dough") for n, text in enumerate(TEXTS, start=1)))


async def test_chapters_that_are_begun_early_are_those_that_are_asked_for_later() -> None:
    """In the same words, sources included: what is begun is never asked a second time."""
    kept = Kept()
    async with scene(script(outline()), chain=GEMINI, answers=kept) as it:
        author = ModelAuthor(it.asker)
        with making(scope("outline")):
            plan = (await author.outline(BRIEF, SOURCES)).value
        early = len(chapters(it.provider.seen))
        assert early >= 1, "nothing was begun early"
        for number in (1, 2, 3):
            with making(scope(f"chapter/{number}")):
                made = await author.chapter(BRIEF, plan, number, SOURCES)
            assert made.value.title == TITLES[number - 1]
        assert len(chapters(it.provider.seen)) == 3


async def test_what_is_asked_of_an_outline_is_not_asked_of_its_early_chapters() -> None:
    """The pieces of the chapters do not know of it: their calls would all be lost."""
    instructed = BRIEF.model_copy(update={"instruction": "More on rye."})
    async with scene(script(outline()), chain=GEMINI, answers=Kept()) as it:
        author = ModelAuthor(it.asker)
        with making(scope("outline")):
            plan = (await author.outline(instructed, SOURCES)).value
        assert "More on rye." in it.provider.seen[0].said
        await asyncio.gather(*(_chapter(author, plan, number) for number in (1, 2, 3)))
        assert len(chapters(it.provider.seen)) == 3


async def test_an_outline_that_turns_out_otherwise_costs_calls_and_nothing_else() -> None:
    text = outline(["Flour", "Yeast", "The oven"], promised=TITLES)
    async with scene(script(text), chain=GEMINI, answers=Kept()) as it:
        author = ModelAuthor(it.asker)
        with making(scope("outline")):
            plan = (await author.outline(BRIEF, SOURCES)).value
        assert [each.title for each in plan.chapters] == ["Flour", "Yeast", "The oven"]
        # Only the title of the first one is not the promised one: it is not begun.
        assert all("Flour and water\\n2" in each.said for each in chapters(it.provider.seen))
        with making(scope("chapter/1")):
            assert (await author.chapter(BRIEF, plan, 1, SOURCES)).value.title == "Flour"


@pytest.mark.parametrize("promised", [[], ["Yeast"] * 3, TITLES[:2], ["", "", ""]])
async def test_where_the_titles_are_no_plan_nothing_is_begun(promised: list[str]) -> None:
    async with scene(script(outline(promised=promised)), chain=GEMINI, answers=Kept()) as it:
        with making(scope("outline")):
            await ModelAuthor(it.asker).outline(BRIEF, SOURCES)
        assert chapters(it.provider.seen) == []


@pytest.mark.parametrize("after", [200, 1_500, 3_000])
async def test_a_stream_that_breaks_is_asked_for_again_and_chapters_are_asked_for_once(
    after: int,
) -> None:
    kept = Kept()
    async with scene(script(outline(), after), chain=GEMINI, answers=kept) as it:
        author = ModelAuthor(it.asker)
        with making(scope("outline")):
            plan = (await author.outline(BRIEF, SOURCES)).value
        await asyncio.gather(*(_chapter(author, plan, number) for number in (1, 2, 3)))
        assert len(chapters(it.provider.seen)) == 3


async def test_an_outline_that_fails_takes_its_chapters_along() -> None:
    never = asyncio.Event()

    def answer(seen: Seen) -> Reply:
        if "Plan a course" in seen.said:
            return Reply(text=outline(TITLES[:2] if not seen.streams else TITLES)[:-40])
        return Reply(waits=never)

    async with scene(answer, chain=GEMINI, answers=Kept()) as it:
        with making(scope("outline")), pytest.raises(CoursewrightError):
            await ModelAuthor(it.asker).outline(BRIEF, SOURCES)
        await asyncio.sleep(0.05)
        assert it.provider.cancelled == len(chapters(it.provider.seen)) > 0


async def test_where_a_person_looks_at_the_outline_first_nothing_is_begun() -> None:
    brief = BRIEF.model_copy(update={"edit_outline": True})
    async with scene(script(outline()), chain=GEMINI) as it:
        with making(scope("outline")):
            await ModelAuthor(it.asker).outline(brief, SOURCES)
        await asyncio.sleep(0.05)
        assert chapters(it.provider.seen) == []


async def test_outside_of_a_piece_nothing_is_begun() -> None:
    async with scene(script(outline()), chain=GEMINI) as it:
        await ModelAuthor(it.asker).outline(BRIEF, SOURCES)
        assert chapters(it.provider.seen) == []


async def _chapter(author: ModelAuthor, plan: Any, number: int) -> None:
    with making(scope(f"chapter/{number}")):
        await author.chapter(BRIEF, plan, number, SOURCES)
