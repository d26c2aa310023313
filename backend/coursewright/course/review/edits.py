"""The gate for what a person has edited: every rule that an item breaks, not only the first."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeVar

from coursewright.course.chapter import Chapter
from coursewright.course.review import quiz_rules
from coursewright.course.review.gate import broken_rules, same_term
from coursewright.course.review.rule import Context, Rule
from coursewright.course.review.sameness import said
from coursewright.course.review.study_rules import CARD_RULES, TERM_RULES
from coursewright.course.review.verdict import ItemKind, Rejection
from coursewright.course.study import Flashcard, GlossaryTerm, Mcq, StudyItem

T = TypeVar("T", bound=StudyItem)
_TWICE = "the course has that already"


def judge_flashcards(
    items: Sequence[Flashcard],
    edited: Sequence[int],
    *,
    chapter: Chapter,
    language: str,
    elsewhere: Sequence[Flashcard],
) -> dict[int, tuple[Rejection, ...]]:
    """What the gate refuses of edited cards, by their index; those that pass are left out.

    Args:
        items: all cards of the chapter, as they are to be.
        edited: the indices of those that are judged.
        chapter: what they are about.
        language: a BCP 47 tag.
        elsewhere: the cards of all other chapters.
    """
    return _judged(
        items, edited, elsewhere, Context(chapter, language), CARD_RULES, ItemKind.FLASHCARD,
        lambda card: card.front, said,
    )  # fmt: skip


def judge_glossary(
    items: Sequence[GlossaryTerm],
    edited: Sequence[int],
    *,
    chapter: Chapter,
    language: str,
    elsewhere: Sequence[GlossaryTerm],
) -> dict[int, tuple[Rejection, ...]]:
    """The same for terms."""
    return _judged(
        items, edited, elsewhere, Context(chapter, language), TERM_RULES, ItemKind.TERM,
        lambda item: item.term, same_term,
    )  # fmt: skip


def judge_mcqs(
    items: Sequence[Mcq],
    edited: Sequence[int],
    *,
    chapter: Chapter,
    language: str,
    elsewhere: Sequence[Mcq],
) -> dict[int, tuple[Rejection, ...]]:
    """The same for questions; the rules for the quiz as a whole count against those edited."""
    telling = set(quiz_rules.too_telling(items))
    uneven = quiz_rules.unevenly_placed(items)
    found: dict[int, tuple[Rejection, ...]] = {}
    for index in edited:
        item = items[index]
        broken = list(broken_rules(item, chapter=chapter, language=language))
        others = [other for at, other in enumerate(items) if at != index]
        if quiz_rules.duplicate_of(item, [*elsewhere, *others]) is not None:
            broken.append(Rejection.of(ItemKind.MCQ, item.stem, "duplicate-stem", _TWICE))
        if index in telling:
            reason = "too often in this quiz the right answer is the longest, or the shortest"
            broken.append(Rejection.of(ItemKind.MCQ, item.stem, "quiz-key-length", reason))
        # Only the position that holds the most keys is one too many.
        if uneven and _holds_the_most(items, item.key):
            broken.append(Rejection.of(ItemKind.MCQ, item.stem, "key-position", uneven))
        if broken:
            found[index] = tuple(broken)
    return found


def _holds_the_most(items: Sequence[Mcq], key: int) -> bool:
    counts = Counter(item.key for item in items)
    return counts[key] == max(counts.values())


def _judged(
    items: Sequence[T],
    edited: Sequence[int],
    elsewhere: Sequence[T],
    context: Context,
    rules: Sequence[Rule[T]],
    kind: ItemKind,
    name: Callable[[T], str],
    same: Callable[[str], object],
) -> dict[int, tuple[Rejection, ...]]:
    known = [same(name(item)) for item in items]
    outside = {same(name(item)) for item in elsewhere}
    found: dict[int, tuple[Rejection, ...]] = {}
    for index in edited:
        item = items[index]
        broken = [
            Rejection.of(kind, name(item), rule.name, reason)
            for rule in rules
            if (reason := rule.check(item, context)) is not None
        ]
        if known[index] in outside or known.count(known[index]) > 1:
            broken.append(Rejection.of(kind, name(item), f"duplicate-{kind}", _TWICE))
        if broken:
            found[index] = tuple(broken)
    return found
