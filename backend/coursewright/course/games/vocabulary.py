"""The vocabulary quiz: choose what a word means."""

from collections.abc import Sequence
from random import Random

from coursewright.course.games.model import GameKind, VocabularyQuestion, VocabularyQuiz
from coursewright.course.games.terms import require, take, usable
from coursewright.course.study import GlossaryTerm
from coursewright.course.text import stems

LEAST_TERMS, MOST_QUESTIONS, INCORRECT = 4, 20, 3
_LETTERS = (1, 60)


def make_vocabulary_quiz(terms: Sequence[GlossaryTerm], *, seed: int) -> VocabularyQuiz:
    """Up to twenty questions. Raises `TooLittle` for fewer than four terms."""
    fit, left_out = usable(terms, least=_LETTERS[0], most=_LETTERS[1])
    require(GameKind.VOCABULARY_QUIZ, len(fit), LEAST_TERMS)
    random = Random(seed)  # noqa: S311 - not for secrets
    chosen = take(random.sample(fit, len(fit)), left_out, MOST_QUESTIONS)
    questions = tuple(
        VocabularyQuestion(
            word=item.term, definition=item.definition, incorrect_options=_wrong(item, fit, random)
        )
        for item in chosen
    )
    return VocabularyQuiz(questions=questions, left_out=tuple(left_out))


def _wrong(item: GlossaryTerm, fit: Sequence[GlossaryTerm], random: Random) -> tuple[str, ...]:
    """Definitions of other terms: about as long, and none that names the word."""
    word = f" {' '.join(stems(item.term))} "
    others = [other for other in fit if other is not item]
    ranked = sorted(
        others,
        key=lambda other: (
            word in f" {' '.join(stems(other.definition))} ",
            abs(len(other.definition) - len(item.definition)) // 25,
            random.random(),
        ),
    )
    return tuple(other.definition for other in ranked[:INCORRECT])
