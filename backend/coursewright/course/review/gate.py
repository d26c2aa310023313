"""The gate: judges items one by one, then together. What it refuses, it names."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from coursewright.course.chapter import Chapter
from coursewright.course.review import quiz_rules
from coursewright.course.review.mcq_rules import MCQ_RULES
from coursewright.course.review.rule import Context, Rule
from coursewright.course.review.sameness import said
from coursewright.course.review.study_rules import CARD_RULES, TERM_RULES
from coursewright.course.review.verdict import ItemKind, Rejection, Reviewed
from coursewright.course.study import Flashcard, GlossaryTerm, Mcq, StudyItem
from coursewright.course.text import stems

T = TypeVar("T", bound=StudyItem)
_SHOWN = 160
"""Characters of an item in a rejection."""


def review_mcqs(
    items: Sequence[Mcq],
    *,
    chapter: Chapter,
    language: str,
    existing: Sequence[Mcq] = (),
    seed: int,
    wanted: int | None = None,
) -> Reviewed[Mcq]:
    """Judges the questions of one chapter.

    Args:
        items: candidates, best first.
        chapter: what they were made from.
        language: a BCP 47 tag; rules that need words of an unknown language rest.
        existing: the questions that the course has already; none may be asked twice.
        seed: for the order of options.
        wanted: the most that are published; what is good beyond that is spare, not refused.
    """
    context = Context(chapter, language)
    good, rejected = _one_by_one(items, MCQ_RULES, context, ItemKind.MCQ, lambda item: item.stem)
    kept: list[Mcq] = []
    for item in good:
        other = quiz_rules.duplicate_of(item, [*existing, *kept])
        if other is None:
            kept.append(item)
        else:
            reason = f"the course asks that already: “{_short(other.stem)}”"
            rejected.append(Rejection.of(ItemKind.MCQ, item.stem, "duplicate-stem", reason))
    while telling := quiz_rules.too_telling(_chosen(kept, wanted)[0]):
        item = _chosen(kept, wanted)[0][telling[0]]
        kept.remove(item)
        reason = "too often in this quiz the right answer is the longest, or the shortest"
        rejected.append(Rejection.of(ItemKind.MCQ, item.stem, "quiz-key-length", reason))
    chosen, spare = _chosen(kept, wanted)
    return Reviewed(
        accepted=tuple(quiz_rules.placed(chosen, existing, seed)),
        rejected=tuple(rejected),
        spare=tuple(spare),
    )


def review_flashcards(
    items: Sequence[Flashcard],
    *,
    chapter: Chapter,
    language: str = "en",
    existing: Sequence[Flashcard] = (),
    wanted: int | None = None,
) -> Reviewed[Flashcard]:
    """Judges the cards of one chapter; arguments as in `review_mcqs`."""
    context = Context(chapter, language)
    good, rejected = _one_by_one(
        items, CARD_RULES, context, ItemKind.FLASHCARD, lambda card: card.front
    )
    kept = _without_duplicates(
        good, existing, rejected, ItemKind.FLASHCARD, lambda card: card.front, said
    )
    return Reviewed(
        accepted=tuple(kept[:wanted]),
        rejected=tuple(rejected),
        spare=() if wanted is None else tuple(kept[wanted:]),
    )


def review_glossary(
    items: Sequence[GlossaryTerm],
    *,
    chapter: Chapter,
    language: str = "en",
    existing: Sequence[GlossaryTerm] = (),
    wanted: int | None = None,
) -> Reviewed[GlossaryTerm]:
    """Judges the terms of one chapter; arguments as in `review_mcqs`."""
    context = Context(chapter, language)
    good, rejected = _one_by_one(items, TERM_RULES, context, ItemKind.TERM, lambda item: item.term)
    kept = _without_duplicates(
        good,
        existing,
        rejected,
        ItemKind.TERM,
        lambda item: item.term,
        same_term,
    )
    return Reviewed(
        accepted=tuple(kept[:wanted]),
        rejected=tuple(rejected),
        spare=() if wanted is None else tuple(kept[wanted:]),
    )


def broken_rules(item: Mcq, *, chapter: Chapter, language: str) -> tuple[Rejection, ...]:
    """Every rule that one question breaks on its own; for editors."""
    context = Context(chapter, language)
    return tuple(
        Rejection.of(ItemKind.MCQ, item.stem, rule.name, reason)
        for rule in MCQ_RULES
        if (reason := rule.check(item, context)) is not None
    )


def broken_rules_of_quiz(items: Sequence[Mcq]) -> tuple[Rejection, ...]:
    """Every rule that published questions break together."""
    found: list[Rejection] = []
    for index, item in enumerate(items):
        if quiz_rules.duplicate_of(item, items[:index]) is not None:
            found.append(
                Rejection.of(ItemKind.MCQ, item.stem, "duplicate-stem", "it is asked twice")
            )
    for index in quiz_rules.too_telling(items):
        reason = "too often the right answer is the longest, or the shortest"
        found.append(Rejection.of(ItemKind.MCQ, items[index].stem, "quiz-key-length", reason))
    if items and (reason := quiz_rules.unevenly_placed(items)):
        found.append(Rejection.of(ItemKind.MCQ, items[0].stem, "key-position", reason))
    return tuple(found)


def same_term(term: str) -> object:
    """What tells a term apart from the others of a glossary."""
    return " ".join(stems(term)), said(term)[1]


def _one_by_one(
    items: Sequence[T],
    rules: Sequence[Rule[T]],
    context: Context,
    kind: ItemKind,
    name: Callable[[T], str],
) -> tuple[list[T], list[Rejection]]:
    """The first rule that an item breaks is its reason."""
    good: list[T] = []
    rejected: list[Rejection] = []
    for item in items:
        for rule in rules:
            reason = rule.check(item, context)
            if reason is not None:
                rejected.append(Rejection.of(kind, name(item), rule.name, reason))
                break
        else:
            good.append(item)
    return good, rejected


def _without_duplicates(
    items: Sequence[T],
    existing: Iterable[T],
    rejected: list[Rejection],
    kind: ItemKind,
    name: Callable[[T], str],
    key: Callable[[str], object],
) -> list[T]:
    seen = {key(name(item)) for item in existing}
    kept: list[T] = []
    for item in items:
        here = key(name(item))
        if here in seen:
            reason = "the course has that already"
            rejected.append(Rejection.of(kind, name(item), f"duplicate-{kind}", reason))
        else:
            seen.add(here)
            kept.append(item)
    return kept


def _chosen(items: Sequence[Mcq], wanted: int | None) -> tuple[list[Mcq], list[Mcq]]:
    """The `wanted` best, spread over the objectives; and the others."""
    if wanted is None or len(items) <= wanted:
        return list(items), []
    count: dict[str | None, int] = {}
    ranked: list[tuple[int, int]] = []
    for index, item in enumerate(items):
        rank = count.get(item.objective, 0)
        count[item.objective] = rank + 1
        ranked.append((rank if item.objective else 0, index))
    taken = {index for _, index in sorted(ranked)[:wanted]}
    return (
        [item for index, item in enumerate(items) if index in taken],
        [item for index, item in enumerate(items) if index not in taken],
    )


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
