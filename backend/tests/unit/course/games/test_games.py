"""What holds for every game that is made, whatever the glossary."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from coursewright.course.errors import TooLittle
from coursewright.course.games import (
    Crossword,
    GameKind,
    Hangman,
    Matching,
    Scramble,
    VocabularyQuiz,
    WordGame,
    WordSearch,
    cells,
    make_crossword,
    make_games,
    make_hangman,
    make_matching,
    make_scramble,
    make_vocabulary_quiz,
    make_word_search,
)
from coursewright.course.games.model import Direction
from coursewright.course.games.solvers import check
from coursewright.course.study import GlossaryTerm
from coursewright.course.text import normal
from unit.course.games.glossaries import ODD, WORDS, glossaries, glossary, many
from unit.course.samples import term

ADAPTER: TypeAdapter[WordGame] = TypeAdapter(WordGame)
QUICK = settings(max_examples=15, deadline=None)
SEEDS = st.integers(0, 2**31)
ORDINARY = glossary(*WORDS)


def used(game: WordGame) -> list[str]:
    match game:
        case Matching():
            return [term for one in game.rounds for term in one.terms]
        case Hangman():
            return [one.term for one in game.rounds]
        case VocabularyQuiz():
            return [one.word for one in game.questions]
        case _:
            return [word.term for word in game.words]


@QUICK
@given(glossaries(), SEEDS)
def test_every_game_can_be_solved_and_leaves_nothing_out_in_silence(
    terms: list[GlossaryTerm], seed: int
) -> None:
    made = make_games(terms, seed=seed)

    assert {game.kind for game in made.games} | {one.kind for one in made.not_made} == set(GameKind)
    assert len(made.games) + len(made.not_made) == len(GameKind)
    for game in made.games:
        assert check(game, terms) == []
        everything = Counter(used(game)) + Counter(one.term for one in game.left_out)
        assert everything == Counter(item.term for item in terms)
        assert all(one.reason for one in game.left_out)
        assert ADAPTER.validate_json(ADAPTER.dump_json(game)) == game


@settings(max_examples=6, deadline=None)
@given(glossaries(), SEEDS)
def test_the_same_seed_gives_the_same_games(terms: list[GlossaryTerm], seed: int) -> None:
    assert make_games(terms, seed=seed) == make_games(terms, seed=seed)


def test_another_seed_gives_other_games() -> None:
    one, two = (make_games(ORDINARY, seed=seed).games for seed in (1, 2))

    assert [game.kind for game in one] == [game.kind for game in two] == list(GameKind)
    for first, second in zip(one, two, strict=True):
        assert first != second, first.kind


def test_an_ordinary_glossary_gives_every_game() -> None:
    made = make_games(ORDINARY, seed=7)

    assert made.not_made == ()
    assert all(check(game, ORDINARY) == [] for game in made.games)


def test_an_odd_glossary_gives_games_that_can_be_solved() -> None:
    terms = glossary(*ODD)

    assert all(check(game, terms) == [] for game in make_games(terms, seed=1).games)


def test_an_empty_glossary_gives_no_game_and_says_why() -> None:
    made = make_games([], seed=0)

    assert made.games == ()
    assert all("there are 0" in one.reason for one in made.not_made)


def test_three_hundred_terms_take_no_longer_than_a_moment() -> None:
    terms = many(300)
    started = time.thread_time()
    made = make_games(terms, seed=3)

    assert time.thread_time() - started < 3
    assert len(terms) == 300
    assert made.not_made == ()
    assert all(check(game, terms) == [] for game in made.games)


@pytest.mark.parametrize(
    ("maker", "least"),
    [
        (make_crossword, 3),
        (make_word_search, 3),
        (make_hangman, 1),
        (make_scramble, 1),
        (make_matching, 3),
        (make_vocabulary_quiz, 4),
    ],
)
def test_too_few_terms_are_said(maker: Callable[..., WordGame], least: int) -> None:
    assert used(maker(ORDINARY[: least + 1], seed=1))
    with pytest.raises(TooLittle, match=f"at least {least} terms"):
        maker(ORDINARY[: least - 1], seed=1)


@pytest.mark.parametrize("seed", range(3))
def test_a_crossword_is_connected_and_numbered(seed: int) -> None:
    game = make_crossword(ORDINARY, seed=seed)
    grid = {
        at: letter
        for word in game.words
        for at, letter in zip(word.squares(), word.letters, strict=True)
    }
    # Joined by crossings, not by lying side by side.
    joined = {0}
    while grown := {
        other
        for one in joined
        for other, word in enumerate(game.words)
        if other not in joined and set(word.squares()) & set(game.words[one].squares())
    }:
        joined |= grown
    assert joined == set(range(len(game.words)))
    assert {row for row, _ in grid} == set(range(game.rows))
    assert {column for _, column in grid} == set(range(game.columns))
    number = 0
    for row in range(game.rows):
        for column in range(game.columns):
            if (row, column) not in grid:
                continue
            across = (row, column - 1) not in grid and (row, column + 1) in grid
            down = (row - 1, column) not in grid and (row + 1, column) in grid
            number += across or down
            here = {
                (word.number, word.direction)
                for word in game.words
                if (word.row, word.column) == (row, column)
            }
            assert here == {
                (number, way)
                for way, begins in ((Direction.ACROSS, across), (Direction.DOWN, down))
                if begins
            }
    order = [(word.direction is Direction.DOWN, word.number) for word in game.words]
    assert order == sorted(order)


def test_a_crossword_of_words_without_a_common_letter_is_refused() -> None:
    with pytest.raises(TooLittle):
        make_crossword(glossary("abc", "def", "ghi"), seed=1)


def test_one_clue_never_asks_for_two_terms() -> None:
    shared = [term("cat", "an animal"), term("Cot", "An animal.")]
    game = make_crossword([*ORDINARY, *shared], seed=1)

    reasons = {one.term: one.reason for one in game.left_out}
    assert reasons["cat"] == reasons["Cot"] == "another term has the same definition"


def readings(game: WordSearch) -> Iterator[tuple[str, ...]]:
    """Every straight piece of three letters or more, in all eight directions."""
    size = len(game.grid)
    lines: list[list[str]] = []
    for at in range(size):
        lines += [list(game.grid[at]), [row[at] for row in game.grid]]
    for at in range(-size + 1, size):
        lines.append([game.grid[row][row - at] for row in range(size) if 0 <= row - at < size])
        lines.append(
            [
                game.grid[row][size - 1 - row + at]
                for row in range(size)
                if 0 <= size - 1 - row + at < size
            ]
        )
    for line in lines:
        for start, end in combinations(range(len(line) + 1), 2):
            if end - start >= 3:
                yield tuple(line[start:end])
                yield tuple(reversed(line[start:end]))


@pytest.mark.parametrize(
    "words", [WORDS, ODD, ("ABC", "BCA", "CAB"), ("AAAB", "BBBA", "ABABB"), ("123", "231", "312")]
)
def test_each_hidden_word_stands_exactly_once(words: tuple[str, ...]) -> None:
    game = make_word_search(glossary(*words), seed=2)
    found = Counter(readings(game))

    assert game.words
    for word in game.words:
        assert found[word.letters] == 1
        letters = [
            game.grid[word.row + word.row_step * at][word.column + word.column_step * at]
            for at in range(len(word.letters))
        ]
        assert tuple(letters) == word.letters


def test_words_lie_in_many_directions() -> None:
    game = make_word_search(ORDINARY, seed=2)

    assert len({(word.row_step, word.column_step) for word in game.words}) == 8


def test_hangman_gives_away_what_cannot_be_guessed() -> None:
    game = make_hangman(glossary("AC/DC 2", "l’été"), seed=1)
    shown = {one.term: [(each.shown, each.guess) for each in one.letters] for one in game.rounds}

    assert shown["AC/DC 2"] == [
        ("A", "A"), ("C", "C"), ("/", None), ("D", "D"), ("C", "C"), (" ", None), ("2", None),
    ]  # fmt: skip
    assert shown["l’été"] == [("l", "L"), ("’", None), ("é", "E"), ("t", "T"), ("é", "E")]
    assert len(game.alphabet) == 26


def test_hangman_of_digits_alone_is_refused() -> None:
    with pytest.raises(TooLittle):
        make_hangman(glossary("1984", "2001"), seed=1)


def test_hangman_offers_the_letters_of_its_script() -> None:
    game = make_hangman(glossary("клетка", "мембрана"), seed=1)

    assert game.alphabet == tuple(sorted(set("КЛЕТКАМЕМБРАНА")))


@QUICK
@given(glossaries(), SEEDS)
def test_a_scramble_has_one_answer(terms: list[GlossaryTerm], seed: int) -> None:
    scrambles = [game for game in make_games(terms, seed=seed).games if isinstance(game, Scramble)]
    for word in (word for game in scrambles for word in game.words):
        assert word.scrambled != word.letters
        assert sorted(word.scrambled) == sorted(word.letters) == sorted(cells(word.term))
        answers = {
            cells(item.term) for item in terms if sorted(cells(item.term)) == sorted(word.letters)
        }
        assert len(answers) == 1


def test_anagrams_are_not_scrambled() -> None:
    game = make_scramble(glossary("listen", "silent", "osmosis", "aaaa"), seed=1)

    assert [word.term for word in game.words] == ["osmosis"]


def test_an_anagram_of_a_term_that_is_left_out_is_not_scrambled_either() -> None:
    shared = [term("enlist", "an animal"), term("zebra", "an animal")]

    game = make_scramble([*glossary("listen", "osmosis"), *shared], seed=1)

    assert [word.term for word in game.words] == ["osmosis"]


@pytest.mark.parametrize("count", [3, 8, 9, 16, 17, 32, 50])
def test_matching_has_rounds_of_three_to_eight(count: int) -> None:
    game = make_matching(many(count), seed=count)

    sizes = [len(one.terms) for one in game.rounds]
    assert min(sizes) >= 3
    assert max(sizes) <= 8
    assert sum(sizes) == min(count, 32)
    assert len(game.left_out) == max(0, count - 32)
    for one in game.rounds:
        assert len({normal(text) for text in one.definitions}) == len(one.definitions)


def test_a_vocabulary_question_has_three_wrong_options() -> None:
    game = make_vocabulary_quiz([*ORDINARY, term("twin", ORDINARY[0].definition.upper())], seed=1)

    assert len(game.questions) == 20
    for question in game.questions:
        options = {normal(text) for text in (question.definition, *question.incorrect_options)}
        assert len(question.incorrect_options) == 3
        assert len(options) == 4


def test_room_is_said_as_it_is() -> None:
    reasons = {one.reason for one in make_crossword(many(60), seed=1).left_out}

    assert reasons == {"there is room for 20 terms"}


def test_a_game_of_another_kind_is_not_taken_for_it() -> None:
    data = make_crossword(ORDINARY, seed=1).model_dump(mode="json") | {"kind": "word_search"}
    with pytest.raises(ValueError, match="grid"):
        ADAPTER.validate_python(data)
    assert isinstance(ADAPTER.validate_python(data | {"kind": "crossword"}), Crossword)
