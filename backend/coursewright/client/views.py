"""Parts of a course that is there as a whole; pure."""

from collections.abc import Iterator, Sequence

from coursewright.client.values import PieceItem
from coursewright.course.chapter import Chapter
from coursewright.course.course import Course
from coursewright.course.errors import NotFound, Unavailable
from coursewright.course.study import Flashcard, Mcq

_FIRST, _LAST = 0.2, 2.0
"""Seconds between looks at a course that is being made."""


def chapter(course: Course, number: int) -> Chapter:
    """The chapter with that number, from 1. Raises `NotFound` that says whether it will come."""
    for found in course.chapters:
        if found.number == number:
            return found
    planned = len(course.outline.chapters) if course.outline else 0
    if 1 <= number <= planned:
        missing = {piece.key: piece.reason for piece in course.missing}
        reason = missing.get(f"chapter/{number}")
        if reason is not None:
            raise NotFound(
                f"chapter {number} was not made: {reason}", hint="Retry it, or read another one."
            )
        raise NotFound(
            f"chapter {number} is not made yet", hint="Ask again in a moment, or wait for it."
        )
    raise NotFound(
        f"the course has no chapter {number}",
        hint=f"Its chapters are 1 to {planned}." if planned else "Its outline is not made yet.",
    )


def quiz(course: Course, number: int | None) -> tuple[Mcq, ...]:
    """The questions of a chapter, or all. Raises `NotFound` for a chapter that is not there."""
    if number is None:
        return course.mcqs
    chapter(course, number)
    return tuple(item for item in course.mcqs if item.chapter == number)


def flashcards(course: Course, number: int | None) -> tuple[Flashcard, ...]:
    """The cards of a chapter, or all. Raises `NotFound` for a chapter that is not there."""
    if number is None:
        return course.flashcards
    chapter(course, number)
    return tuple(item for item in course.flashcards if item.chapter == number)


def under_way(pieces: Sequence[PieceItem]) -> bool:
    """Whether something of the course is still going to happen by itself."""
    return any(piece.state.is_open for piece in pieces)


def pauses() -> Iterator[float]:
    """Seconds between looks, without end: short at first, longer then."""
    pause = _FIRST
    while True:
        yield pause
        pause = min(pause * 1.5, _LAST)


def still_making(timeout: float | None) -> Unavailable:
    """Somebody has waited long enough."""
    return Unavailable(
        f"the course is still being made after {timeout or 0:g} seconds",
        hint="It goes on. Wait longer, or look at it again later.",
    )
