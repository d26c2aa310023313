"""All games of a course at once."""

from collections.abc import Callable, Mapping, Sequence

from coursewright.course.base import Value
from coursewright.course.errors import TooLittle
from coursewright.course.games.crossword import make_crossword
from coursewright.course.games.hangman import make_hangman
from coursewright.course.games.matching import make_matching
from coursewright.course.games.model import GameKind, WordGame
from coursewright.course.games.scramble import make_scramble
from coursewright.course.games.vocabulary import make_vocabulary_quiz
from coursewright.course.games.word_search import make_word_search
from coursewright.course.study import GlossaryTerm

_MAKERS: Mapping[GameKind, Callable[..., WordGame]] = {
    GameKind.CROSSWORD: make_crossword,
    GameKind.WORD_SEARCH: make_word_search,
    GameKind.HANGMAN: make_hangman,
    GameKind.SCRAMBLE: make_scramble,
    GameKind.MATCHING: make_matching,
    GameKind.VOCABULARY_QUIZ: make_vocabulary_quiz,
}


class NotMade(Value):
    """A game that there are not enough terms for."""

    kind: GameKind
    reason: str


class GameSet(Value):
    """The games that could be made, and the others."""

    games: tuple[WordGame, ...]
    not_made: tuple[NotMade, ...] = ()


def make_games(terms: Sequence[GlossaryTerm], *, seed: int) -> GameSet:
    """Every game that the glossary has enough terms for. The same seed gives the same games."""
    games: list[WordGame] = []
    not_made: list[NotMade] = []
    for kind, maker in _MAKERS.items():
        try:
            games.append(maker(terms, seed=seed))
        except TooLittle as error:
            not_made.append(NotMade(kind=kind, reason=error.message))
    return GameSet(games=tuple(games), not_made=tuple(not_made))
