"""Solvers: they play from what a player sees, and say what is wrong with a game.

They share nothing with the generators but the spelling of terms.
"""

import unicodedata
from collections import Counter
from collections.abc import Sequence

from coursewright.course.games.cells import cells, pattern
from coursewright.course.games.model import (
    Crossword,
    CrosswordWord,
    Direction,
    Hangman,
    HangmanRound,
    HiddenWord,
    Matching,
    MatchingRound,
    Scramble,
    ScrambledWord,
    VocabularyQuiz,
    WordGame,
    WordSearch,
)
from coursewright.course.study import GlossaryTerm

Square = tuple[int, int]
_MOST_PAIRS, _INCORRECT = 8, 3
"""Of the contract."""


def check(game: WordGame, terms: Sequence[GlossaryTerm]) -> list[str]:
    """What is wrong with the game; empty when it can be solved, in one way only.

    `terms` is the whole glossary of the course: what a player can know.
    """
    match game:
        case Crossword():
            return [*_entries(game.words, terms), *_crossword(game, terms)]
        case WordSearch():
            return [*_entries(game.words, terms), *_word_search(game)]
        case Hangman():
            return _hangman(game, terms)
        case Scramble():
            return [*_entries(game.words, terms), *_scramble(game, terms)]
        case Matching():
            return _matching(game, terms)
        case VocabularyQuiz():
            return _vocabulary(game, terms)


def _entries(
    words: Sequence[CrosswordWord | HiddenWord | ScrambledWord], terms: Sequence[GlossaryTerm]
) -> list[str]:
    """What holds for every word with a clue: it is of the glossary, spelt right, and there once."""
    known = {(item.term, item.definition) for item in terms}
    problems: list[str] = [] if words else ["there is nothing to play"]
    for word in words:
        if (word.term, word.clue) not in known:
            problems.append(f"the glossary has no {word.term} with that clue")
        if word.letters != cells(word.term):
            problems.append(f"{word.term} is spelt {''.join(word.letters)}")
        if not isinstance(word, HiddenWord) and word.pattern != pattern(word.term):
            problems.append(f"{word.term} has not the lengths {word.pattern}")
    if len({word.letters for word in words}) < len(words):
        problems.append("a word is there twice")
    return problems


def _crossword(game: Crossword, terms: Sequence[GlossaryTerm]) -> list[str]:
    problems = _crossword_form(game)
    solutions = _fill_in(game.words, terms, {}, 0)
    if solutions != 1:
        problems.append(f"the clues and crossings allow {solutions} solutions")
    return problems


def _fill_in(
    words: Sequence[CrosswordWord],
    terms: Sequence[GlossaryTerm],
    written: dict[Square, str],
    found: int,
) -> int:
    """Counts the ways to fill in all words, up to two."""
    if not words:
        return found + 1
    word, rest = words[0], words[1:]
    squares = word.squares()
    for spelling in {cells(item.term) for item in terms if item.definition == word.clue}:
        if len(spelling) != len(squares):
            continue
        if any(
            written.get(at, letter) != letter for at, letter in zip(squares, spelling, strict=True)
        ):
            continue
        found = _fill_in(
            rest, terms, {**written, **dict(zip(squares, spelling, strict=True))}, found
        )
        if found > 1:
            break
    return found


def _crossword_form(game: Crossword) -> list[str]:
    problems: list[str] = []
    grid: dict[Square, str] = {}
    for word in game.words:
        for square, letter in zip(word.squares(), word.letters, strict=True):
            if grid.setdefault(square, letter) != letter:
                problems.append(f"two words want another letter at {square}")
            if not (0 <= square[0] < game.rows and 0 <= square[1] < game.columns):
                problems.append(f"{word.term} leaves the grid")
    if grid and len(_reachable(grid)) != len(grid):
        problems.append("the grid falls apart")
    runs = _runs(grid, game)
    entries = {(word.row, word.column, word.direction): word.letters for word in game.words}
    if runs != entries or len(entries) != len(game.words):
        problems.append("there are words in the grid without a clue")
    starts = sorted({(row, column) for row, column, _ in runs})
    numbers = {square: number for number, square in enumerate(starts, 1)}
    if any(numbers.get((word.row, word.column)) != word.number for word in game.words):
        problems.append("the numbers do not go row by row")
    return problems


def _reachable(grid: dict[Square, str]) -> set[Square]:
    seen: set[Square] = set()
    frontier = [next(iter(grid))]
    while frontier:
        row, column = square = frontier.pop()
        if square in grid and square not in seen:
            seen.add(square)
            frontier += [(row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1)]
    return seen


def _runs(
    grid: dict[Square, str], game: Crossword
) -> dict[tuple[int, int, Direction], tuple[str, ...]]:
    """Every row and column of two letters or more."""
    found: dict[tuple[int, int, Direction], tuple[str, ...]] = {}
    for way in Direction:
        down = way is Direction.DOWN
        for row in range(game.rows):
            for column in range(game.columns):
                if (row, column) not in grid or (row - down, column - (not down)) in grid:
                    continue
                letters: list[str] = []
                while (
                    at := (row + len(letters) * down, column + len(letters) * (not down))
                ) in grid:
                    letters.append(grid[at])
                if len(letters) > 1:
                    found[row, column, way] = tuple(letters)
    return found


