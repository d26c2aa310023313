"""Crosswords: connected, no words but those of the clues, well interlocked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from random import Random

from coursewright.course.games.cells import cells, pattern
from coursewright.course.games.model import (
    Crossword,
    CrosswordWord,
    Direction,
    GameKind,
    LeftOut,
)
from coursewright.course.games.terms import require, take, usable
from coursewright.course.study import GlossaryTerm

LEAST_TERMS, MOST_WORDS = 3, 20
_LETTERS = (3, 15)
_LAYOUTS = 14
"""Layouts that are tried; the best one is taken. More hardly helps and costs time."""
_WIDEST = 22

Square = tuple[int, int]
_OTHER = {Direction.ACROSS: Direction.DOWN, Direction.DOWN: Direction.ACROSS}


@dataclass
class _Layout:
    """A grid that words are placed on; the first one lies at the origin."""

    letters: dict[Square, str] = field(default_factory=dict[Square, str])
    taken: dict[Square, set[Direction]] = field(default_factory=dict[Square, set[Direction]])
    placed: list[tuple[GlossaryTerm, Square, Direction]] = field(
        default_factory=list[tuple[GlossaryTerm, Square, Direction]]
    )
    crossings: int = 0

    def crossings_at(self, word: Sequence[str], start: Square, way: Direction) -> int:
        """How many letters it would share with others; -1 where it cannot stand."""
        if _step(start, way, -1) in self.letters or _step(start, way, len(word)) in self.letters:
            return -1
        shared = 0
        for index, letter in enumerate(word):
            square = _step(start, way, index)
            present = self.letters.get(square)
            if present is None:
                if any(_step(square, _OTHER[way], side) in self.letters for side in (-1, 1)):
                    return -1
            elif present != letter or way in self.taken[square]:
                return -1
            else:
                shared += 1
        return shared

    def put(self, term: GlossaryTerm, word: Sequence[str], start: Square, way: Direction) -> None:
        for index, letter in enumerate(word):
            square = _step(start, way, index)
            self.crossings += square in self.letters
            self.letters[square] = letter
            self.taken.setdefault(square, set()).add(way)
        self.placed.append((term, start, way))

    def size(self, more: Iterable[Square] = ()) -> tuple[int, int]:
        """Rows and columns, with `more` squares filled too."""
        squares = [*self.letters, *more]
        rows = [row for row, _ in squares]
        columns = [column for _, column in squares]
        return max(rows) - min(rows) + 1, max(columns) - min(columns) + 1

    @property
    def rank(self) -> tuple[int, int, int]:
        """Better is greater: words, then crossings, then compactness."""
        rows, columns = self.size()
        return len(self.placed), self.crossings, -(rows * columns + abs(rows - columns))


def make_crossword(terms: Sequence[GlossaryTerm], *, seed: int) -> Crossword:
    """A crossword of up to twenty terms. Raises `TooLittle` when fewer than three can be joined."""
    fit, left_out = usable(terms, least=_LETTERS[0], most=_LETTERS[1])
    require(GameKind.CROSSWORD, len(fit), LEAST_TERMS)
    random = Random(seed)  # noqa: S311 - not for secrets
    chosen = take(fit, left_out, MOST_WORDS + 10, room=MOST_WORDS)
    best = max((_lay_out(chosen, random) for _ in range(_LAYOUTS)), key=lambda item: item.rank)
    require(GameKind.CROSSWORD, len(best.placed), LEAST_TERMS)
    inside = {term.term for term, _, _ in best.placed}
    full = len(best.placed) == MOST_WORDS
    reason = (
        f"there is room for {MOST_WORDS} terms"
        if full
        else "no place was found where it crosses others"
    )
    left_out += [LeftOut(term=t.term, reason=reason) for t in chosen if t.term not in inside]
    return _numbered(best, left_out)


def _lay_out(terms: Sequence[GlossaryTerm], random: Random) -> _Layout:
    order = sorted(
        terms, key=lambda item: len(cells(item.term)) + 4 * random.random(), reverse=True
    )
    layout = _Layout()
    layout.put(order[0], cells(order[0].term), (0, 0), Direction.ACROSS)
    waiting = order[1:]
    placed = True
    while placed and waiting and len(layout.placed) < MOST_WORDS:
        placed = False
        for term in list(waiting):
            spot = _best_spot(layout, cells(term.term), random)
            if spot is not None:
                layout.put(term, cells(term.term), *spot)
                waiting.remove(term)
                placed = True
            if len(layout.placed) == MOST_WORDS:
                break
    return layout


def _best_spot(
    layout: _Layout, word: Sequence[str], random: Random
) -> tuple[Square, Direction] | None:
    where: dict[str, list[int]] = {}
    for index, letter in enumerate(word):
        where.setdefault(letter, []).append(index)
    best: tuple[float, Square, Direction] | None = None
    for square, letter in layout.letters.items():
        for way in Direction:
            if way in layout.taken[square]:
                continue
            for index in where.get(letter, ()):
                start = _step(square, way, -index)
                shared = layout.crossings_at(word, start, way)
                if shared < 1:
                    continue
                rows, columns = layout.size((start, _step(start, way, len(word) - 1)))
                if max(rows, columns) > _WIDEST:
                    continue
                score = 12 * shared - 0.35 * (rows + columns) - 0.5 * abs(rows - columns)
                score += random.random()
                if best is None or score > best[0]:
                    best = (score, start, way)
    return None if best is None else best[1:]


def _step(square: Square, way: Direction, count: int) -> Square:
    row, column = square
    return (row + count, column) if way is Direction.DOWN else (row, column + count)


def _numbered(layout: _Layout, left_out: Sequence[LeftOut]) -> Crossword:
    top = min(row for row, _ in layout.letters)
    left = min(column for _, column in layout.letters)
    starts = sorted({(row - top, column - left) for _, (row, column), _ in layout.placed})
    numbers = {square: number for number, square in enumerate(starts, 1)}
    words = [
        CrosswordWord(
            number=numbers[row - top, column - left],
            direction=way,
            row=row - top,
            column=column - left,
            letters=cells(term.term),
            term=term.term,
            clue=term.definition,
            pattern=pattern(term.term),
        )
        for term, (row, column), way in layout.placed
    ]
    words.sort(key=lambda word: (word.direction is Direction.DOWN, word.number))
    rows, columns = layout.size()
    return Crossword(rows=rows, columns=columns, words=tuple(words), left_out=tuple(left_out))
