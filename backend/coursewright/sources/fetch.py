"""Fetching a document from the web without being led into the network that we run in."""

import asyncio
import re
import socket
import ssl
import zlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import httpx2

from coursewright.course.errors import SourceError
from coursewright.sources.addresses import is_public
from coursewright.sources.detect import TAKEN
from coursewright.sources.limits import Limits
from coursewright.sources.read import Fetched

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""From a host's name and a port to its addresses. Raises `OSError` when there are none."""

MOST_REDIRECTS = 5
_ADDRESSES = 3
"""Addresses of one host that are tried."""
_HEADERS = {
    "User-Agent": "Coursewright (reads one document that a person asked for)",
    "Accept": "text/html, application/xhtml+xml, application/pdf, text/markdown, text/plain, */*",
    "Accept-Encoding": "gzip",
}
_REFUSED_TYPES = ("image/", "audio/", "video/", "font/", "application/json", "text/css")
_REFUSED_EXACT = {"application/javascript", "text/javascript", "text/csv", "text/xml"}
_USER_INFO = re.compile(r"//[^/]*@")
_STATUS = {
    401: ("asks for a password", "Get the document with your browser, and give the file."),
    403: ("refuses to give it out", "Get the document with your browser, and give the file."),
    404: ("says that there is no such page", "Check the address."),
    410: ("says that the page is gone", "Check the address, or look for a copy in an archive."),
    429: ("says that it is asked too often", "Wait a while and try again."),
}


class _Refused(Exception):
    """The host leads to an address that documents are not fetched from."""


async def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses of a host, by the system's resolver."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(info[4][0]) for info in found))


class _PinnedTransport(httpx2.AsyncBaseTransport):
    """Resolves a host, checks what it got, and connects to just that address.

    The name is resolved once: there is no second look-up that could answer otherwise (DNS
    rebinding). The certificate is still checked against the name, and `Host` still carries it.
    Every redirect comes through here as a request of its own.
    """

    def __init__(
        self,
        inner: httpx2.AsyncBaseTransport,
        look_up: Resolve,
        allowed: Callable[[str], bool],
    ) -> None:
        self._inner = inner
        self._resolve = look_up
        self._allowed = allowed

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        host = request.url.host
        port = request.url.port or (443 if request.url.scheme == "https" else 80)
        try:
            addresses = await self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise httpx2.ConnectError(f"no address: {error}", request=request) from error
        if not addresses:
            raise httpx2.ConnectError("no address", request=request)
        if not all(self._allowed(address) for address in addresses):
            raise _Refused(host)
        failure: httpx2.HTTPError | None = None
        for address in addresses[:_ADDRESSES]:
            try:
                return await self._inner.handle_async_request(_pinned(request, host, address))
            except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
                failure = error
        raise failure or httpx2.ConnectError("no address", request=request)

    async def aclose(self) -> None:
        await self._inner.aclose()


def _pinned(request: httpx2.Request, host: str, address: str) -> httpx2.Request:
    return httpx2.Request(
        method=request.method,
        url=request.url.copy_with(host=address),
        headers=request.headers,  # `Host` among them, as the client has set it
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": host},
    )


@dataclass(frozen=True, kw_only=True)
class WebFetcher:
    """Fetches over http and https.

    Args:
        allowed: which addresses may be connected to; tests against a local server allow its own.
        look_up: how names are resolved.
        verify: what certificates are checked against; by default the system's authorities.
    """

    allowed: Callable[[str], bool] = is_public
    look_up: Resolve = resolve
    verify: ssl.SSLContext | None = None

    async def fetch(self, url: str, *, limits: Limits) -> Fetched:
        """The document at an address, within `limits.max_bytes` and `limits.seconds`.

        Raises:
            SourceError: the address is not allowed, cannot be reached, or gives no document.
        """
        target = _checked(url)
        shown = _shown(target)
        transport = _PinnedTransport(
            httpx2.AsyncHTTPTransport(verify=self.verify or True, trust_env=False),
            self.look_up,
            self.allowed,
        )
        try:
            async with (
                asyncio.timeout(limits.seconds),
                httpx2.AsyncClient(
                    transport=transport,
                    trust_env=False,
                    follow_redirects=False,
                    headers=_HEADERS,
                    timeout=limits.seconds,
                ) as client,
            ):
                return await _follow(client, target, limits)
        except (TimeoutError, httpx2.TimeoutException):
            raise SourceError(
                f"{shown} did not answer in full within {limits.seconds:g} s",
                source=shown,
                hint="Try again later, get it with your browser and give the file, or raise"
                " COURSEWRIGHT_SOURCE_SECONDS.",
            ) from None
        except _Refused as refused:
            raise SourceError(
                f"{shown} leads to {refused.args[0]}, which is in a private network or on this"
                " machine; documents are fetched from the public internet only",
                source=shown,
                hint="Get it with your browser, and give the file.",
            ) from None
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise _failed(shown, error) from None


