"""Questions of a quiz by reference. Pure.

A reference is the quiz that was begun and the question's number in it. The service keeps both, so
it outlives a restart and needs no session, and what is made anew meanwhile does not change it.
"""

import re
from uuid import UUID

from coursewright.client.study_values import Attempt, QuizItem, QuizQuestion
from coursewright.course.course import Course
from coursewright.course.errors import BadRequest, NotFound
from coursewright.course.study import Mcq
from coursewright.mcp.values import Option, Question

_REFERENCE = re.compile(r"([0-9a-f]{32})-([0-9]{1,5})")
_LETTER = re.compile(r"([a-z])[.):]?")


def shown(quiz_id: UUID, question: QuizQuestion, number: int) -> Question:
    """A question as it is asked, without its key."""
    return Question(
        question=reference(quiz_id, number),
        chapter=question.chapter,
        stem=question.stem,
        options=options(question),
    )


def options(question: QuizQuestion) -> list[Option]:
    """The answers to choose, lettered from A."""
    return [Option(letter=chr(65 + at), text=text) for at, text in enumerate(question.options)]


def reference(quiz_id: UUID, number: int) -> str:
    """What the question with that number, from 1, is called."""
    return f"{quiz_id.hex}-{number}"


def parse(name: str) -> tuple[UUID, int]:
    """The quiz and the number of a question. Raises `BadRequest`."""
    parts = _REFERENCE.fullmatch(name.strip())
    if parts is None:
        raise BadRequest(
            f"{name[:40]!r} is not the reference of a question",
            hint="Give the `question` that quiz_me answered, word for word.",
        )
    return UUID(hex=parts.group(1)), int(parts.group(2))


def find(attempt: Attempt, course_id: UUID, number: int) -> QuizItem:
    """The question with that number, from 1. Raises `NotFound`."""
    if attempt.course_id != course_id or not 1 <= number <= len(attempt.items):
        raise NotFound(
            "the course has no such question", hint="Call quiz_me for one that is there."
        )
    return attempt.items[number - 1]


def chosen(question: QuizQuestion, answer: str) -> int:
    """Which option an answer means: its letter, or its text. Raises `BadRequest`."""
    said = " ".join(answer.casefold().split())
    letter = _LETTER.fullmatch(said)
    if letter is not None and (index := ord(letter.group(1)) - 97) < len(question.options):
        return index
    for at, text in enumerate(question.options):
        if said == " ".join(text.casefold().split()):
            return at
    last = chr(64 + len(question.options))
    raise BadRequest(
        f"{answer[:40]!r} is not one of the options", hint=f"Answer with a letter from A to {last}."
    )


def written(course: Course, item: QuizItem) -> Mcq | None:
    """The question as the course has it, with its passage; None where it was made anew."""
    asked = (item.chapter, item.stem, item.options)
    return next(
        (each for each in course.mcqs if (each.chapter, each.stem, each.options) == asked), None
    )
