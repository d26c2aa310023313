"""What comes next: how many cards a day still has room for, and in which order they come."""

from collections.abc import Sequence
from itertools import chain, islice
from typing import TypeVar

from coursewright.course.base import Value

T = TypeVar("T")


class Counts(Value):
    """Cards by where they stand."""

    learning: int
    """In learning steps of minutes; no limit holds them back."""
    review: int
    new: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.learning + self.review + self.new


class Allowance(Value):
    """How many cards today still has room for."""

    review: int
    new: int

    def of(self, waiting: Counts) -> Counts:
        """What of the waiting cards comes today."""
        return Counts(
            learning=waiting.learning,
            review=min(waiting.review, self.review),
            new=min(waiting.new, self.new),
        )


def allowance(*, reviews_per_day: int, new_per_day: int, reviewed: int, begun: int) -> Allowance:
    """What is left of a day on which `reviewed` cards were reviewed and `begun` new ones begun."""
    return Allowance(review=max(0, reviews_per_day - reviewed), new=max(0, new_per_day - begun))


def arrange(
    learning: Sequence[T], review: Sequence[T], new: Sequence[T], *, room: Allowance, limit: int
) -> list[T]:
    """The next cards: first what is in learning steps, then what is due, then what is new.

    Each group keeps its own order.
    """
    groups = (learning, review[: room.review], new[: room.new])
    return list(islice(chain.from_iterable(groups), limit))
