"""Every call of the service, as a value: what is sent, how the answer is read, whether it may be
sent twice.
"""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Generic, Protocol, TypeVar
from urllib.parse import quote
from uuid import UUID, uuid4

import httpx2
from pydantic import ValidationError

from coursewright.client.answers import read_course, read_export, read_nothing, reader
from coursewright.client.values import (
    Continued,
    Costs,
    CostsOf,
    CourseItem,
    Export,
    Format,
    Health,
    Ordered,
    PieceItem,
)
from coursewright.course.brief import Brief
from coursewright.course.course import Course
from coursewright.course.errors import BadRequest, SourceError

T = TypeVar("T")

CourseId = UUID | str
File = Path | str | tuple[str, bytes]
"""A path, or a name with what is in it."""
_PIECE = re.compile(r"[a-z_]{1,40}(/[a-z0-9_]{1,40})?")
_READING = 600.0
"""Seconds. An order is answered when its sources have been read: 20 of them, a minute for each,
several at a time."""


@dataclass(frozen=True, kw_only=True)
class Call(Generic[T]):
    """One request and how its answer is read."""

    method: str
    path: str
    read: Callable[[httpx2.Response], T]
    """Raises ValueError for what cannot be understood."""
    params: Mapping[str, str] = field(default_factory=dict[str, str])
    json: object = None
    form: Mapping[str, str] | None = None
    files: Sequence[File] = ()
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    repeatable: bool = True
    """Whether it does no harm twice."""
    seconds: float | None = None
    """The longest wait for the answer, where it is another than usual."""
    also: frozenset[int] = frozenset()
    """Statuses that are no success, and are answers all the same."""

    def opened(self, stack: ExitStack) -> list[tuple[str, tuple[str, IO[bytes] | bytes]]] | None:
        """The files, ready to be sent; `stack` closes them. Raises `SourceError`."""
        if not self.files:
            return None
        return [("files", _open(file, stack)) for file in self.files]


class Send(Protocol):
    """Carries a call to the service."""

    def __call__(self, call: Call[T]) -> T:
        """What the service answers. Raises our errors."""
        ...


class AsyncSend(Protocol):
    """The same for asyncio."""

    def __call__(self, call: Call[T]) -> Awaitable[T]:
        """What the service answers. Raises our errors."""
        ...


def create(
    brief: Brief, sources: Sequence[str], files: Sequence[File], key: str | None
) -> Call[Ordered]:
    """An order. The same key twice is one order, so it can be sent again."""
    headers = {"Idempotency-Key": key or uuid4().hex}
    fields = brief.model_dump(
        mode="json", include={"topic", "level", "language", "chapters", "length", "audience"}
    )
    if files:
        if sources:
            raise BadRequest(
                "addresses and files cannot be given together",
                hint="Fetch the addresses first and give all as files, or order two courses.",
            )
        return Call(
            method="POST",
            path="/api/courses/from-files",
            read=reader(Ordered),
            form={name: "" if value is None else str(value) for name, value in fields.items()},
            files=files,
            headers=headers,
            seconds=_READING,
        )
    return Call(
        method="POST",
        path="/api/courses",
        read=reader(Ordered),
        json={**fields, "sources": list(sources)},
        headers=headers,
        seconds=_READING,
    )


def brief_of(**fields: object) -> Brief:
    """The order, checked before anything is sent. Raises `BadRequest` that says what to mend."""
    try:
        return Brief.model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = str(first["loc"][0]) if first["loc"] else "the order"
        raise BadRequest(
            f"{name}: {first['msg'].removeprefix('Value error, ')}",
            hint="A topic has up to 300 characters; longer texts are sources.",
        ) from None


def courses(limit: int, offset: int) -> Call[list[CourseItem]]:
    """The list of courses."""
    params = {"limit": str(limit), "offset": str(offset)}
    return _get("/api/courses", list[CourseItem], params)


def course(course_id: CourseId) -> Call[Course]:
    """A whole course."""
    return Call(method="GET", path=course_path(course_id), read=read_course)


def pieces(course_id: CourseId) -> Call[list[PieceItem]]:
    """The pieces of a course."""
    return _get(f"{course_path(course_id)}/pieces", list[PieceItem])


