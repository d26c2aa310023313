"""Hangman: guess a term letter by letter, with its definition as a hint."""

import string
import unicodedata
from collections.abc import Sequence
from random import Random

from coursewright.course.games.cells import cells
from coursewright.course.games.model import GameKind, Hangman, HangmanLetter, HangmanRound, LeftOut
from coursewright.course.games.terms import require, take, usable
from coursewright.course.study import GlossaryTerm

LEAST_TERMS, MOST_ROUNDS = 1, 12
_LETTERS = (3, 30)


def make_hangman(terms: Sequence[GlossaryTerm], *, seed: int) -> Hangman:
    """Up to twelve rounds. Raises `TooLittle` when no term fits."""
    fit, left_out = usable(terms, least=_LETTERS[0], most=_LETTERS[1])
    left_out += [
        LeftOut(term=item.term, reason="it has no letter to guess")
        for item in fit
        if not _has_letter(item.term)
    ]
    fit = [item for item in fit if _has_letter(item.term)]
    require(GameKind.HANGMAN, len(fit), LEAST_TERMS)
    random = Random(seed)  # noqa: S311 - not for secrets
    chosen = take(random.sample(fit, len(fit)), left_out, MOST_ROUNDS)
    rounds = tuple(
        HangmanRound(term=item.term, clue=item.definition, letters=_letters(item.term))
        for item in chosen
    )
    return Hangman(rounds=rounds, alphabet=_alphabet(rounds), left_out=tuple(left_out))


def _has_letter(term: str) -> bool:
    return any(letter.guess for letter in _letters(term))


def _letters(term: str) -> tuple[HangmanLetter, ...]:
    found: list[HangmanLetter] = []
    for char in _characters(term):
        keys = cells(char)
        guessed = keys[0] if keys and not char.isdigit() else None
        found.append(HangmanLetter(shown=char, guess=guessed))
    return tuple(found)


def _characters(term: str) -> list[str]:
    """What a reader sees as one character: a letter with its marks."""
    found: list[str] = []
    for char in unicodedata.normalize("NFC", term):
        if found and unicodedata.category(char)[0] == "M":
            found[-1] += char
        else:
            found.append(char)
    return found


def _alphabet(rounds: Sequence[HangmanRound]) -> tuple[str, ...]:
    """A to Z where that is enough; else all letters of the answers, and A to Z if it is mixed."""
    needed = {letter.guess for one in rounds for letter in one.letters if letter.guess}
    latin = set(string.ascii_uppercase)
    return tuple(sorted(needed | latin if needed & latin else needed))
