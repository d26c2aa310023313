"""Word searches: eight directions, and no word stands there a second time by accident."""

import math
import unicodedata
from collections.abc import Iterator, Sequence
from random import Random

from coursewright.course.errors import TooLittle
from coursewright.course.games.cells import cells
from coursewright.course.games.model import GameKind, HiddenWord, LeftOut, WordSearch
from coursewright.course.games.terms import require, take, usable
from coursewright.course.study import GlossaryTerm

LEAST_TERMS, MOST_WORDS = 3, 16
_LETTERS = (3, 15)
_SMALLEST, _LARGEST = 8, 22
_FILLED = 0.55
"""The share of squares that words may take at first; the grid grows where that does not work."""
_TRIES = 40
_LEAST_FILLERS = 12

Step = tuple[int, int]
Grid = list[list[str]]
STEPS: tuple[Step, ...] = tuple(
    (row, column) for row in (-1, 0, 1) for column in (-1, 0, 1) if (row, column) != (0, 0)
)


def make_word_search(terms: Sequence[GlossaryTerm], *, seed: int) -> WordSearch:
    """A word search of up to sixteen terms. Raises `TooLittle` for fewer than three."""
    fit, left_out = usable(terms, least=_LETTERS[0], most=_LETTERS[1])
    fit = _told_apart(fit, left_out)
    require(GameKind.WORD_SEARCH, len(fit), LEAST_TERMS)
    chosen = take(fit, left_out, MOST_WORDS)
    words = sorted((cells(item.term) for item in chosen), key=lambda word: (-len(word), word))
    random = Random(seed)  # noqa: S311 - not for secrets
    grid, places = _grid(words, random)
    return WordSearch(
        grid=tuple(tuple(row) for row in grid),
        words=tuple(_hidden(item, *places[cells(item.term)]) for item in chosen),
        left_out=tuple(left_out),
    )


def occurrences(
    grid: Sequence[Sequence[str]], word: Sequence[str]
) -> Iterator[tuple[int, int, Step]]:
    """Every place where `word` can be read, with the direction."""
    size = len(grid)
    for row in range(size):
        for column in range(len(grid[row])):
            if grid[row][column] != word[0]:
                continue
            for step in STEPS:
                if _reads(grid, word, row, column, step):
                    yield row, column, step


def _reads(
    grid: Sequence[Sequence[str]], word: Sequence[str], row: int, column: int, step: Step
) -> bool:
    last_row, last_column = row + step[0] * (len(word) - 1), column + step[1] * (len(word) - 1)
    if not (0 <= last_row < len(grid) and 0 <= last_column < len(grid[0])):
        return False
    return all(
        grid[row + step[0] * index][column + step[1] * index] == letter
        for index, letter in enumerate(word)
    )


def _told_apart(fit: Sequence[GlossaryTerm], left_out: list[LeftOut]) -> list[GlossaryTerm]:
    """Without words that can be read twice: palindromes, and words inside of others."""
    kept: list[GlossaryTerm] = []
    every = [cells(item.term) for item in fit]
    for item in fit:
        word = cells(item.term)
        inside = any(
            other != word and (_within(word, other) or _within(word[::-1], other))
            for other in every
        )
        if word == word[::-1]:
            left_out.append(LeftOut(term=item.term, reason="it reads the same backwards"))
        elif inside or word[::-1] in every:
            left_out.append(LeftOut(term=item.term, reason="it stands inside of another term"))
        else:
            kept.append(item)
    return kept


def _within(word: Sequence[str], other: Sequence[str]) -> bool:
    size = len(word)
    return any(other[at : at + size] == word for at in range(len(other) - size + 1))


def _grid(
    words: Sequence[tuple[str, ...]], random: Random
) -> tuple[Grid, dict[tuple[str, ...], tuple[int, int, Step]]]:
    letters = sum(len(word) for word in words)
    size = max(_SMALLEST, len(words[0]), math.ceil(math.sqrt(letters / _FILLED)))
    alphabet = fillers(words)
    while size <= _LARGEST:
        for _ in range(_TRIES):
            grid: Grid = [[""] * size for _ in range(size)]
            places = _place_all(grid, words, random)
            if places is None:
                continue
            _fill(grid, alphabet, random)
            if all(len(list(occurrences(grid, word))) == 1 for word in words):
                return grid, places
        size += 1
    raise TooLittle(
        "no grid was found in which each term stands exactly once",
        hint="Give a source that explains more terms, and less similar ones.",
    )


def fillers(words: Sequence[tuple[str, ...]]) -> list[str]:
    """Letters for the empty squares: those of the words, and more of their scripts if few.

    Two or three letters alone would spell the words again and again.
    """
    letters = sorted({letter for word in words for letter in word})
    if len(letters) >= _LEAST_FILLERS:
        return letters
    more = {
        other
        for letter in letters
        for step in range(-_LEAST_FILLERS, _LEAST_FILLERS + 1)
        for other in cells(chr(max(0, ord(letter[0]) + step)))
        if _script(other) == _script(letter)
    }
    return sorted(more | set(letters))


def _script(letter: str) -> str:
    return unicodedata.name(letter[0], "").partition(" ")[0]


def _place_all(
    grid: Grid, words: Sequence[tuple[str, ...]], random: Random
) -> dict[tuple[str, ...], tuple[int, int, Step]] | None:
    places: dict[tuple[str, ...], tuple[int, int, Step]] = {}
    # Every direction comes before one comes again.
    steps: list[Step] = []
    for word in words:
        if not steps:
            steps = random.sample(STEPS, len(STEPS))
        place = _find_place(grid, word, steps, random)
        if place is None:
            return None
        row, column, step = place
        for index, letter in enumerate(word):
            grid[row + step[0] * index][column + step[1] * index] = letter
        places[word] = place
        if step in steps:
            steps.remove(step)
    return places


def _find_place(
    grid: Grid, word: Sequence[str], steps: Sequence[Step], random: Random
) -> tuple[int, int, Step] | None:
    size = len(grid)
    for step in [*steps, *random.sample(STEPS, len(STEPS))]:
        spots = [(row, column) for row in range(size) for column in range(size)]
        random.shuffle(spots)
        for row, column in spots:
            last_row = row + step[0] * (len(word) - 1)
            last_column = column + step[1] * (len(word) - 1)
            if not (0 <= last_row < size and 0 <= last_column < size):
                continue
            if all(
                grid[row + step[0] * index][column + step[1] * index] in {"", letter}
                for index, letter in enumerate(word)
            ):
                return row, column, step
    return None


def _fill(grid: Grid, alphabet: Sequence[str], random: Random) -> None:
    for row in grid:
        for column, letter in enumerate(row):
            if not letter:
                row[column] = random.choice(alphabet)


def _hidden(item: GlossaryTerm, row: int, column: int, step: Step) -> HiddenWord:
    return HiddenWord.model_validate(
        {
            "term": item.term,
            "letters": cells(item.term),
            "clue": item.definition,
            "row": row,
            "column": column,
            "row_step": step[0],
            "column_step": step[1],
        }
    )
