"""Which terms of a glossary can take part in a game."""

from collections.abc import Sequence

from coursewright.course.errors import TooLittle
from coursewright.course.games.cells import cells
from coursewright.course.games.model import GameKind, LeftOut
from coursewright.course.study import GlossaryTerm
from coursewright.course.text import normal


def usable(
    terms: Sequence[GlossaryTerm], *, least: int, most: int
) -> tuple[list[GlossaryTerm], list[LeftOut]]:
    """Terms of `least` to `most` letters, each spelling and each clue once; and the others.

    Where two terms have one definition, both are left out: as a clue, it would ask for either.
    """
    meant: dict[str, set[tuple[str, ...]]] = {}
    for item in terms:
        meant.setdefault(_clue(item), set()).add(cells(item.term))
    fit: list[GlossaryTerm] = []
    left_out: list[LeftOut] = []
    spellings: set[tuple[str, ...]] = set()
    for item in terms:
        letters = cells(item.term)
        if not least <= len(letters) <= most:
            reason = f"it has {len(letters)} letters; {least} to {most} fit"
        elif letters in spellings:
            reason = "another term is spelt alike"
        elif len(meant[_clue(item)]) > 1:
            reason = "another term has the same definition"
        else:
            fit.append(item)
            spellings.add(letters)
            continue
        left_out.append(LeftOut(term=item.term, reason=reason))
    return fit, left_out


def _clue(item: GlossaryTerm) -> str:
    return normal(item.definition) or item.definition.strip()


def take(
    fit: Sequence[GlossaryTerm], left_out: list[LeftOut], count: int, *, room: int | None = None
) -> list[GlossaryTerm]:
    """At most `count` of them; the rest is left out for want of room.

    `room` is how many the game holds, where that is fewer than are tried.
    """
    reason = f"there is room for {count if room is None else room} terms"
    left_out += [LeftOut(term=item.term, reason=reason) for item in fit[count:]]
    return list(fit[:count])


def require(kind: GameKind, present: int, needed: int) -> None:
    """Raises `TooLittle` where the terms are not enough for the game."""
    if present < needed:
        name = str(kind).replace("_", " ")
        raise TooLittle(
            f"a {name} needs at least {needed} terms that fit; there are {present}",
            hint="Give a source that explains more terms.",
        )
