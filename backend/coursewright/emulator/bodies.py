"""Reading what a client sends: bounded, and never trusting its shape."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, cast

from starlette.requests import Request

MOST_BYTES = 20 * 1024 * 1024
"""Gemini's limit for a request with everything in it."""


@dataclass(frozen=True)
class Bad:
    """A body that is no JSON object, or more than a service reads."""

    message: str
    too_large: bool = False


class Unusable(ValueError):
    """The body is not what the service wants. The text says what is wrong."""


async def read_object(request: Request) -> Mapping[str, Any] | Bad:
    """The JSON object in the body. All of it is read, so that the client hears the refusal."""
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > MOST_BYTES:
            parts.clear()
        else:
            parts.append(part)
    if size > MOST_BYTES:
        return Bad("too large", too_large=True)
    try:
        found: object = json.loads(b"".join(parts), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        return Bad(str(error) or "too deeply nested")
    if not isinstance(found, dict):
        return Bad("the root of the JSON text is not an object")
    return cast(Mapping[str, Any], found)


def mapping(value: object, name: str) -> Mapping[str, Any]:
    """An object. Raises `Unusable`."""
    if not isinstance(value, dict):
        raise Unusable(f"Invalid value at '{name}': an object is wanted")
    return cast(Mapping[str, Any], value)


def items(value: object, name: str) -> list[object]:
    """An array. Raises `Unusable`."""
    if not isinstance(value, list):
        raise Unusable(f"Invalid value at '{name}': an array is wanted")
    return cast(list[object], value)


def one_or_many(value: object) -> list[object]:
    """An array, or an array of what is there."""
    return cast(list[object], value) if isinstance(value, list) else [value]


def string(value: object, name: str) -> str:
    """A string, without code points that no UTF-8 can hold. Raises `Unusable`."""
    if not isinstance(value, str):
        raise Unusable(f"Invalid value at '{name}': a string is wanted")
    return value.encode("utf-8", "replace").decode()


def whole(value: object, name: str) -> int | None:
    """A whole number above 0, or None where nothing is said. Raises `Unusable`."""
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise Unusable(f"Invalid value at '{name}': a whole number above 0 is wanted")
    return value


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")
