"""What a generator returns, and what a piece is given to be made with."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from coursewright.authors.author import Author, Usage, Written
from coursewright.course.base import Value
from coursewright.course.brief import Brief
from coursewright.course.errors import TooLittle
from coursewright.course.review import Reviewed
from coursewright.course.review.verdict import Rejection
from coursewright.course.sources import Material
from coursewright.database.pieces import Outcome, Piece
from coursewright.database.pool import Connection

T = TypeVar("T")


class Made(Value, Generic[T]):
    """A value that may be published, what was refused on the way, and what it took."""

    value: T
    usage: Usage
    items: int = 1
    """How many items the value holds."""
    wanted: int | None = None
    """How many were asked for, where that has a meaning: 8 of 10 is said, never padded."""
    rejected: tuple[Rejection, ...] = ()

    def outcome(self, author: str) -> Outcome:
        """What is recorded of it."""
        return Outcome(
            author=author,
            wanted=self.wanted,
            items=self.items,
            rejected=self.rejected,
            **self.usage.model_dump(),
        )


Store = Callable[[Connection], Awaitable[Outcome]]
"""Writes the rows of a piece and says what is recorded of it. It runs in the transaction that marks
the piece as done, which holds the course's row: it sees all that its siblings have published.
Raises a `UserError` when nothing can be published."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """Everything that it takes to make one piece."""

    user_id: UUID
    piece: Piece
    brief: Brief
    author: Author
    read: Callable[[], AbstractAsyncContextManager[Connection]]
    """Opens a short transaction for reading. No transaction is open while an author writes."""
    material: Callable[[], Awaitable[Material]]
    """The sources of the course. They never change, so they are kept in memory."""

    @property
    def course_id(self) -> UUID:
        """The course."""
        return self.piece.course_id

    @property
    def number(self) -> int:
        """The chapter's number, of a piece that belongs to one chapter."""
        if self.piece.number is None:
            message = f"the piece {self.piece.key} belongs to no chapter"
            raise ValueError(message)
        return self.piece.number

    @property
    def seed(self) -> int:
        """For shuffling: a piece that is made anew comes out in another order."""
        return (
            self.course_id.int ^ (self.piece.generation << 8) ^ (self.piece.number or 0)
        ) % 2**32


Maker = Callable[[Order], Awaitable[Store]]
"""Makes one kind of piece: reads what it needs, lets the author write, returns how to store it."""


_KNOWN_ALREADY = frozenset({"duplicate-flashcard", "duplicate-stem", "duplicate-term"})
"""Rules that refuse what another chapter has."""


def admitted(
    written: Written[tuple[T, ...]], reviewed: Reviewed[T], *, wanted: int | None, what: str
) -> Made[tuple[T, ...]]:
    """What the gate let pass.

    Raises `TooLittle` when that is nothing at all, unless the course has it all already.
    """
    known = bool(reviewed.rejected) and all(
        item.rule in _KNOWN_ALREADY for item in reviewed.rejected
    )
    if not reviewed.accepted and not known:
        said = [f"{item.rule} ({item.reason})" for item in reviewed.rejected[:1]]
        raise TooLittle(
            f"no {what} could be made: {len(reviewed.rejected)} were written, and all were refused"
            + "".join(f", the first for {reason}" for reason in said),
            hint="Retry it where a model writes. Otherwise give a source that explains its terms"
            " in full sentences, or ask for fewer, longer chapters.",
        )
    return Made(
        value=reviewed.accepted,
        usage=written.usage,
        items=len(reviewed.accepted),
        wanted=wanted,
        rejected=reviewed.rejected,
    )
