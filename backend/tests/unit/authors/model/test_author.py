"""The model author over real pools and wires: what it asks, and what it makes of the answers."""

import asyncio
import json
from typing import Any

import pytest

from coursewright.authors.model import ModelAuthor
from coursewright.course.article import AudioType
from coursewright.course.brief import Brief, Length
from coursewright.course.errors import Unusable
from coursewright.course.review.verdict import ItemKind, Rejection
from coursewright.providers.scope import making
from support.scripted import GEMINI, Kept, Reply, Seen, in_turn, scene, scope
from unit.authors.model.pieces import (
    BRIEF,
    OUTLINE,
    SOURCE,
    TEXTS,
    chapter,
    material,
    passage,
    question,
)

SHORT = Brief(topic="Bread", chapters=2, length=Length.SHORT)
PROSE = "\n\n".join(
    f"{text} That is shown by experiment number {n}." for n in range(9) for text in TEXTS
)


def says(value: object) -> Reply:
    return Reply(text=json.dumps(value))


def written(*sections: str) -> dict[str, Any]:
    return {
        "sections": [
            {"heading": f"Part {n}" if n else "", "markdown": text, "sources": [1]}
            for n, text in enumerate(sections)
        ]
    }


async def test_a_chapter_keeps_its_plan_and_cites_what_it_was_given() -> None:
    parts = material(*(passage(n, text) for n, text in enumerate(TEXTS, start=1)))
    async with scene(in_turn(says(written(PROSE, PROSE)))) as it:
        made = await ModelAuthor(it.asker).chapter(SHORT, OUTLINE, 2, parts)
    found = made.value
    assert (found.number, found.title) == (2, "Dough 2")
    assert found.objectives == OUTLINE.chapters[1].objectives
    assert {each.source_id for block in found.blocks for each in block.citations} == {SOURCE}
    assert made.usage.model == GEMINI
    assert (made.usage.prompt_version or "").startswith("chapter@")
    assert (made.usage.tokens_in, made.usage.tokens_out) == (100, 50)


async def test_what_a_small_model_cannot_write_whole_it_writes_section_by_section() -> None:
    def script(seen: Seen) -> Reply:
        if "Write this chapter" in seen.said:
            return says(written("Too short."))
        return says({"heading": "Yeast", "markdown": PROSE, "sources": []})

    async with scene(script, chain=GEMINI) as it:
        made = await ModelAuthor(it.asker).chapter(SHORT, OUTLINE, 1, material())
    assert len(made.value.sections) == 2 + len(OUTLINE.chapters[0].objectives)
    assert made.usage.tokens_in == 100 * len(made.value.sections)
    assert len(it.asked) == 2 + len(made.value.sections)  # asked, mended in vain, in parts


async def test_where_one_section_comes_to_nothing_the_others_are_kept() -> None:
    kept = Kept()

    def script(seen: Seen) -> Reply:
        bad = "Write this chapter" in seen.said or "the end. Sum up" in seen.said
        return says({} if bad else {"heading": "Yeast", "markdown": PROSE, "sources": []})

    async with scene(script, chain=GEMINI, answers=kept) as it:
        author = ModelAuthor(it.asker)
        with making(scope()), pytest.raises(Unusable):
            await author.chapter(SHORT, OUTLINE, 1, material())
        assert len(kept.answers) == 3
        before = len(it.asked)
        with making(scope()), pytest.raises(Unusable):
            await author.chapter(SHORT, OUTLINE, 1, material())
        # Only what had failed is asked again: the whole chapter, and the last section.
        assert len(it.asked) - before == 4


async def test_a_lecture_is_written_in_parts_side_by_side_and_comes_out_in_order() -> None:
    many = [chapter(number) for number in range(1, 5)]
    under_way = most = 0
    release = asyncio.Event()

    def script(seen: Seen) -> Reply:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        if under_way == len(many):
            release.set()
        part = next(n for n in range(1, 9) if f"part {n} of" in seen.said)
        text = f"This is part {part}. " + "Dough rises while it rests in a warm place. " * 60
        return Reply(
            text=json.dumps({"title": f"Title {part}", "paragraphs": [text]}), waits=release
        )

    async with scene(script, limits="gemini:* rpm=99; groq:* rpm=99") as it, asyncio.timeout(10):
        made = await ModelAuthor(it.asker).audio_script(
            BRIEF, AudioType.FULL_LECTURE, OUTLINE, tuple(many)
        )
    assert most == len(many)
    assert made.value.title == "Title 1"
    starts = [block.markdown[:15] for block in made.value.paragraphs]
    assert starts == [f"This is part {n}."[:15] for n in range(1, 5)]


async def test_better_questions_are_asked_for_with_what_was_wrong() -> None:
    refused = Rejection(
        kind=ItemKind.MCQ, item="What is salt?", rule="blind-solve", reason="two options are right"
    )
    item = {
        "chapter": 1, "stem": "What slows yeast?", "correct": "salt", "objective": 1,
        "distractors": ["sugar", "heat", "flour"], "explanation": "It does.", "quotation": TEXTS[2],
    }  # fmt: skip
    async with scene(in_turn(says({"questions": [item]}))) as it:
        kept = [question(f"What is kept {n}?") for n in range(5)]
        made = await ModelAuthor(it.asker).mcqs_again(BRIEF, chapter(), kept, [refused])
    said = it.provider.seen[0].said
    assert "two options are right" in said
    assert "What is kept 4?" in said
    assert f"Write {8 - 5 + 1} " in said
    assert made.value[0].answer == "salt"


async def test_a_solver_is_not_told_the_key() -> None:
    answers = {"answers": [{"number": 1, "right": [0]}, {"number": 2, "right": [1, 3]}]}
    quiz = [question(), question("What is salt?", "z", "y", "x", "w")]
    async with scene(in_turn(says(answers))) as it:
        made = await ModelAuthor(it.asker).solve(BRIEF, chapter(), quiz)
    assert made.value == (frozenset({0}), frozenset({1, 3}))
    said = it.provider.seen[0].said
    assert "What is salt?" in said
    for word in ("key", "correct", "explanation"):
        assert f'\\"{word}\\"' not in said


@pytest.mark.parametrize("answers", [[], [{"number": 9, "right": [0]}]])
async def test_a_solver_that_leaves_a_question_out_is_asked_again(answers: list[Any]) -> None:
    good = [{"number": 1, "right": [2]}]
    async with scene(in_turn(says({"answers": answers}), says({"answers": good}))) as it:
        made = await ModelAuthor(it.asker).solve(BRIEF, chapter(), [question()])
    assert made.value == (frozenset({2}),)
    assert "lacks the questions 1" in it.provider.seen[1].said
