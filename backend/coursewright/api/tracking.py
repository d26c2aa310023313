"""A request's id, from the log to the answer; and what is measured of each request."""

import re
import time
from uuid import uuid4

import structlog
from fastapi import Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from coursewright.bootstrap import Application

log = structlog.get_logger()

HEADER = "X-Request-Id"
_SANE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""What is taken over from a proxy: nothing that could forge a line of a log."""
_NO_ROUTE = "(none)"


def request_id() -> str:
    """The id of the request that is being answered; empty outside of one."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))


class Tracking:
    """ASGI middleware around everything else. Logs and problem details then carry the id."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Gives the request its id, passes it on, and tells what came of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(HEADER, "")
        name = given if _SANE.fullmatch(given) else uuid4().hex
        # Each request is a task of its own, so this is gone with it; the handler of our own
        # faults, which lies outside of all middleware, still sees it.
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=name)
        began = time.monotonic()
        status = 500

        async def send_named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = name
            await send(message)

        application: Application = scope["app"].state.application
        with application.tracing.span("request", **{"coursewright.request_id": name}) as span:
            try:
                await self._app(scope, receive, send_named)
            finally:
                route = template_of(scope)
                span.name(f"{scope['method']} {route}")
                span.note(
                    **{
                        "http.request.method": scope["method"],
                        "http.route": route,
                        "http.response.status_code": status,
                    }
                )
                _tell(application, scope, route, status, time.monotonic() - began)


def _tell(application: Application, scope: Scope, route: str, status: int, seconds: float) -> None:
    application.metrics.request(scope["method"], route, status, seconds)
    log.info(
        "request",
        method=scope["method"],
        route=route,
        status=status,
        ms=round(seconds * 1000, 1),
    )


def template_of(scope: Scope) -> str:
    """The route's template: never what somebody has put into an address."""
    path = getattr(scope.get("route"), "path", None)
    return path if isinstance(path, str) else _NO_ROUTE


async def name_the_course(request: Request) -> None:
    """A dependency of all routes: what is logged of a request names the course that it is about."""
    if course_id := request.path_params.get("course_id"):
        structlog.contextvars.bind_contextvars(course_id=str(course_id)[:64])
