"""Flashcards and glossary terms on the text of a chapter."""

from collections.abc import Iterator
from itertools import pairwise, zip_longest
from typing import Any

from coursewright.emulator.chance import Dice
from coursewright.emulator.writing.knowledge import Definition, learn, question_of
from coursewright.emulator.writing.phrases import capital, carrying, shorten
from coursewright.emulator.writing.task import Shown, Task

_USUAL = 5
_MOST_TERM_WORDS = 22
_MOST_COMPARED = 22
"""Words of each of two meanings on one card."""


def cards(task: Task, call_id: str) -> dict[str, Any]:
    """`cards`: as many for each chapter as are asked for, or as its text carries."""
    wanted, _ = task.count("cards", _USUAL)
    return {
        "cards": [
            card
            for shown in task.chapters
            for card in _first(wanted, _cards(shown, Dice(call_id, "cards", shown.number)))
        ]
    }


def terms(task: Task, call_id: str) -> dict[str, Any]:
    """`terms`, likewise."""
    wanted, _ = task.count("terms", _USUAL)
    return {
        "terms": [
            term
            for shown in task.chapters
            for term in _first(wanted, _terms(shown, Dice(call_id, "terms", shown.number)))
        ]
    }


def _first(wanted: int, items: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for _, item in zip(range(wanted), items, strict=False):
        yield item


def _cards(shown: Shown, dice: Dice) -> Iterator[dict[str, Any]]:
    """First what terms mean, among them sentences with a gap; then the way back."""
    known = learn(shown.text)

    def card(front: str, back: str, quotation: str) -> dict[str, Any]:
        found = {"chapter": shown.number, "front": front, "back": back}
        return {**found, "quotation": quotation}

    definitions = dice.shuffled(known.definitions)
    uses = dice.shuffled(known.uses)
    for item, use in zip_longest(definitions, uses[: len(definitions)]):
        if item is not None:
            yield card(question_of(item), f"{capital(item.brief)}.", item.sentence)
        if use is not None:
            yield card(use.gapped, use.missing, use.sentence)
    for one, two in pairwise(definitions):
        yield card(f"How do {one.named} and {two.named} differ?", _compared(one, two), one.sentence)
    for item in definitions:
        if not carrying(item.term) & carrying(item.brief):
            front = f"Which term is explained like this: “{capital(item.brief)}”?"
            yield card(front, item.term, item.sentence)
    for gap in (*uses[len(definitions) :], *dice.shuffled(known.gaps)):
        yield card(gap.gapped, gap.missing, gap.sentence)


def _compared(one: Definition, two: Definition) -> str:
    first, second = (
        f"{each.named} {each.verb} {shorten(each.brief, _MOST_COMPARED)}" for each in (one, two)
    )
    return f"{capital(first)}, whereas {second}."


def _terms(shown: Shown, dice: Dice) -> Iterator[dict[str, Any]]:
    """Defined terms, short ones first; then words with the sentence that they are missing from."""
    known = learn(shown.text)
    ordered = sorted(dice.shuffled(known.definitions), key=lambda each: len(each.term.split()))
    for item in ordered:
        yield {
            "chapter": shown.number,
            "term": item.term,
            "definition": capital(shorten(item.meaning, _MOST_TERM_WORDS)) + ".",
            "quotation": item.sentence,
        }
    taken = {item.term.lower() for item in ordered}
    for gap in dice.shuffled(known.words):
        if gap.missing.lower() not in taken:
            taken.add(gap.missing.lower())
            yield {
                "chapter": shown.number,
                "term": gap.missing,
                "definition": gap.gapped,
                "quotation": gap.sentence,
            }
