"""The games as values: everything that a page, a sheet of paper or a terminal needs."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from coursewright.course.base import Value


class GameKind(StrEnum):
    """The games of the contract."""

    CROSSWORD = "crossword"
    WORD_SEARCH = "word_search"
    HANGMAN = "hangman"
    SCRAMBLE = "scramble"
    MATCHING = "matching"
    VOCABULARY_QUIZ = "vocabulary_quiz"


class LeftOut(Value):
    """A term of the glossary that is not in a game, and why."""

    term: str
    reason: str


class Game(Value):
    """What all games have."""

    left_out: tuple[LeftOut, ...] = ()


class Direction(StrEnum):
    """Of a word in a crossword."""

    ACROSS = "across"
    DOWN = "down"


class CrosswordWord(Value):
    """One entry."""

    number: Annotated[int, Field(ge=1)]
    direction: Direction
    row: Annotated[int, Field(ge=0)]
    column: Annotated[int, Field(ge=0)]
    """Of its first letter, from the top left, from 0."""
    letters: tuple[str, ...]
    term: str
    clue: str
    pattern: str
    """The lengths of its words: `(7,8)`."""

    def squares(self) -> tuple[tuple[int, int], ...]:
        """Row and column of each letter."""
        down = self.direction is Direction.DOWN
        return tuple(
            (self.row + step * down, self.column + step * (not down))
            for step in range(len(self.letters))
        )


class Crossword(Game):
    """A connected grid, numbered row by row."""

    kind: Literal[GameKind.CROSSWORD] = GameKind.CROSSWORD
    rows: int
    columns: int
    words: tuple[CrosswordWord, ...]
    """Across before down, by number."""


class HiddenWord(Value):
    """A word in a word search."""

    term: str
    letters: tuple[str, ...]
    clue: str
    row: int
    column: int
    """Of its first letter."""
    row_step: Literal[-1, 0, 1]
    column_step: Literal[-1, 0, 1]


class WordSearch(Game):
    """A square of letters in which each word stands exactly once."""

    kind: Literal[GameKind.WORD_SEARCH] = GameKind.WORD_SEARCH
    grid: tuple[tuple[str, ...], ...]
    words: tuple[HiddenWord, ...]


class HangmanLetter(Value):
    """One character of the answer."""

    shown: str
    """As it is written."""
    guess: str | None
    """The key that uncovers it; None for what is given from the start."""


class HangmanRound(Value):
    """One term to guess."""

    term: str
    clue: str
    letters: tuple[HangmanLetter, ...]


class Hangman(Game):
    """Guess letter by letter, with the definition as a hint."""

    kind: Literal[GameKind.HANGMAN] = GameKind.HANGMAN
    rounds: tuple[HangmanRound, ...]
    alphabet: tuple[str, ...]
    """The keys to offer."""
    misses: int = 7
    """Wrong guesses that a round bears; one more ends it."""


class ScrambledWord(Value):
    """Letters to put in order."""

    term: str
    clue: str
    letters: tuple[str, ...]
    """Right order."""
    scrambled: tuple[str, ...]
    pattern: str


class Scramble(Game):
    """Each has exactly one right answer among the terms of the course."""

    kind: Literal[GameKind.SCRAMBLE] = GameKind.SCRAMBLE
    words: tuple[ScrambledWord, ...]


class MatchingRound(Value):
    """Terms to join to their definitions."""

    terms: tuple[str, ...]
    definitions: tuple[str, ...]
    """In another order."""
    solution: tuple[int, ...]
    """For each term the index of its definition."""


class Matching(Game):
    """Rounds of at most eight pairs."""

    kind: Literal[GameKind.MATCHING] = GameKind.MATCHING
    rounds: tuple[MatchingRound, ...]


class VocabularyQuestion(Value):
    """A word, what it means, and what it does not mean."""

    word: str
    definition: str
    incorrect_options: tuple[str, ...]


class VocabularyQuiz(Game):
    """Choose the meaning of each word."""

    kind: Literal[GameKind.VOCABULARY_QUIZ] = GameKind.VOCABULARY_QUIZ
    questions: tuple[VocabularyQuestion, ...]


WordGame = Annotated[
    Crossword | WordSearch | Hangman | Scramble | Matching | VocabularyQuiz,
    Field(discriminator="kind"),
]
