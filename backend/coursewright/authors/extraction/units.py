"""From the parts of the sources to chapters: join what is small, split what is large."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from coursewright.authors.extraction.sections import Part, words_in
from coursewright.course.sources import Passage, PassageKind

LEAST_WORDS = 120
"""Of a chapter. Below, there is too little to make cards and questions of."""
USUAL = 600
"""Words of a chapter, where there are no headings that say otherwise."""
MOST_BY_ITSELF = 20
"""Chapters that are made when nobody says how many."""
_FEW, _TITLES = 3, 2


@dataclass(frozen=True)
class Unit:
    """What becomes one chapter."""

    titles: tuple[str, ...]
    parts: tuple[Part, ...]
    depth: int
    """How many headings of the parts' paths are spent: those below become the sections."""

    @property
    def passages(self) -> tuple[Passage, ...]:
        """All passages in order."""
        return tuple(passage for part in self.parts for passage in part.passages)

    @property
    def words(self) -> int:
        """Of running text."""
        return sum(part.words for part in self.parts)


def arrange(parts: Sequence[Part], wanted: int | None) -> list[Unit]:
    """The chapters, in the order of the sources: as many as `wanted`, or as the headings suggest.

    There are fewer than `wanted` when the text does not carry so many.
    """
    units = _by_heading(parts, 0)
    while len(units) < min(_FEW, wanted or _FEW):
        finer = _split_largest(units)
        if finer is None:
            break
        units = finer
    units = _join_small(units, LEAST_WORDS)
    most = wanted or MOST_BY_ITSELF
    while wanted and len(units) < wanted:
        finer = _split_largest(units)
        if finer is None:
            break
        units = finer
    while len(units) > most:
        units = _join_smallest_neighbours(units)
    return [unit for unit in units if unit.words >= LEAST_WORDS] or units[:1]


def join_poor(units: Sequence[Unit], is_rich: Callable[[Unit], bool]) -> list[Unit]:
    """Joins each unit that is not rich to the one before it, or the first one to the next."""
    joined: list[Unit] = []
    for unit in units:
        if joined and not (is_rich(unit) and is_rich(joined[-1])):
            joined[-1] = _merge(joined[-1], unit)
        else:
            joined.append(unit)
    return joined


def _by_heading(parts: Iterable[Part], depth: int) -> list[Unit]:
    """One unit for each run of parts with the same heading at `depth`."""
    found: list[Unit] = []
    for title, run in groupby(parts, key=lambda part: part.path[depth : depth + 1]):
        found.append(Unit(title, tuple(run), depth + 1 if title else depth))
    return found


def _split_largest(units: list[Unit]) -> list[Unit] | None:
    """Splits the largest unit that can be split; None when there is none."""
    for index in sorted(range(len(units)), key=lambda number: -units[number].words):
        unit = units[index]
        if unit.words < 2 * LEAST_WORDS:
            return None
        pieces = _join_small(_halves(unit), LEAST_WORDS)
        if len(pieces) > 1:
            return [*units[:index], *pieces, *units[index + 1 :]]
    return None


def _halves(unit: Unit) -> list[Unit]:
    below = _by_heading(unit.parts, unit.depth)
    if len(below) > 1:
        middle = _middle([item.words for item in below])
        if len(unit.titles) > 1 or middle == 0:
            return below
        return [_joined(below[:middle], unit), _joined(below[middle:], unit)]
    passages = unit.passages
    middle = _middle([words_in([passage]) for passage in passages])
    while middle < len(passages) and not passages[middle].kind.is_prose:
        middle += 1
    while middle < len(passages) and passages[middle].kind is PassageKind.LIST_ITEM:
        middle += 1
    if middle in {0, len(passages)}:
        return [unit]
    path = unit.parts[0].path
    return [
        Unit(unit.titles, (Part(path, passages[:middle]),), unit.depth),
        Unit((), (Part(path, passages[middle:]),), unit.depth),
    ]


def _joined(units: Sequence[Unit], parent: Unit) -> Unit:
    titles = tuple(title for unit in units for title in unit.titles)
    # The first half keeps the name of the whole when it begins with its introduction.
    if not units[0].titles:
        titles = parent.titles + titles
    return Unit(titles, tuple(part for unit in units for part in unit.parts), parent.depth)


def _middle(words: Sequence[int]) -> int:
    """Where to cut so that both sides are about equal; 0 when there is no such place."""
    total, so_far = sum(words), 0
    best, index = total, 0
    for number, count in enumerate(words[:-1], 1):
        so_far += count
        if abs(total - 2 * so_far) < best:
            best, index = abs(total - 2 * so_far), number
    return index


def _join_small(units: list[Unit], least: int) -> list[Unit]:
    joined: list[Unit] = []
    for unit in units:
        if joined and (unit.words < least or joined[-1].words < least):
            joined[-1] = _merge(joined[-1], unit)
        else:
            joined.append(unit)
    return joined


def _join_smallest_neighbours(units: list[Unit]) -> list[Unit]:
    index = min(range(len(units) - 1), key=lambda at: units[at].words + units[at + 1].words)
    return [*units[:index], _merge(units[index], units[index + 1]), *units[index + 2 :]]


def _merge(left: Unit, right: Unit) -> Unit:
    # What is small gives no name to the whole, unless the other one has none.
    bigger, smaller = (left, right) if left.words >= right.words else (right, left)
    if not bigger.titles:
        titles = smaller.titles
    elif smaller.words < LEAST_WORDS:
        titles = bigger.titles
    else:
        titles = left.titles + right.titles
    return Unit(titles, left.parts + right.parts, min(left.depth, right.depth))
