"""For whom a model is called: it goes into the ledger, and answers are kept under it."""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

from coursewright.course.base import Value


class Scope(Value):
    """The piece of a course that is being made."""

    user_id: UUID
    course_id: UUID
    piece_key: str


_scope: ContextVar[Scope | None] = ContextVar("scope", default=None)
_question: ContextVar[tuple[str, str] | None] = ContextVar("question", default=None)


def current_scope() -> Scope | None:
    """The piece that is being made in this task; None outside of any."""
    return _scope.get()


def current_question() -> tuple[str, str] | None:
    """The prompt that is being asked, with its version (e.g. `chapter@1`), and the question's hash;
    None outside of any.
    """
    return _question.get()


@contextmanager
def making(scope: Scope) -> Generator[None]:
    """Model calls in this block are for that piece."""
    token = _scope.set(scope)
    try:
        yield
    finally:
        _scope.reset(token)


@contextmanager
def asking(prompt: str, request_hash: str) -> Generator[None]:
    """Model calls in this block ask that."""
    token = _question.set((prompt, request_hash))
    try:
        yield
    finally:
        _question.reset(token)
