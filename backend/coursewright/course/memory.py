"""What is remembered of a card: ratings, states, and the memory that a scheduler computes."""

from datetime import datetime
from enum import IntEnum, StrEnum

from pydantic import AwareDatetime

from coursewright.course.base import Value
from coursewright.course.review.sameness import said


class Rating(IntEnum):
    """How well a card was remembered."""

    AGAIN = 1
    HARD = 2
    GOOD = 3
    EASY = 4


class CardKind(StrEnum):
    """What a card was made of."""

    FLASHCARD = "flashcard"
    MCQ = "mcq"
    """A multiple-choice question that was missed in a quiz."""


class CardState(IntEnum):
    """Where a card stands."""

    NEW = 0
    LEARNING = 1
    REVIEW = 2
    RELEARNING = 3


class Memory(Value):
    """What is known of a card after its reviews. As it is here: never reviewed."""

    state: CardState = CardState.NEW
    step: int | None = None
    """Of learning or relearning, from 0; None in review."""
    stability: float | None = None
    """Days after which the card is still known with a probability of 90 %."""
    difficulty: float | None = None
    """From 1 to 10."""
    due: datetime | None = None
    last_review: datetime | None = None


class Reviewed(Value):
    """One review, as the scheduler sees it."""

    rating: Rating
    at: AwareDatetime


def identity(front: str) -> str:
    """What tells cards of a course apart: what the front says, however it is set."""
    return " ".join(said(front)).strip()
