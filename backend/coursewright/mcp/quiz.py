"""Questions of a course by reference: the same words, wherever they stand. Pure.

A reference is a question's place and a digest of what is asked, never of its key. So it outlives a
restart, needs no session, and one that was made anew in the meantime is told from the old one.
"""

import hashlib
import re
from collections.abc import Sequence

from coursewright.course.errors import BadRequest, NotFound
from coursewright.course.study import Mcq
from coursewright.mcp.values import Option, Question

_REFERENCE = re.compile(r"(\d{1,5})-([0-9a-f]{10})")
_LETTER = re.compile(r"([a-z])[.):]?")


def shown(questions: Sequence[Mcq], index: int) -> Question:
    """A question as it is asked."""
    question = questions[index]
    return Question(
        question=reference(questions, index),
        chapter=question.chapter,
        stem=question.stem,
        options=options(question),
    )


def options(question: Mcq) -> list[Option]:
    """The answers to choose, lettered from A."""
    return [Option(letter=chr(65 + at), text=text) for at, text in enumerate(question.options)]


def reference(questions: Sequence[Mcq], index: int) -> str:
    """What a question is called among `questions`, which are all of the course."""
    return f"{index + 1}-{_digest(questions[index])}"


def find(questions: Sequence[Mcq], name: str) -> int:
    """The index of the question that is called so.

    Raises:
        BadRequest: it is no reference.
        NotFound: there is no such question any more.
    """
    parts = _REFERENCE.fullmatch(name.strip())
    if parts is None:
        raise BadRequest(
            f"{name[:40]!r} is not the reference of a question",
            hint="Give the `question` that quiz_me answered, word for word.",
        )
    index, digest = int(parts.group(1)) - 1, parts.group(2)
    if 0 <= index < len(questions) and _digest(questions[index]) == digest:
        return index
    for at, question in enumerate(questions):
        if _digest(question) == digest:
            return at
    raise NotFound(
        f"the course has no question {name.strip()} (any more)",
        hint="It may have been made anew. Call quiz_me for one that is there.",
    )


def chosen(question: Mcq, answer: str) -> int:
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


def _digest(question: Mcq) -> str:
    said = "\x00".join((str(question.chapter), question.stem, *question.options))
    return hashlib.sha256(said.encode()).hexdigest()[:10]
