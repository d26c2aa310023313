"""What a reader of a format gives back: blocks of text in reading order."""

import re
import textwrap
import unicodedata

from pydantic import Field

from coursewright.course.base import Value
from coursewright.course.sources import PassageKind

_SPACE = re.compile(r"\s+")
# Control characters but tab and line feed, lone surrogates, private use, and what is invisible:
# soft hyphen, zero-width space, byte-order mark, marks that turn the direction of text, tags.
_JUNK = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff"
    "\ufff0-\ufffb\ufffe\uffff\ud800-\udfff\ue000-\uf8ff\U000e0000-\U000e007f]"
)
# White space that is a control character as well: between words it must not vanish.
_ODD_SPACE = re.compile("[\x0b\x0c\x1c-\x1f\x85]")
_LIGATURES = str.maketrans(
    {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
)


class Block(Value):
    """One passage to be: its text is clean and never empty."""

    kind: PassageKind
    text: str = Field(min_length=1)
    level: int | None = None
    page: int | None = None


class Parsed(Value):
    """A document as its reader understood it."""

    blocks: tuple[Block, ...]
    media_type: str
    title: str = ""
    language: str | None = None
    licence: str | None = None
    attribution: str | None = None
    pages: int | None = None
    warnings: tuple[str, ...] = ()


def prose(text: str) -> str:
    """Running text with its white space folded and nothing invisible in it."""
    return _SPACE.sub(" ", _clean(text)).strip()


def lines(text: str) -> str:
    """Text whose lines matter (code, tables): what all lines are indented by is cut."""
    straight = textwrap.dedent(_clean(text).expandtabs(4))
    kept = [line.rstrip() for line in straight.split("\n")]
    while kept and not kept[0]:
        kept.pop(0)
    while kept and not kept[-1]:
        kept.pop()
    return "\n".join(kept)


def block(
    kind: PassageKind, text: str, *, level: int | None = None, page: int | None = None
) -> Block | None:
    """A block of cleaned text; None when nothing readable is left."""
    keeps_lines = kind in {PassageKind.CODE, PassageKind.TABLE, PassageKind.FORMULA}
    cleaned = lines(text) if keeps_lines else prose(text)
    readable = bool(cleaned) if keeps_lines else any(each.isalnum() for each in cleaned)
    return Block(kind=kind, text=cleaned, level=level, page=page) if readable else None


def _clean(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n")
    text = _ODD_SPACE.sub(" ", text.translate(_LIGATURES))
    return unicodedata.normalize("NFC", _JUNK.sub("", text))
