"""Answers of the service into values, and its problem details (RFC 9457) into our errors."""

import re
from collections.abc import Callable
from typing import TypeVar, cast
from urllib.parse import unquote

import httpx2
from pydantic import TypeAdapter, ValidationError

from coursewright.client.retries import BUSY
from coursewright.client.values import Event, Export
from coursewright.course.course import Course
from coursewright.course.errors import (
    BadRequest,
    Conflict,
    CoursewrightError,
    Defect,
    LimitReached,
    NotConfigured,
    NotFound,
    OperatorError,
    Refused,
    TooManyAttempts,
    Unavailable,
    UserError,
)

T = TypeVar("T")

_NAME = re.compile(r"filename\*=UTF-8''([^;]+)", re.IGNORECASE)
_OF_STATUS: dict[int, type[CoursewrightError]] = {
    401: NotConfigured,
    403: NotConfigured,
    404: NotFound,
    409: Conflict,
}
_SIGN_IN = "Give the client a token (`token=`) or the cookie of a session (`cookies=`)."
_ABSTRACT = {CoursewrightError, UserError, OperatorError}
_PROBLEMS = TypeAdapter(list[dict[str, str]])
_MINUTE = 60
"""Seconds that are waited where nobody says how long."""


def reader(shape: type[T]) -> Callable[[httpx2.Response], T]:
    """Reads JSON of that shape; what a newer service says in addition is passed over."""
    adapter = TypeAdapter(shape)

    def read(response: httpx2.Response) -> T:
        return adapter.validate_json(response.content, extra="ignore")

    return read


read_course = reader(Course)


def read_nothing(_: httpx2.Response) -> None:
    """For answers without a body."""


def read_export(response: httpx2.Response) -> Export:
    """The file, with a name that holds no folder."""
    found = _NAME.search(response.headers.get("content-disposition", ""))
    name = unquote(found.group(1)) if found else "course"
    return Export(
        file_name=name.replace("\\", "/").rsplit("/", 1)[-1].lstrip(".") or "course",
        media_type=response.headers.get("content-type", "application/octet-stream"),
        content=response.content,
    )


def read_event(sent: httpx2.ServerSentEvent) -> Event:
    """One event of a stream. Raises ValueError for what is none of ours."""
    said = sent.json()
    if not isinstance(said, dict):
        raise ValueError("an event's data is no object")  # noqa: TRY004 - read as unusable
    data = cast("dict[str, object]", said)
    return Event.model_validate(
        {
            "id": int(sent.id),
            "name": sent.event,
            "piece": data.pop("piece", None),
            "at": data.pop("at", None),
            "data": data,
        }
    )


def refused(response: httpx2.Response) -> CoursewrightError:
    """What an answer that is no success says, as an error of ours."""
    problem = _problem(response)
    status = response.status_code
    title = str(problem.get("title") or f"the service answers with status {status}")
    hint = str(problem.get("hint") or "")
    kind = _kinds().get(str(problem.get("type")))
    if kind is None:
        kind = _OF_STATUS.get(status) or _by_hundred(status)
    if status in {401, 403} and not hint:
        hint = _SIGN_IN
    if not problem and status not in BUSY:
        hint = hint or "Is this the address of a Coursewright service?"
    if issubclass(kind, Refused):
        return kind(title, problems=_problems(problem), hint=hint)
    asked = asked_to_wait(response)
    seconds = _MINUTE if asked is None else int(asked)
    if issubclass(kind, TooManyAttempts):
        return kind(title, seconds=seconds, hint=hint)
    if issubclass(kind, LimitReached):
        return kind(title, retry_after=seconds, hint=hint)
    return kind(title, hint=hint)


def may_pass(response: httpx2.Response) -> bool:
    """Whether the same call may succeed a moment later."""
    return response.status_code in BUSY and _problem(response).get("type") != "not-configured"


def asked_to_wait(response: httpx2.Response) -> float | None:
    """Seconds of `Retry-After`; None where it is missing, or a date, which nobody of ours sends."""
    said = response.headers.get("retry-after", "")
    return float(said) if said.isascii() and said.isdigit() else None


def lost(error: httpx2.RequestError, address: str) -> Unavailable:
    """An answer that did not come."""
    if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout):
        return Unavailable(
            f"no service answers at {address}",
            hint="Start it with `coursewright serve`, or give the client another address.",
        )
    if isinstance(error, httpx2.TimeoutException):
        return Unavailable(
            f"the service at {address} takes too long to answer",
            hint="Try again, or give the client a longer `timeout`.",
        )
    return Unavailable(
        f"the connection to {address} broke off: {error}", hint="Try again; is it still running?"
    )


def not_ours(address: str, error: ValidationError | ValueError) -> NotConfigured:
    """An answer that cannot be read."""
    where = ""
    if isinstance(error, ValidationError):
        first = error.errors(include_input=False, include_url=False)[0]
        where = f" ({'.'.join(str(part) for part in first['loc']) or 'body'}: {first['msg']})"
    return NotConfigured(
        f"{address} does not answer like a Coursewright service of this version{where}",
        hint="Check the address, and that both sides have the same version.",
    )


def _problem(response: httpx2.Response) -> dict[str, object]:
    try:
        found: object = response.json()
    except ValueError:
        return {}
    return cast("dict[str, object]", found) if isinstance(found, dict) else {}


def _problems(problem: dict[str, object]) -> list[dict[str, str]]:
    """Item by item what is wrong; what is none of ours is passed over."""
    try:
        return _PROBLEMS.validate_python(problem.get("errors", []))
    except ValidationError:
        return []


def _by_hundred(status: int) -> type[CoursewrightError]:
    if status in BUSY:
        return Unavailable
    if status >= 500:  # noqa: PLR2004 - RFC 9110
        return Defect
    return BadRequest if status >= 400 else NotConfigured  # noqa: PLR2004 - a redirect


def _kinds() -> dict[str, type[CoursewrightError]]:
    """The errors of the package by the `type` that the service gives them."""
    found: dict[str, type[CoursewrightError]] = {}
    todo: list[type[CoursewrightError]] = [CoursewrightError]
    while todo:
        kind = todo.pop()
        todo.extend(kind.__subclasses__())
        if kind not in _ABSTRACT and kind.__module__ == CoursewrightError.__module__:
            name = re.sub(r"(?<!^)(?=[A-Z])", "-", kind.__name__).lower()
            found[name] = kind
    return found
