"""Scramble: letters to put in order, with one right answer among the terms of the course."""

from collections import Counter
from collections.abc import Iterable, Sequence
from random import Random

from coursewright.course.games.cells import cells, pattern
from coursewright.course.games.model import GameKind, LeftOut, Scramble, ScrambledWord
from coursewright.course.games.terms import require, take, usable
from coursewright.course.study import GlossaryTerm

LEAST_TERMS, MOST_WORDS = 1, 12
_LETTERS = (4, 20)
_TRIES = 20


def make_scramble(terms: Sequence[GlossaryTerm], *, seed: int) -> Scramble:
    """Up to twelve words. Raises `TooLittle` when no term fits."""
    fit, left_out = usable(terms, least=_LETTERS[0], most=_LETTERS[1])
    # A player knows the whole glossary, also the terms that do not fit.
    spelt = Counter(letters_of(spelling) for spelling in {cells(item.term) for item in terms})
    single: list[GlossaryTerm] = []
    for item in fit:
        if spelt[letters_of(cells(item.term))] > 1:
            left_out.append(LeftOut(term=item.term, reason="another term has the same letters"))
        elif len(set(cells(item.term))) < 2:  # noqa: PLR2004 - then every order is the same
            left_out.append(LeftOut(term=item.term, reason="its letters are all the same"))
        else:
            single.append(item)
    require(GameKind.SCRAMBLE, len(single), LEAST_TERMS)
    random = Random(seed)  # noqa: S311 - not for secrets
    chosen = take(random.sample(single, len(single)), left_out, MOST_WORDS)
    return Scramble(
        words=tuple(
            ScrambledWord(
                term=item.term,
                clue=item.definition,
                letters=cells(item.term),
                scrambled=_scrambled(cells(item.term), random),
                pattern=pattern(item.term),
            )
            for item in chosen
        ),
        left_out=tuple(left_out),
    )


def letters_of(spelling: Iterable[str]) -> tuple[str, ...]:
    """Letters in alphabetical order: the same for anagrams."""
    return tuple(sorted(spelling))


def _scrambled(letters: tuple[str, ...], random: Random) -> tuple[str, ...]:
    """Another order, with few letters in their places where that is possible."""
    orders = [tuple(random.sample(letters, len(letters))) for _ in range(_TRIES)]
    best = min(orders, key=lambda order: sum(map(str.__eq__, order, letters)))
    if best != letters:
        return best
    first = next(index for index, letter in enumerate(letters) if letter != letters[0])
    return letters[first:] + letters[:first]