def _word_search(game: WordSearch) -> list[str]:
    problems: list[str] = []
    size = len(game.grid)
    if any(len(row) != size for row in game.grid) or any(
        not cell for row in game.grid for cell in row
    ):
        problems.append("the grid is not a full square")
        return problems
    for word in game.words:
        places = _places(game.grid, word.letters)
        if len(places) != 1:
            problems.append(f"{word.term} can be found {len(places)} times")
        elif places[0] != (word.row, word.column, word.row_step, word.column_step):
            problems.append(f"{word.term} is not where the solution says")
    return problems


def _places(grid: Sequence[Sequence[str]], word: Sequence[str]) -> list[tuple[int, int, int, int]]:
    """Reads every line of the grid in all eight directions."""
    size = len(grid)
    found: list[tuple[int, int, int, int]] = []
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            if not (down or right):
                continue
            for row in range(size):
                for column in range(size):
                    at_row, at_column, index = row, column, 0
                    while (
                        index < len(word)
                        and 0 <= at_row < size
                        and 0 <= at_column < size
                        and grid[at_row][at_column] == word[index]
                    ):
                        at_row, at_column, index = at_row + down, at_column + right, index + 1
                    if index == len(word):
                        found.append((row, column, down, right))
    return found


def _hangman(game: Hangman, terms: Sequence[GlossaryTerm]) -> list[str]:
    known = {(item.term, item.definition) for item in terms}
    problems: list[str] = [] if game.rounds else ["there is nothing to play"]
    if game.misses < 1:
        problems.append("the first wrong guess ends it")
    for one in game.rounds:
        if (one.term, one.clue) not in known:
            problems.append(f"the glossary has no {one.term} with that clue")
        needed = {letter.guess for letter in one.letters if letter.guess is not None}
        if not needed:
            problems.append(f"there is nothing to guess in {one.term}")
        if not needed <= set(game.alphabet):
            problems.append(f"{one.term} has letters that cannot be chosen")
        if not _uncovered(one):
            problems.append(f"a key of {one.term} uncovers another letter")
        if "".join(letter.shown for letter in one.letters).casefold() != _composed(one.term):
            problems.append(f"the letters of {one.term} do not spell it")
    return problems


def _uncovered(one: HangmanRound) -> bool:
    """Whether each letter has the key that it is spelt with, and the rest is given."""
    for letter in one.letters:
        keys = () if letter.shown.isdigit() else cells(letter.shown)
        if letter.guess != (keys[0] if keys else None):
            return False
    return True


def _composed(term: str) -> str:
    return unicodedata.normalize("NFC", term).casefold()


def _scramble(game: Scramble, terms: Sequence[GlossaryTerm]) -> list[str]:
    problems: list[str] = []
    for word in game.words:
        letters = Counter(word.scrambled)
        answers = {cells(item.term) for item in terms if Counter(cells(item.term)) == letters}
        if answers != {word.letters}:
            problems.append(f"{''.join(word.scrambled)} has {len(answers)} answers")
        if word.scrambled == word.letters:
            problems.append(f"{word.term} is not scrambled")
    return problems


def _matching(game: Matching, terms: Sequence[GlossaryTerm]) -> list[str]:
    known = {(item.term, item.definition) for item in terms}
    problems: list[str] = [] if game.rounds else ["there is nothing to play"]
    for one in game.rounds:
        if len(one.terms) > _MOST_PAIRS:
            problems.append(f"a round has {len(one.terms)} pairs")
        if sorted(one.solution) != list(range(len(one.terms))) or len(one.definitions) != len(
            one.terms
        ):
            problems.append("the solution does not join each term to a definition of its own")
        else:
            problems += _pairs(one, known)
    return problems


def _pairs(one: MatchingRound, known: set[tuple[str, str]]) -> list[str]:
    problems: list[str] = []
    for term, right in zip(one.terms, one.solution, strict=True):
        fits = [at for at, text in enumerate(one.definitions) if (term, text) in known]
        if fits != [right]:
            problems.append(f"{term} fits {len(fits)} definitions, or another than the solution's")
    return problems


def _vocabulary(game: VocabularyQuiz, terms: Sequence[GlossaryTerm]) -> list[str]:
    known = {(item.term, item.definition) for item in terms}
    problems: list[str] = []
    if not game.questions:
        problems.append("there is nothing to play")
    for question in game.questions:
        if len(question.incorrect_options) != _INCORRECT:
            problems.append(f"{question.word} has {len(question.incorrect_options)} wrong options")
        options = [question.definition, *question.incorrect_options]
        if len({option.casefold() for option in options}) != len(options):
            problems.append(f"two options for {question.word} are the same")
        right = [option for option in options if (question.word, option) in known]
        if right != [question.definition]:
            problems.append(f"{question.word} has {len(right)} right options")
    return problems
