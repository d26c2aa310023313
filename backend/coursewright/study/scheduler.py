"""When a card is due: FSRS, as a function from reviews to a memory.

The algorithm is the library's (py-fsrs, FSRS-6, its default parameters and learning steps). Here:
the clock is passed in, nothing is left to chance, and the order in which reviews arrive does not
matter, since the memory always follows from the whole log, sorted by when the reviews happened.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import fsrs

from coursewright.course.base import Value
from coursewright.course.memory import CardState, Memory, Rating, Reviewed

NEW = Memory()

_LONGEST = 3650
"""Days between two reviews at most."""


class Preview(Value):
    """What a rating would lead to."""

    rating: Rating
    due: datetime
    seconds: int
    """From now until then."""


class Replayed(Value):
    """A memory, and what its reviews passed through."""

    memory: Memory
    states_before: tuple[CardState, ...]
    """The card's state before each review, in their order."""
    first_review: datetime | None
    lapses: int
    """How often it was forgotten after it had been learned."""


@lru_cache(maxsize=64)
def _scheduler(retention: float) -> fsrs.Scheduler:
    # Without fuzz: the intervals that are shown before choosing are those that come.
    return fsrs.Scheduler(
        desired_retention=retention, maximum_interval=_LONGEST, enable_fuzzing=False
    )


def after(memory: Memory, review: Reviewed, retention: float) -> Memory:
    """The memory after one more review.

    Args:
        memory: before it.
        review: the rating, and when it was given.
        retention: the probability of knowing a card that is wanted when it falls due.
    """
    card, _ = _scheduler(retention).review_card(
        _card(memory), fsrs.Rating(review.rating), review.at.astimezone(UTC)
    )
    return Memory(
        state=CardState(card.state),
        step=card.step,
        stability=card.stability,
        difficulty=card.difficulty,
        due=card.due,
        last_review=card.last_review,
    )


def replay(reviews: Sequence[Reviewed], retention: float) -> Replayed:
    """The memory after all `reviews`, which are in the order in which they happened."""
    memory, before, lapses = NEW, list[CardState](), 0
    for review in reviews:
        before.append(memory.state)
        lapses += memory.state is CardState.REVIEW and review.rating is Rating.AGAIN
        memory = after(memory, review, retention)
    return Replayed(
        memory=memory,
        states_before=tuple(before),
        first_review=reviews[0].at if reviews else None,
        lapses=lapses,
    )


def previews(memory: Memory, now: datetime, retention: float) -> tuple[Preview, ...]:
    """What each of the four ratings, given now, would lead to."""
    return tuple(_previews(memory, now, retention))


def _previews(memory: Memory, now: datetime, retention: float) -> Iterable[Preview]:
    for rating in Rating:
        due = after(memory, Reviewed(rating=rating, at=now), retention).due
        if due is None:  # a card that was reviewed is due at some time
            raise AssertionError
        yield Preview(rating=rating, due=due, seconds=round((due - now) / timedelta(seconds=1)))


def _card(memory: Memory) -> fsrs.Card:
    # The library would read the clock for an id, and for a time that is due.
    fresh = memory.state is CardState.NEW
    return fsrs.Card(
        card_id=0,
        state=fsrs.State.Learning if fresh else fsrs.State(memory.state),
        step=memory.step,
        stability=memory.stability,
        difficulty=memory.difficulty,
        due=memory.due or datetime.min.replace(tzinfo=UTC),
        last_review=memory.last_review.astimezone(UTC) if memory.last_review else None,
    )
