"""What the gate says of the items that it was shown."""

from enum import StrEnum
from typing import Generic, TypeVar

from coursewright.course.base import Value

T = TypeVar("T")


class ItemKind(StrEnum):
    """What was judged."""

    MCQ = "mcq"
    FLASHCARD = "flashcard"
    TERM = "term"


_SHOWN = 160
"""Characters of an item in a rejection."""


class Rejection(Value):
    """One item that was refused. It is stored and shown, never silently dropped."""

    kind: ItemKind
    item: str
    """The stem, the front or the term, so that a person recognises it."""
    rule: str
    """The name of the rule that it broke."""
    reason: str
    """Why, in a sentence for people."""

    @classmethod
    def of(cls, kind: ItemKind, item: str, rule: str, reason: str) -> "Rejection":
        """The refusal of an item, with as much of its text as it takes to recognise it."""
        shown = item if len(item) <= _SHOWN else f"{item[: _SHOWN - 1]}…"
        return cls(kind=kind, item=shown, rule=rule, reason=reason)


class Reviewed(Value, Generic[T]):
    """What passed, in the order given, and what did not."""

    accepted: tuple[T, ...] = ()
    rejected: tuple[Rejection, ...] = ()
    spare: tuple[T, ...] = ()
    """Good ones beyond the number that was wanted."""