async def _follow(client: httpx2.AsyncClient, target: httpx2.URL, limits: Limits) -> Fetched:
    shown = _shown(target)
    for _ in range(MOST_REDIRECTS + 1):
        async with client.stream("GET", target) as response:
            if response.is_redirect and (place := response.headers.get("location")):
                target = _checked(str(target.join(place)))
                continue
            _check_answer(response, shown)
            data = await _body(response, shown, limits)
            return Fetched(
                data=data,
                media_type=response.headers.get("content-type", ""),
                url=_shown(target.copy_with(fragment=None)),
            )
    raise SourceError(
        f"{shown} redirects more than {MOST_REDIRECTS} times",
        source=shown,
        hint="Open it in your browser, and give the address where it ends.",
    )


def _checked(url: str) -> httpx2.URL:
    """The address, if it is one that may be fetched at all."""
    try:
        target = httpx2.URL(url)
    except (httpx2.InvalidURL, ValueError):
        shown = _USER_INFO.sub("//", url)[:200]
        raise SourceError(
            f"{shown} is no address", source=shown, hint="It looks like https://host/page."
        ) from None
    if target.scheme not in {"http", "https"}:
        raise SourceError(
            f"documents are fetched over http and https, not {target.scheme or 'that'}",
            source=_shown(target),
            hint="Give the name of a file, or an address that begins with https://.",
        )
    if not target.host:
        raise SourceError(
            f"{_shown(target)} names no host",
            source=_shown(target),
            hint="It looks like https://host/page.",
        )
    if target.userinfo:
        raise SourceError(
            f"{_shown(target)} carries a user name or a password, which would be kept",
            source=_shown(target),
            hint="Get the document with your browser, and give the file.",
        )
    return target


def _check_answer(response: httpx2.Response, shown: str) -> None:
    status = response.status_code
    if status != 200:  # noqa: PLR2004 - HTTP's own number for "here it is"
        what, hint = _STATUS.get(
            status,
            ("has a fault of its own", "Try again later.")
            if status >= 500  # noqa: PLR2004 - server errors begin here
            else ("gives no document", "Open it in your browser to see what is there."),
        )
        raise SourceError(f"{shown}: the server {what} ({status})", source=shown, hint=hint)
    media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type.startswith(_REFUSED_TYPES) or media_type in _REFUSED_EXACT:
        raise SourceError(
            f"{shown} is {media_type}, which is not read",
            source=shown,
            hint=f"Taken are {TAKEN}.",
        )


class _Gunzip:
    """Unpacks gzip, which may have several members (RFC 1952), up to a number of bytes."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(wbits=31)

    @property
    def complete(self) -> bool:
        """Whether the last member was read to its end."""
        return self._member.eof

    def __call__(self, packed: bytes, most: int) -> bytes:
        """The next bytes, at most `most` (at least 1) of them; what is above that is lost."""
        found = b""
        while packed and len(found) < most:
            if self._member.eof:
                packed = packed.lstrip(b"\0")  # padding between members and after the last
                if not packed:
                    break
                self._member = zlib.decompressobj(wbits=31)
            found += self._member.decompress(packed, most - len(found))
            packed = self._member.unused_data
        return found


async def _body(response: httpx2.Response, shown: str, limits: Limits) -> bytes:
    """The body, decompressed by ourselves so that it can be bounded while it grows."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in {"identity", "", "gzip", "x-gzip"}:
        raise SourceError(
            f"{shown}: the server packs its answer as {encoding[:40]!r}, which was not asked for",
            source=shown,
            hint="Get it with your browser, and give the file.",
        )
    unpack = _Gunzip() if "gzip" in encoding else None
    body = bytearray()
    try:
        async for raw in response.aiter_raw():
            body += unpack(raw, limits.max_bytes + 1 - len(body)) if unpack else raw
            if len(body) > limits.max_bytes:
                raise SourceError(
                    f"{shown} has more than {limits.max_bytes / 1e6:,.1f} MB, which is the most"
                    " that is read",
                    source=shown,
                    hint="Give the part that matters, or raise COURSEWRIGHT_MAX_SOURCE_MB.",
                )
    except zlib.error:
        raise SourceError(
            f"{shown}: the answer of the server is damaged", source=shown, hint="Try again."
        ) from None
    if unpack is not None and not unpack.complete:
        raise SourceError(
            f"{shown}: the answer of the server broke off", source=shown, hint="Try again."
        )
    return bytes(body)


def _failed(shown: str, error: Exception) -> SourceError:
    causes: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in causes:
        causes.append(cause)
        cause = cause.__cause__ or cause.__context__
    if any(isinstance(each, socket.gaierror) for each in causes) or "no address" in str(error):
        what, hint = "there is no such host", "Check the address, and your connection."
    elif any(isinstance(each, ssl.SSLError) for each in causes):
        what = "its certificate or its encryption is not right"
        hint = "Don't trust it; look for the document at another address."
    elif isinstance(error, httpx2.ConnectError):
        what, hint = "nothing answers there", "Check the address, and your connection."
    else:
        what, hint = "the connection broke off", "Try again."
    return SourceError(f"{shown} cannot be fetched: {what}", source=shown, hint=hint)


def _shown(url: httpx2.URL) -> str:
    """An address as people see it: never with a password in it."""
    return str(url.copy_with(userinfo=b""))[:300]
