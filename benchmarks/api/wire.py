"""HTTP/1.1 as a reader's browser speaks it, with as little of our own processor time as can be.

A general client takes a millisecond for each request, of the same two cores that the service is
measured on; this one a tenth. Answers are read whole, but for streams of events.
"""

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
_HEADER = rb"\r\n%s: *([^\r\n]*)"
_NO_BODY = {204, 304}
_LIMIT = 1 << 20


class Broken(Exception):
    """The connection ended in the middle of an answer."""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    head: bytes
    body: bytes

    def header(self, name: str) -> str:
        """The value of a header; empty when it is not there."""
        found = re.search(_HEADER % name.encode(), self.head, re.IGNORECASE)
        return found.group(1).decode() if found else ""

    def json(self) -> Any:
        """The body."""
        return json.loads(self.body)


class Connection:
    """One connection at a time to one service, kept open as long as the service does."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 80
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self.cookie = ""

    async def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Sends a request and reads the answer. Raises `Broken` and `OSError`.

        A connection that was idle may be closed by the service in the moment that it is used
        again; then, as in any browser, a new one is made (RFC 9112, 9.3.1).
        """
        used = self._reader is not None
        try:
            return await _answer(await self._send(method, path, body, headers or {}))
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            self.close()
            unanswered = not getattr(error, "partial", b"")
            if used and unanswered:
                return await self.ask(method, path, body, headers)
            raise Broken(f"{method} {path}: {error}") from error

    async def events(self, path: str, *, after: int = 0) -> AsyncGenerator[tuple[int, str]]:
        """The id and the name of each event of a stream, as it comes, until the stream ends."""
        reader = await self._send("GET", path, None, {"Last-Event-ID": str(after)})
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            if (status := int(head[9:12])) != 200:  # noqa: PLR2004 - OK
                raise Broken(f"GET {path}: {status}")
            rest, number, name = b"", 0, ""
            while chunk := await _chunk(reader):
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    field, _, value = line.partition(b": ")
                    if field == b"id":
                        number = int(value)
                    elif field == b"event":
                        name = value.decode().strip()
                    elif not line.strip() and name:
                        yield number, name
                        name = ""
        except asyncio.IncompleteReadError as error:
            raise Broken(f"GET {path}: {error}") from error
        finally:
            self.close()

    def close(self) -> None:
        """As a browser that leaves."""
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None

    async def _send(
        self, method: str, path: str, body: object, headers: Mapping[str, str]
    ) -> asyncio.StreamReader:
        if self._reader is None or self._reader.at_eof():  # the service closes those long idle
            self.close()
            self._reader, self._writer = await asyncio.open_connection(
                self._host, self._port, limit=_LIMIT
            )
        assert self._writer is not None  # noqa: S101 - opened together
        content = b"" if body is None else json.dumps(body).encode()
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self._host}:{self._port}"]
        if self.cookie:
            lines.append(f"Cookie: {self.cookie}")
        if body is not None:
            lines.append("Content-Type: application/json")
        if method not in {"GET", "HEAD"}:
            lines.append(f"Content-Length: {len(content)}")
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self._writer.write("\r\n".join([*lines, "", ""]).encode() + content)
        await self._writer.drain()
        return self._reader


async def _answer(reader: asyncio.StreamReader) -> Answer:
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head[9:12])
    body = b""
    if status not in _NO_BODY:
        if length := _LENGTH.search(head):
            body = await reader.readexactly(int(length.group(1)))
        elif _CHUNKED.search(head):
            parts: list[bytes] = []
            while chunk := await _chunk(reader):
                parts.append(chunk)
            body = b"".join(parts)
    return Answer(status, head, body)


async def _chunk(reader: asyncio.StreamReader) -> bytes:
    """Empty at the end."""
    size = int((await reader.readuntil(b"\r\n")).partition(b";")[0], 16)
    return (await reader.readexactly(size + 2))[:-2]