def events(course_id: CourseId, *, after: int, follow: bool) -> Call[None]:
    """The stream of events after the one with the id `after`."""
    return Call(
        method="GET",
        path=f"{course_path(course_id)}/events",
        read=read_nothing,
        params={"follow": "true" if follow else "false"},
        headers={"Last-Event-ID": str(after), "Accept": "text/event-stream"},
    )


def cancel(course_id: CourseId) -> Call[Continued]:
    """Stops a course. Twice is as good as once."""
    return Call(method="POST", path=f"{course_path(course_id)}/cancel", read=reader(Continued))


def resume(course_id: CourseId) -> Call[Continued]:
    """Goes on with a course. Twice is as good as once."""
    return Call(method="POST", path=f"{course_path(course_id)}/resume", read=reader(Continued))


def retry(course_id: CourseId, piece: str | None) -> Call[Continued]:
    """Tries failed pieces again. One piece: not sent twice, the second would be a conflict."""
    if piece is None:
        return Call(method="POST", path=f"{course_path(course_id)}/retry", read=reader(Continued))
    return Call(
        method="POST",
        path=f"{course_path(course_id)}/pieces/{_piece(piece)}/retry",
        read=reader(Continued),
        repeatable=False,
    )


def regenerate(
    course_id: CourseId, piece: str, instruction: str | None, *, with_dependents: bool
) -> Call[Continued]:
    """Makes a piece anew; twice would be twice the work."""
    return Call(
        method="POST",
        path=f"{course_path(course_id)}/pieces/{_piece(piece)}/regenerate",
        read=reader(Continued),
        json={"instruction": instruction, "with_dependents": with_dependents},
        repeatable=False,
    )


def delete(course_id: CourseId) -> Call[None]:
    """Deletes a course. Not sent twice: after a lost answer the second would find nothing."""
    return Call(method="DELETE", path=course_path(course_id), read=read_nothing, repeatable=False)


def formats() -> Call[list[Format]]:
    """The formats of exports."""
    return _get("/api/formats", list[Format])


def export(course_id: CourseId, name: str) -> Call[Export]:
    """A course in a format."""
    path = f"{course_path(course_id)}/export/{quote(name, safe='')}"
    return Call(method="GET", path=path, read=read_export)


def costs(course_id: CourseId) -> Call[Costs]:
    """What a course took."""
    return _get(f"{course_path(course_id)}/costs", Costs)


def all_costs(by: str, days: int | None) -> Call[list[CostsOf]]:
    """What everything took, added up by something."""
    params = {"by": by} | ({} if days is None else {"days": str(days)})
    return _get("/api/costs", list[CostsOf], params)


def health() -> Call[Health]:
    """How the service is. "Unhealthy" is an answer too."""
    return Call(
        method="GET",
        path="/health",
        read=reader(Health),
        also=frozenset({503}),
        repeatable=False,
        seconds=5,
    )


def _get(path: str, shape: type[T], params: Mapping[str, str] | None = None) -> Call[T]:
    return Call(method="GET", path=path, read=reader(shape), params=params or {})


def course_path(course_id: CourseId) -> str:
    """Where a course is."""
    return f"/api/courses/{id_of(course_id, 'course')}"


def id_of(given: UUID | str, kind: str) -> str:
    """The id: nothing else comes into a path. Raises `BadRequest`."""
    try:
        return str(UUID(str(given)))
    except ValueError:
        raise BadRequest(
            f"{str(given)[:60]!r} is not the id of a {kind}",
            hint="An id looks like 5f0c2a4e-7a1b-4c7e-9d56-0d9f6c1f2b11; the list of courses"
            " shows them."
            if kind == "course"
            else "An id looks like 5f0c2a4e-7a1b-4c7e-9d56-0d9f6c1f2b11.",
        ) from None


def _piece(key: str) -> str:
    if not _PIECE.fullmatch(key):
        raise BadRequest(
            f"{key[:60]!r} is not the key of a piece",
            hint="Keys look like chapter/3, article/faq or word_games.",
        )
    return key


def _open(file: File, stack: ExitStack) -> tuple[str, IO[bytes] | bytes]:
    if isinstance(file, tuple):
        return file
    path = Path(file)
    try:
        return path.name, stack.enter_context(path.open("rb"))
    except OSError as error:
        raise SourceError(
            f"{path} cannot be read: {error.strerror}",
            source=str(path),
            hint="Give the path of a file that you may read.",
        ) from None
