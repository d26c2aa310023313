"""The solvers see what is wrong with a game."""

from typing import Any

import pytest

from coursewright.course.games import (
    WordGame,
    make_crossword,
    make_hangman,
    make_matching,
    make_scramble,
    make_vocabulary_quiz,
    make_word_search,
)
from coursewright.course.games.model import CrosswordWord, Direction
from coursewright.course.games.solvers import check
from unit.course.games.glossaries import WORDS, glossary
from unit.course.samples import term

TERMS = glossary(*WORDS)
CROSSWORD = make_crossword(TERMS, seed=4)
SEARCH = make_word_search(TERMS, seed=4)
HANGMAN = make_hangman(TERMS, seed=4)
SCRAMBLE = make_scramble(TERMS, seed=4)
MATCHING = make_matching(TERMS, seed=4)
QUIZ = make_vocabulary_quiz(TERMS, seed=4)


def broken(game: Any, list_name: str, **changes: Any) -> WordGame:
    """The game with its first item changed."""
    first, *others = getattr(game, list_name)
    return game.model_copy(update={list_name: (first.model_copy(update=changes), *others)})


def swapped(letters: tuple[str, ...]) -> tuple[str, ...]:
    at = next(at for at in range(len(letters) - 1) if letters[at] != letters[at + 1])
    return (*letters[:at], letters[at + 1], letters[at], *letters[at + 2 :])


FIRST = CROSSWORD.words[0]
HIDDEN = SEARCH.words[0]
ROUND = HANGMAN.rounds[0]
LETTER = ROUND.letters[0]
PAIRS = MATCHING.rounds[0]
ASKED = QUIZ.questions[0]
TURNED = Direction.DOWN if FIRST.direction is Direction.ACROSS else Direction.ACROSS
FAULTS: dict[str, WordGame] = {
    "crossword: letters swapped": broken(CROSSWORD, "words", letters=swapped(FIRST.letters)),
    "crossword: word moved": broken(CROSSWORD, "words", row=FIRST.row + 1),
    "crossword: word far away": broken(CROSSWORD, "words", column=FIRST.column + 40),
    "crossword: word turned": broken(CROSSWORD, "words", direction=TURNED),
    "crossword: wrong number": broken(CROSSWORD, "words", number=FIRST.number + 1),
    "crossword: wrong clue": broken(CROSSWORD, "words", clue=CROSSWORD.words[1].clue),
    "crossword: wrong lengths": broken(CROSSWORD, "words", pattern="(1)"),
    "crossword: wrong term": broken(CROSSWORD, "words", term="walrus"),
    "crossword: a word twice": CROSSWORD.model_copy(update={"words": (FIRST, *CROSSWORD.words)}),
    "crossword: too few rows": CROSSWORD.model_copy(update={"rows": CROSSWORD.rows - 1}),
    "crossword: too few columns": CROSSWORD.model_copy(update={"columns": CROSSWORD.columns - 1}),
    "crossword: no word": CROSSWORD.model_copy(update={"words": ()}),
    "word search: letters swapped": broken(SEARCH, "words", letters=swapped(HIDDEN.letters)),
    "word search: word moved": broken(SEARCH, "words", row=HIDDEN.row + 1),
    "word search: word turned": broken(
        SEARCH, "words", row_step=-HIDDEN.row_step, column_step=-HIDDEN.column_step
    ),
    "word search: wrong clue": broken(SEARCH, "words", clue="something else"),
    "word search: a row short": SEARCH.model_copy(update={"grid": SEARCH.grid[:-1]}),
    "word search: an empty square": SEARCH.model_copy(
        update={"grid": (("", *SEARCH.grid[0][1:]), *SEARCH.grid[1:])}
    ),
    "word search: one letter everywhere": SEARCH.model_copy(
        update={"grid": tuple(("A",) * len(SEARCH.grid) for _ in SEARCH.grid)}
    ),
    "word search: no word": SEARCH.model_copy(update={"words": ()}),
    "hangman: a key missing": HANGMAN.model_copy(update={"alphabet": HANGMAN.alphabet[:1]}),
    "hangman: wrong key": broken(
        HANGMAN, "rounds", letters=(LETTER.model_copy(update={"guess": "Q"}), *ROUND.letters[1:])
    ),
    "hangman: letter given": broken(
        HANGMAN, "rounds", letters=(LETTER.model_copy(update={"guess": None}), *ROUND.letters[1:])
    ),
    "hangman: nothing to guess": broken(HANGMAN, "rounds", letters=()),
    "hangman: letters missing": broken(HANGMAN, "rounds", letters=ROUND.letters[:-1]),
    "hangman: wrong clue": broken(HANGMAN, "rounds", clue="something else"),
    "hangman: no guess": HANGMAN.model_copy(update={"misses": 0}),
    "hangman: no round": HANGMAN.model_copy(update={"rounds": ()}),
    "scramble: not scrambled": broken(
        SCRAMBLE, "words", scrambled=SCRAMBLE.words[0].letters
    ),
    "scramble: a letter more": broken(
        SCRAMBLE, "words", scrambled=(*SCRAMBLE.words[0].scrambled, "X")
    ),
    "scramble: wrong answer": broken(SCRAMBLE, "words", letters=swapped(SCRAMBLE.words[0].letters)),
    "scramble: no word": SCRAMBLE.model_copy(update={"words": ()}),
    "matching: solution turned": broken(MATCHING, "rounds", solution=PAIRS.solution[::-1]),
    "matching: solution short": broken(MATCHING, "rounds", solution=PAIRS.solution[:-1]),
    "matching: one definition for two": broken(
        MATCHING, "rounds", solution=(PAIRS.solution[0],) * len(PAIRS.solution)
    ),
    "matching: solution out of reach": broken(
        MATCHING, "rounds", solution=(99, *PAIRS.solution[1:])
    ),
    "matching: a definition twice": broken(
        MATCHING, "rounds", definitions=(PAIRS.definitions[1], *PAIRS.definitions[1:])
    ),
    "matching: a round too long": MATCHING.model_copy(
        update={
            "rounds": (
                PAIRS.model_copy(
                    update={
                        "terms": tuple(item.term for item in TERMS[:9]),
                        "definitions": tuple(item.definition for item in TERMS[:9]),
                        "solution": tuple(range(9)),
                    }
                ),
            )
        }
    ),
    "matching: no round": MATCHING.model_copy(update={"rounds": ()}),
    "quiz: two options": broken(QUIZ, "questions", incorrect_options=ASKED.incorrect_options[:2]),
    "quiz: an option twice": broken(
        QUIZ, "questions", incorrect_options=(ASKED.incorrect_options[0],) * 3
    ),
    "quiz: the right one is wrong too": broken(
        QUIZ, "questions", incorrect_options=(ASKED.definition, *ASKED.incorrect_options[:2])
    ),
    "quiz: wrong definition": broken(QUIZ, "questions", definition="something else"),
    "quiz: no question": QUIZ.model_copy(update={"questions": ()}),
}  # fmt: skip


