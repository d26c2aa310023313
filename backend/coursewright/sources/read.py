"""Reading a document: a file, an address, or bytes that were uploaded."""

import asyncio
import hashlib
import re
import stat
from pathlib import Path
from typing import Protocol

from coursewright.course.base import Value
from coursewright.course.errors import SourceError
from coursewright.course.sources import SourceKind
from coursewright.sources.detect import HEAD, Format, detect
from coursewright.sources.document import Document, build
from coursewright.sources.formats import parse
from coursewright.sources.limits import Limits

DEFAULTS = Limits()
_SCHEME = re.compile(r"^(?:[A-Za-z][A-Za-z0-9+.-]+://|(?:https?|file|data|ftp):)", re.IGNORECASE)
_SMALL = 20_000
"""Bytes of plain text or Markdown that are parsed at once, without a process of their own.

The worst text of that size keeps the parser busy for a fifth of a second; the time grows with the
square of the size."""
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w-]{1,40})", re.IGNORECASE)


class Fetched(Value):
    """What a web server answered."""

    data: bytes
    media_type: str
    """The whole content type, with its parameters."""
    url: str
    """Where it was found in the end, after redirects."""


class Fetcher(Protocol):
    """Gets documents from the web."""

    async def fetch(self, url: str, *, limits: Limits) -> Fetched:
        """The document at an address. Raises `SourceError`."""
        ...


async def read_source(
    origin: str | Path, *, limits: Limits = DEFAULTS, fetcher: Fetcher | None = None
) -> Document:
    """Reads a file, or what is at an http(s) address.

    The same document read twice gives equal values.

    Raises:
        SourceError: it cannot be read; the hint names the way out.
    """
    if isinstance(origin, str) and _SCHEME.match(origin):
        return await _read_url(origin, limits, fetcher)
    path = Path(origin)
    data = await asyncio.to_thread(_file_bytes, path, limits)
    return await read_bytes(
        data,
        name=path.name,
        media_type=None,
        kind=SourceKind.FILE,
        origin=path.name,
        limits=limits,
    )


async def read_bytes(
    data: bytes,
    *,
    name: str,
    media_type: str | None,
    kind: SourceKind,
    origin: str,
    limits: Limits = DEFAULTS,
) -> Document:
    """Reads a document that is at hand, for instance an upload.

    Args:
        data: the document.
        name: its file name, which people see and whose ending helps with plain text.
        media_type: what the sender says it is; its content decides.
        kind: where it comes from.
        origin: its name or address, as it is cited.
        limits: how much is read.

    Raises:
        SourceError: it cannot be read; the hint names the way out.
    """
    name = _readable(name)
    _check_size(len(data), name, limits)
    head = data[:HEAD]
    if not head.strip():  # a text may begin with a lot of white space
        head = data.lstrip()[:HEAD]
    form = detect(head, name=name, media_type=media_type)
    found = _CHARSET.search(media_type or "")
    charset = found.group(1) if found else None
    if form in {Format.TEXT, Format.MARKDOWN} and len(data) <= _SMALL:
        parsed = await asyncio.to_thread(
            parse, data, form, name=name, limits=limits, charset=charset
        )
    else:
        # Not needed for small texts, and by the process itself not at all.
        from coursewright.sources.child import Request  # noqa: PLC0415 - see above
        from coursewright.sources.process import parse_in_child  # noqa: PLC0415 - see above

        request = Request(form=form, name=name, charset=charset, limits=limits)
        parsed = await parse_in_child(request, data)
    return await asyncio.to_thread(
        build,
        parsed,
        sha256=hashlib.sha256(data).hexdigest(),
        name=name,
        kind=kind,
        origin=_readable(origin),
        limits=limits,
    )


async def _read_url(url: str, limits: Limits, fetcher: Fetcher | None) -> Document:
    if fetcher is None:
        # An HTTP client takes a tenth of a second to load, and most documents are files.
        from coursewright.sources.fetch import WebFetcher  # noqa: PLC0415 - see above

        fetcher = WebFetcher()
    fetched = await fetcher.fetch(url, limits=limits)
    bare = re.split(r"[?#]", fetched.url, maxsplit=1)[0]
    name = bare.rstrip("/").rsplit("/", 1)[-1] if bare.count("/") > 2 else ""  # noqa: PLR2004 - of the scheme
    return await read_bytes(
        fetched.data,
        name=name or bare,
        media_type=fetched.media_type,
        kind=SourceKind.URL,
        origin=fetched.url,
        limits=limits,
    )


def _file_bytes(path: Path, limits: Limits) -> bytes:
    name = _readable(path.name or str(path))
    try:
        path = path.expanduser()
        state = path.stat()
        if stat.S_ISDIR(state.st_mode):
            raise SourceError(
                f"{name} is a directory",
                source=name,
                hint="Give the documents in it one by one.",
            )
        if not stat.S_ISREG(state.st_mode):
            raise SourceError(f"{name} is no ordinary file", source=name, hint="Give a document.")
        _check_size(state.st_size, name, limits)
        with path.open("rb") as file:
            return file.read(limits.max_bytes + 1)
    except FileNotFoundError:
        raise SourceError(
            f"there is no file {_readable(str(path))}",
            source=name,
            hint="Check the spelling, and the folder that you are in.",
        ) from None
    except PermissionError:
        raise SourceError(
            f"{name} may not be read",
            source=name,
            hint="Give yourself the right to read it, or copy it.",
        ) from None
    except (OSError, ValueError, RuntimeError) as error:
        raise SourceError(
            f"{name} cannot be read: {getattr(error, 'strerror', None) or error}",
            source=name,
            hint="Copy it to another place, and give that copy.",
        ) from None


def _check_size(size: int, name: str, limits: Limits) -> None:
    if size > limits.max_bytes:
        raise SourceError(
            f"{name} has {size / 1e6:,.1f} MB; at most {limits.max_bytes / 1e6:,.1f} MB are read",
            source=name,
            hint="Give the part that matters, or raise COURSEWRIGHT_MAX_SOURCE_MB.",
        )


def _readable(name: str) -> str:
    """A name without control characters and lone surrogates, not endlessly long."""
    clean = name.encode("utf-8", "replace").decode("utf-8")
    clean = "".join(each if each.isprintable() else "?" for each in clean)
    return clean if len(clean) <= 300 else f"{clean[:297]}..."  # noqa: PLR2004 - as titles are cut
