"""Matching: join terms to their definitions."""

from collections.abc import Sequence
from random import Random

from coursewright.course.games.model import GameKind, Matching, MatchingRound
from coursewright.course.games.terms import require, take, usable
from coursewright.course.study import GlossaryTerm

LEAST_TERMS, MOST_PAIRS, MOST_ROUNDS = 3, 8, 4
_LETTERS = (1, 60)


def make_matching(terms: Sequence[GlossaryTerm], *, seed: int) -> Matching:
    """Rounds of three to eight pairs. Raises `TooLittle` for fewer than three terms."""
    fit, left_out = usable(terms, least=_LETTERS[0], most=_LETTERS[1])
    require(GameKind.MATCHING, len(fit), LEAST_TERMS)
    random = Random(seed)  # noqa: S311 - not for secrets
    pool = take(random.sample(fit, len(fit)), left_out, MOST_PAIRS * MOST_ROUNDS)
    count = -(-len(pool) // MOST_PAIRS)
    rounds = [_round(pool[start::count], random) for start in range(count)]
    return Matching(rounds=tuple(rounds), left_out=tuple(left_out))


def _round(pairs: Sequence[GlossaryTerm], random: Random) -> MatchingRound:
    order = random.sample(range(len(pairs)), len(pairs))
    return MatchingRound(
        terms=tuple(item.term for item in pairs),
        definitions=tuple(pairs[index].definition for index in order),
        solution=tuple(order.index(index) for index in range(len(pairs))),
    )
