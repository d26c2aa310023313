"""Bytes to text, and plain text to blocks."""

import codecs
import re

from charset_normalizer import from_bytes

from coursewright.course.errors import SourceError
from coursewright.course.sources import PassageKind
from coursewright.sources.blocks import Block, Parsed, block

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_NO_CHARSETS = {
    "idna",
    "mbcs",
    "oem",
    "punycode",
    "raw-unicode-escape",
    "undefined",
    "unicode-escape",
    "utf-7",
    "utf7",
}
"""Codecs of Python that no document is written in; some make lone surrogates of plain text."""
_CONTROL = frozenset(range(32)) - frozenset(b"\t\n\r\f\x1b")
_HIGH = bytes(range(0x80, 0x100))
_SAMPLE = 200_000
"""Bytes by which an encoding is guessed."""
_WESTERN = ("cp1252", "latin_1", "iso8859_15", "cp1250", "mac_roman", "cp437", "cp850")
_WESTERN_LETTERS = re.compile("[A-Za-zÀ-ÖØ-öø-ÿŒœŠšŽžŸ\\s\x20-\x7e–—‘’‚“”„†‡•…‰‹›€™«»¿¡§°·©®±¼½¾]")
_ITEM = re.compile(r"^\s*(?:[-*+•‣◦▪–]|\d{1,3}[.)]|[a-z][.)])\s+(?=\S)")
_UNDERLINE = re.compile(r"^([=\-~^#*])\1{2,}\s*$")


def looks_binary(data: bytes) -> bool:
    """Whether this can't be text in any encoding that we take."""
    sample = data[:8_000]
    if any(data.startswith(bom) for bom, _ in _BOMS):
        return False
    if b"\x00" in sample:
        return _utf16_without_mark(sample) is None
    control = sum(byte in _CONTROL for byte in sample)
    return control > len(sample) * 0.02


def decode(data: bytes, *, name: str, declared: str | None = None) -> str:
    """Text by byte-order mark, as UTF-8, by what is declared, else by a guess.

    Raises:
        SourceError: it is no text.
    """
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return data[len(bom) :].decode(encoding, errors="replace")
    if looks_binary(data):
        raise _no_text(name)
    wide = _utf16_without_mark(data[:8_000])
    for encoding in (wide, None if wide else "utf-8", declared):
        if encoding is None or encoding.lower().replace("_", "-") in _NO_CHARSETS:
            continue
        try:
            return data.decode(encoding)
        except (UnicodeError, LookupError):
            continue
    return data.decode(_guess(data, name), errors="replace")


def _guess(data: bytes, name: str) -> str:
    """The encoding of old text. Western Europe first: short texts say too little to be sure."""
    western = data.decode("cp1252", errors="replace")
    odd = [character for character in western if not _WESTERN_LETTERS.match(character)]
    high = len(data) - len(data.translate(None, _HIGH))
    if not odd and high <= len(data) * 0.12:
        return "cp1252"
    best = from_bytes(data[:_SAMPLE]).best()
    if best is None:
        raise _no_text(name)
    return "cp1252" if best.encoding in _WESTERN and not odd else best.encoding


def _utf16_without_mark(sample: bytes) -> str | None:
    """UTF-16 of mostly Latin text has a zero in every other byte."""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = max(len(sample) // 2, 1)
    if odd > half * 0.6 and even < half * 0.05:
        return "utf-16-le"
    if even > half * 0.6 and odd < half * 0.05:
        return "utf-16-be"
    return None


def parse_text(text: str) -> Parsed:
    """Paragraphs parted by blank lines; underlined lines are headings, bullets are items."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    blocks: list[Block] = []
    pages = text.split("\f")
    for number, page in enumerate(pages, 1):
        paragraph: list[str] = []
        for line in [*page.split("\n"), ""]:
            if line.strip():
                paragraph.append(line)
            elif paragraph:
                blocks.extend(_paragraph(paragraph, number if len(pages) > 1 else None))
                paragraph = []
    return Parsed(
        blocks=tuple(blocks),
        media_type="text/plain",
        pages=len(pages) if len(pages) > 1 else None,
    )


def _paragraph(rows: list[str], page: int | None) -> list[Block]:
    found: list[Block | None] = []
    if len(rows) > 1 and _UNDERLINE.match(rows[1]) and len(rows[0]) < 120:  # noqa: PLR2004 - a heading is short
        level = 1 if rows[1].startswith(("=", "#", "*")) else 2
        found.append(block(PassageKind.HEADING, rows[0], level=level, page=page))
        rows = rows[2:]
    items = [number for number, row in enumerate(rows) if _ITEM.match(row)]
    if items:
        found.append(block(PassageKind.PARAGRAPH, " ".join(rows[: items[0]]), page=page))
        for start, end in zip(items, [*items[1:], len(rows)], strict=True):
            text = _ITEM.sub("", " ".join(rows[start:end]), count=1)
            found.append(block(PassageKind.LIST_ITEM, text, page=page))
    elif rows and all(row.startswith(("    ", "\t")) for row in rows):
        found.append(block(PassageKind.CODE, "\n".join(rows), page=page))
    else:
        found.append(block(PassageKind.PARAGRAPH, " ".join(rows), page=page))
    return [each for each in found if each is not None]


def _no_text(name: str) -> SourceError:
    return SourceError(
        f"{name} is not text in any encoding that is known here",
        source=name,
        hint="Save it as UTF-8 text, or give the document as PDF, DOCX or HTML.",
    )
