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
_version: ContextVar[str | None] = ContextVar("version", default=None)


def current_scope() -> Scope | None:
    """The piece that is being made in this task; None outside of any."""
    return _scope.get()


def current_version() -> str | None:
    """The prompt that is being asked, with its version, e.g. `chapter@1`."""
    return _version.get()


@contextmanager
def making(scope: Scope) -> Generator[None]:
    """Model calls in this block are for that piece."""
    token = _scope.set(scope)
    try:
        yield
    finally:
        _scope.reset(token)


@contextmanager
def asking(version: str) -> Generator[None]:
    """Model calls in this block ask that prompt."""
    token = _version.set(version)
    try:
        yield
    finally:
        _version.reset(token)
