"""What protects the service from the pages of others, signed in or not.

Any web page that a person visits can make the browser send requests to us, and the browser adds the
cookie. So: only our names are taken as host (against DNS rebinding), and a request that changes
something must come from our own pages or from no page at all (against cross-site forging). A
request with a bearer token, where those are what counts, carries nothing that a browser adds.
And nothing is taken in that is larger than what a source may be.
"""

from urllib.parse import urlsplit

import structlog
from anyio import BrokenResourceError
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from coursewright.accounts.address import Origin, parse_origin
from coursewright.api.errors import problem, without_tokens
from coursewright.course.base import Value

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


class Site(Value):
    """What the service is called, and who signs in to it."""

    hosts: frozenset[str]
    """The names (without a port) that it answers to."""
    public: Origin | None = None
    """The address that people type."""
    bearer: bool = False
    """Whether people sign in by a bearer token, and by nothing else."""
    private: bool = False
    """Whether several people use it: what is said to one is kept by no cache."""


class Guard:
    """ASGI middleware: checks where a request comes from, and adds the security headers."""

    def __init__(self, app: ASGIApp, *, site: Site, max_body: int) -> None:
        """`max_body`: bytes of a request, all its files together."""
        self._app = app
        self._site = site
        self._max_body = max_body
        self._headers = dict(_HEADERS)
        if site.public is not None and site.public.secure:
            self._headers["strict-transport-security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers 421 to a foreign host and 403 to a foreign page; passes on all else."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, send)
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
                added = dict(self._headers)
                if self._site.private and not scope["path"].startswith("/static/"):
                    added["cache-control"] = "no-store"
                raw = [(name.encode(), value.encode()) for name, value in added.items()]
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

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if _name(host) not in self._site.hosts:
            return problem(
                421,
                f"this service does not answer to the name {host!r}",
                kind="wrong-host",
                hint="Use the address that `coursewright serve` printed, or set"
                " COURSEWRIGHT_PUBLIC_URL to the one that people use.",
            )
        if scope["method"] not in _SAFE and not self._is_own(headers, scope["scheme"]):
            return problem(
                403,
                "the request comes from another web site",
                kind="cross-site",
                hint="Use the pages of this service, or send no Origin header.",
            )

        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > self._max_body:
            return self._too_large()
        return None

    def _is_own(self, headers: Headers, scheme: str) -> bool:
        if self._site.bearer and headers.get("authorization", "").lower().startswith("bearer "):
            return True
        if headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
            return False
        origin = headers.get("origin")
        if origin is None:
            # Browsers send it with whatever changes something; the very old ones send this.
            referer = headers.get("referer")
            if referer is None:
                return True
            origin = referer.partition("?")[0].partition("#")[0]
            origin = "/".join(origin.split("/", 3)[:3])
        own = self._own(headers.get("host", ""), scheme)
        return own is not None and parse_origin(origin) == own

    def _own(self, host: str, scheme: str) -> Origin | None:
        """The origin that our pages have where the service is called `host`."""
        public = self._site.public
        if public is not None and _name(host) == public.host:
            return public  # as people type it: a proxy before us may speak https for us
        return parse_origin(f"{scheme}://{host}")

    def _too_large(self) -> Response:
        return problem(
            413,
            f"the request is too large: at most {self._max_body / 1e6:,.0f} MB are taken",
            kind="too-large",
            hint="Send the part that matters, or raise COURSEWRIGHT_MAX_SOURCE_MB.",
        )


def _name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
