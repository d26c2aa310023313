"""The rules for a quiz as a whole, and the order of options that keeps to them."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from random import Random

from coursewright.course.review.mcq_rules import OPTIONS, is_ordered
from coursewright.course.review.sameness import say_the_same, stands_in
from coursewright.course.study import Mcq
from coursewright.course.text import stems

NEAR = 0.8
"""Stems that share this much of their words (Jaccard) ask the same. Found on pairs of stems: other
wordings of one question lie above 0.8, questions on neighbouring facts below 0.7."""
_LONGEST_SHARE = 0.5
"""By chance, the key is the longest option in a quarter of the items."""
_CLEARLY = 1.1
_FEW = 4


def duplicate_of(item: Mcq, others: Iterable[Mcq]) -> Mcq | None:
    """An item that asks the same; None when there is none.

    Words alone do not tell: "What is X?" is "How does the chapter explain X?". But what has the
    same answer for the same words of the text asks for the same fact.
    """
    words = frozenset(stems(item.stem))
    for other in others:
        if say_the_same(item.stem, other.stem):
            return other
        if _same_proof(item, other) and _same_answer(item, other):
            return other
        theirs = frozenset(stems(other.stem))
        same = len(words & theirs) / max(1, len(words | theirs))
        if same >= NEAR and _same_answer(item, other):
            return other
    return None


def _same_proof(item: Mcq, other: Mcq) -> bool:
    """Whether one quotation is the other, or a part of it."""
    one, two = item.quotation, other.quotation
    return item.chapter == other.chapter and (stands_in(one, two) or stands_in(two, one))


def _same_answer(item: Mcq, other: Mcq) -> bool:
    one, two = set(stems(item.answer)), set(stems(other.answer))
    if not one | two:
        return say_the_same(item.answer, other.answer)
    return len(one & two) / max(1, len(one | two)) >= NEAR


def too_telling(items: Sequence[Mcq]) -> list[int]:
    """Which items give away that the key is too often the longest or the shortest option.

    The most telling one comes first. One after the other has to go: a shorter quiz bears fewer.
    """
    if len(items) < _FEW:
        return []
    most = math.ceil(_LONGEST_SHARE * len(items))
    longest = [
        (len(item.answer) / max(1, *map(len, item.distractors)), index)
        for index, item in enumerate(items)
    ]
    shortest = [
        (min(map(len, item.distractors)) / max(1, len(item.answer)), index)
        for index, item in enumerate(items)
    ]
    dropped: list[tuple[float, int]] = []
    for ratios in (longest, shortest):
        telling = sorted((pair for pair in ratios if pair[0] > _CLEARLY), reverse=True)
        dropped += telling[: max(0, len(telling) - most)]
    return [index for _, index in sorted(dropped, reverse=True)]


def placed(items: Sequence[Mcq], existing: Iterable[Mcq], seed: int) -> list[Mcq]:
    """The items with their options shuffled: each position holds the key about equally often.

    Numbers stay in their order. The same seed gives the same order.
    """
    random = Random(seed)  # noqa: S311 - not for secrets
    before = Counter(item.key for item in existing)
    used = Counter(item.key for item in items if is_ordered(item))
    return [item if is_ordered(item) else _shuffled(item, used, before, random) for item in items]


def _shuffled(item: Mcq, used: Counter[int], before: Counter[int], random: Random) -> Mcq:
    count = len(item.options)
    least = min(used[position] for position in range(count))
    free = [position for position in range(count) if used[position] == least]
    rarest = min(before[position] for position in free)
    position = random.choice([each for each in free if before[each] == rarest])
    used[position] += 1
    options = list(item.distractors)
    random.shuffle(options)
    options.insert(position, item.answer)
    return item.model_copy(update={"options": tuple(options), "key": position})


def unevenly_placed(items: Sequence[Mcq]) -> str | None:
    """Why the positions of the keys give something away; None when they do not."""
    free = [item for item in items if not is_ordered(item)]
    fixed = len(items) - len(free)
    counts = Counter(item.key for item in items)
    spread = [counts[position] for position in range(OPTIONS)]
    # What may not be moved may stand anywhere; what may be moved has to make up for it.
    if max(spread) - min(spread) > 1 + fixed:
        return f"the keys stand {spread} times at the four positions"
    return None
