"""Errors as problem details (RFC 9457), mapped from our tree once, here."""

import re
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from coursewright.api.auth import to_sign_in
from coursewright.api.tracking import HEADER, request_id
from coursewright.course.errors import (
    BadRequest,
    Conflict,
    CoursewrightError,
    LimitReached,
    NoSource,
    NotConfigured,
    NotFound,
    NotSignedIn,
    Refused,
    SourceError,
    Stale,
    TooLittle,
    TooManyAttempts,
    Unavailable,
    WrongPassword,
)
from coursewright.database.outage import DatabaseGone

log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"
STATUS: tuple[tuple[type[CoursewrightError], int], ...] = (
    (NotSignedIn, 401),
    (WrongPassword, 403),
    (TooManyAttempts, 429),
    (NotFound, 404),
    (Conflict, 409),
    (LimitReached, 429),
    (Stale, 412),
    (Refused, 422),
    (BadRequest, 422),
    (SourceError, 422),
    (NoSource, 422),
    (TooLittle, 422),
    (NotConfigured, 503),
    (Unavailable, 503),
)
"""The first class that fits counts; whatever fits none is a fault of ours, 500."""
_RETRY_AFTER = "5"
"""Seconds (RFC 9110, 10.2.3) until it is worth while to ask again."""
_TOKEN = re.compile(r"(/shared/)[^/]+")


class Problem(BaseModel):
    """Problem details of RFC 9457; `hint` is our extension."""

    type: str = Field("about:blank", examples=["no-source"])
    title: str = Field(examples=["no source covers 'Quantum chromodynamics'"])
    status: int = Field(examples=[422])
    hint: str = Field("", description="What to do about it, in words for people.")
    request_id: str = Field("", description="Names the request; the log has it, too.")
    errors: list[dict[str, str]] = Field(
        default=[],
        description="Field by field, where the request itself is not usable; item by item with the"
        " rule that it breaks, where the question gate refuses.",
    )


def without_tokens(path: str) -> str:
    """A path as it may be logged: whoever has the token of a link can read its course."""
    return _TOKEN.sub(r"\1...", path)


def status_of(error: CoursewrightError) -> int:
    """The HTTP status of an error of ours."""
    return next((status for kind, status in STATUS if isinstance(error, kind)), 500)


def said(error: CoursewrightError) -> str:
    """What strangers are told. Postgres and its driver name hosts and logins in their errors."""
    if isinstance(error, DatabaseGone):
        log.warning("the database is gone", reason=error.message)
        return f"{error.message.partition(':')[0].rstrip('.')}."
    return error.message


def headers_of(error: CoursewrightError) -> dict[str, str]:
    """What an answer says beside the error."""
    if isinstance(error, NotSignedIn):
        return {"WWW-Authenticate": "Bearer"}  # RFC 9110, 11.6.1: a 401 has to name a scheme
    if isinstance(error, TooManyAttempts):
        return {"Retry-After": str(error.seconds)}
    if isinstance(error, LimitReached):
        return {"Retry-After": str(error.retry_after)}
    return {}


def problem(
    status: int,
    title: str,
    *,
    kind: str = "about:blank",
    headers: dict[str, str] | None = None,
    **more: object,
) -> Response:
    """A response with problem details."""
    content: dict[str, object] = {
        "type": kind,
        "title": title,
        "status": status,
        "hint": "",
        "request_id": request_id(),
        "errors": [],
        **more,
    }
    added = {HEADER: name} if (name := request_id()) else {}
    if status == 503:  # noqa: PLR2004 - RFC 9110
        added["Retry-After"] = _RETRY_AFTER
    headers = {**added, **(headers or {})}
    return JSONResponse(content, status_code=status, media_type=MEDIA_TYPE, headers=headers)


def allowed(request: Request) -> str:
    """The methods that a path answers to, as a 405 has to say (RFC 9110, 15.5.6)."""
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    found = [
        route
        for route in iter_route_contexts(request.app.routes)
        if route.path and route.methods and compile_path(route.path)[0].match(path)
    ]
    # `/courses/from-files` is not a course with the id "from-files".
    exact = [route for route in found if route.path == path]
    return ", ".join(sorted({method for route in exact or found for method in route.methods or ()}))


def describe(document: dict[str, Any]) -> dict[str, Any]:
    """Says in an OpenAPI document of what media type problems are; FastAPI takes JSON for all."""
    for operations in document["paths"].values():
        for operation in operations.values():
            for response in operation["responses"].values():
                for media in [*response.get("content", {}).values()]:
                    if media.get("schema", {}).get("$ref", "").endswith("/Problem"):
                        response["content"] = {MEDIA_TYPE: media}
    return document


def install(app: FastAPI) -> None:
    """Makes `app` answer every error with problem details."""

    @app.exception_handler(CoursewrightError)
    async def _ours(request: Request, error: CoursewrightError) -> Response:
        if isinstance(error, NotSignedIn) and not request.url.path.startswith("/api/"):
            return to_sign_in(request)
        kind = "".join(
            f"-{char.lower()}" if char.isupper() else char for char in type(error).__name__
        ).lstrip("-")
        return problem(
            status_of(error),
            said(error),
            kind=kind,
            hint=error.hint,
            headers=headers_of(error),
            errors=list(error.problems) if isinstance(error, Refused) else [],
        )

    @app.exception_handler(RequestValidationError)
    async def _invalid(_: Request, error: RequestValidationError) -> Response:
        found = [
            {
                "field": ".".join(str(part) for part in item["loc"][1:]) or "body",
                "problem": str(item["msg"]).removeprefix("Value error, "),
            }
            for item in error.errors()
        ]
        first = f"{found[0]['field']}: {found[0]['problem']}" if found else "not usable"
        return problem(
            422,
            f"the request is not usable: {first}",
            kind="bad-request",
            hint="/docs shows what can be sent.",
            errors=found,
        )

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        headers = dict(error.headers or {})
        if "Allow" in headers:  # names the methods of one route only
            headers["Allow"] = allowed(request)
        return problem(error.status_code, str(error.detail), headers=headers)

    @app.exception_handler(Exception)
    async def _fault(request: Request, error: Exception) -> Response:
        log.error("a fault of ours", path=without_tokens(request.url.path), exc_info=error)
        return problem(
            500,
            "a fault in the program",
            kind="defect",
            hint="Try again. If it happens again, please report it with the log.",
        )
