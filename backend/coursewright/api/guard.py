"""What protects a service without sign-in that listens on the loopback address.

Any web page that a person visits can make the browser send requests to 127.0.0.1. So: only the
names of this machine are taken as host (against DNS rebinding), and a request that changes
something must come from our own pages or from no page at all (against cross-site forging).
And nothing is taken in that is larger than what a source may be.
"""

from urllib.parse import urlsplit

import structlog
from anyio import BrokenResourceError
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from coursewright.api.errors import problem, without_tokens

log = structlog.get_logger()

_SAFE = {"GET", "HEAD", "OPTIONS"}
_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
_HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


class Guard:
    """ASGI middleware: checks where a request comes from, and adds the security headers."""

    def __init__(self, app: ASGIApp, *, hosts: frozenset[str], max_body: int) -> None:
        """`hosts`: the names (without a port) that the service answers to; `max_body`: bytes of
        a request, all its files together.
        """
        self._app = app
        self._hosts = hosts
        self._max_body = max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers 421 to a foreign host and 403 to a foreign page; passes on all else."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if _name(host) not in self._hosts:
            response = problem(
                421,
                f"this service does not answer to the name {host!r}",
                kind="wrong-host",
                hint="Use the address that `coursewright serve` printed.",
            )
            await response(scope, receive, send)
            return
        if scope["method"] not in _SAFE and not _is_own(headers, host):
            response = problem(
                403,
                "the request comes from another web site",
                kind="cross-site",
                hint="Use the pages of this service, or send no Origin header.",
            )
            await response(scope, receive, send)
            return

        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > self._max_body:
            await self._too_large()(scope, receive, send)
            return
        received = 0

        async def receive_guarded() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._max_body:  # sent without a length, or with a wrong one
                raise HTTPException(413, f"more than {self._max_body / 1e6:,.0f} MB were sent")
            return message

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                raw = [(name.encode(), value.encode()) for name, value in _HEADERS.items()]
                present = {name for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *(pair for pair in raw if pair[0] not in present),
                ]
            await send(message)

        try:
            await self._app(scope, receive_guarded, send_guarded)
        except* BrokenResourceError:
            # A stream of events was written to whoever has left the page: nobody misses it.
            log.debug("a reader left in the middle of a stream", path=without_tokens(scope["path"]))

    def _too_large(self) -> Response:
        return problem(
            413,
            f"the request is too large: at most {self._max_body / 1e6:,.0f} MB are taken",
            kind="too-large",
            hint="Send the part that matters, or raise COURSEWRIGHT_MAX_SOURCE_MB.",
        )


def _is_own(headers: Headers, host: str) -> bool:
    site = headers.get("sec-fetch-site")
    if site is not None and site not in {"same-origin", "none"}:
        return False
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == host


def _name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