@pytest.mark.parametrize("game", [CROSSWORD, SEARCH, HANGMAN, SCRAMBLE, MATCHING, QUIZ])
def test_a_sound_game_has_no_fault(game: WordGame) -> None:
    assert check(game, TERMS) == []


@pytest.mark.parametrize("fault", list(FAULTS))
def test_a_fault_is_seen(fault: str) -> None:
    assert check(FAULTS[fault], TERMS)


def test_a_game_of_another_course_is_seen() -> None:
    other = glossary("walrus", "seal", "penguin")

    for game in (CROSSWORD, SEARCH, HANGMAN, SCRAMBLE, MATCHING, QUIZ):
        assert check(game, other)


def test_a_hidden_word_that_stands_there_twice_is_seen() -> None:
    row = HIDDEN.letters + ("?",) * (len(SEARCH.grid) - len(HIDDEN.letters))
    grid = (row, *SEARCH.grid[1:-1], row)

    problems = check(SEARCH.model_copy(update={"grid": grid}), TERMS)

    assert any("can be found" in problem for problem in problems)


def test_a_clue_that_asks_for_two_terms_is_seen() -> None:
    letters = ("C", "A", "T")
    base: dict[str, Any] = {
        "row": 0,
        "column": 0,
        "letters": letters,
        "term": "cat",
        "pattern": "(3)",
    }
    word = CrosswordWord(number=1, direction=Direction.ACROSS, clue="an animal", **base)
    game = CROSSWORD.model_copy(update={"words": (word,), "rows": 1, "columns": 3})

    assert check(game, [term("cat", "an animal")]) == []
    assert check(game, [term("cat", "an animal"), term("dog", "an animal")]) == [
        "the clues and crossings allow 2 solutions"
    ]


def test_an_anagram_among_the_terms_is_seen() -> None:
    game = make_scramble(glossary("listen"), seed=1)

    assert check(game, glossary("listen")) == []
    assert check(game, glossary("listen", "silent"))
