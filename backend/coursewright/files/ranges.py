"""`Range` and its kin, of RFC 9110, section 14. Pure."""

import re
from dataclasses import dataclass

_SPEC = re.compile(r"([0-9]{0,18})-([0-9]{0,18})")
_MOST = 16
"""Ranges of one request; more, or more bytes than the file has, is an attack (14.2, 17.15)."""


@dataclass(frozen=True)
class Part:
    """Bytes from `start` up to, not including, `end`."""

    start: int
    end: int

    @property
    def size(self) -> int:
        """How many bytes."""
        return self.end - self.start

    def content_range(self, size: int) -> str:
        """As `Content-Range` says it (14.4)."""
        return f"bytes {self.start}-{self.end - 1}/{size}"


def parse(header: str | None, size: int) -> list[Part] | None:
    """What is asked for of a file of `size` bytes.

    None: the whole file, since nothing is asked or it is not to be heeded (another unit, no good
    syntax, too many). Empty: nothing of it can be had, status 416.
    """
    unit, _, specs = (header or "").partition("=")
    asked = [spec.strip() for spec in specs.split(",") if spec.strip()]
    if unit.strip().lower() != "bytes" or not 1 <= len(asked) <= _MOST:
        return None
    found = [_part(spec, size) for spec in asked]
    parts = [part for part in found if part is not None]
    if len(parts) < len(found) or sum(part.size for part in parts) > size:
        return None
    return [part for part in parts if part.size]


def _part(spec: str, size: int) -> Part | None:
    """One range, cut to the file, maybe to nothing; None where it is no good syntax (14.1.1)."""
    match = _SPEC.fullmatch(spec)
    if match is None:
        return None
    first, last = match.groups()
    if first:
        start, end = int(first), int(last) + 1 if last else size
        if last and end <= start:
            return None
        return Part(start, max(min(end, size), start))
    return Part(max(size - int(last), 0), size) if last else None


def etag_matches(header: str, etag: str, *, weak: bool = True) -> bool:
    """Whether a list of entity tags holds ours (8.8.3). `weak`: as `If-None-Match` compares."""
    if header.strip() == "*":
        return True
    for each in header.split(","):
        tag = each.strip()
        if weak:
            tag = tag.removeprefix("W/")
        if tag == etag:
            return True
    return False
