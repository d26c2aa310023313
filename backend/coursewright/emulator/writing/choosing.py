"""Wrong options for a right one: alike in kind and length, and none of them right."""

from collections.abc import Callable, Sequence

from coursewright.emulator.chance import Dice
from coursewright.emulator.writing.phrases import bare, canonical, carrying, is_clear

COUNT = 3
_NEAREST, _LOOKED_AT = 6, 16
"""Of the pool, by length: so many are tried, and so many of those that will do are kept."""
_LONGER, _APART = 1.5, 18
"""A key that is so many times, and so many characters, longer than the rest gives itself away."""


def distractors(
    stem: str,
    correct: str,
    pool: Sequence[str],
    dice: Dice,
    fits: Callable[[str], bool] = lambda _: False,
) -> tuple[str, ...] | None:
    """Three of the pool; None when it has no three that will do.

    Args:
        stem: the question, which may not share a word with the right option alone.
        correct: the right option.
        pool: options of its kind.
        dice: which of the nearest in length are taken.
        fits: whether an option would be right too.
    """
    if not is_clear(correct):
        return None
    taken: list[str] = []
    for option in _by_length(correct, pool, dice):
        if is_clear(option) and _apart(option, (correct, *taken)) and not fits(option):
            taken.append(option)
        if len(taken) == _NEAREST:
            break
    found = _balanced(correct, taken, dice)
    if len(found) < COUNT or _stands_out(correct, found):
        return None
    return found if not _shared(stem, correct, found) else None


def _by_length(correct: str, pool: Sequence[str], dice: Dice) -> list[str]:
    plural = correct[-1:] == "s"
    near = sorted(
        dict.fromkeys(pool),
        key=lambda option: abs(len(option) - len(correct)) + 6 * ((option[-1:] == "s") != plural),
    )
    return dice.shuffled(near[:_LOOKED_AT])


def _apart(option: str, others: Sequence[str]) -> bool:
    """Neither says what another says nor stands in it."""
    mine, told = bare(option), canonical(option)
    return bool(mine.strip()) and all(
        mine not in bare(other) and bare(other) not in mine and canonical(other) != told
        for other in others
    )


def _balanced(correct: str, near: Sequence[str], dice: Dice) -> tuple[str, ...]:
    """Longer ones and shorter ones, so that the length of the right option says nothing."""
    longer = [option for option in near if len(option) >= len(correct)]
    shorter = [option for option in near if len(option) < len(correct)]
    first, second = (longer, shorter) if dice.below(2) else (shorter, longer)
    found = [*first[:2], *second[:1]]
    found += [option for option in near if option not in found]
    return tuple(found[:COUNT])


def _stands_out(correct: str, others: Sequence[str]) -> bool:
    length, lengths = len(correct), [len(option) for option in others]
    far = length > _LONGER * max(lengths) and length - max(lengths) >= _APART
    return far or (length * _LONGER < min(lengths) and min(lengths) - length >= _APART)


def _shared(stem: str, correct: str, others: Sequence[str]) -> bool:
    """Whether stem and right option alone share a word that carries meaning."""
    elsewhere = {word for option in others for word in carrying(option)}
    return bool((carrying(stem) & carrying(correct)) - elsewhere)
