"""What a document is: by its content first, then by its name."""

import re
from enum import StrEnum
from pathlib import PurePosixPath

from coursewright.course.errors import SourceError
from coursewright.sources.text import looks_binary

TAKEN = "PDF, DOCX, PPTX, EPUB, HTML, Markdown and plain text"
HEAD = 65_536
"""Bytes that are looked at."""


class Format(StrEnum):
    """A family of formats with one reader. What an archive holds is seen when it is opened."""

    PDF = "pdf"
    ARCHIVE = "archive"
    HTML = "html"
    MARKDOWN = "markdown"
    TEXT = "text"


_OTHERS: tuple[tuple[bytes, str, str], ...] = (
    (b"\x89PNG\r\n", "a picture", "ocr"),
    (b"\xff\xd8\xff", "a picture", "ocr"),
    (b"GIF8", "a picture", "ocr"),
    (b"II*\x00", "a picture", "ocr"),
    (b"MM\x00*", "a picture", "ocr"),
    (b"RIFF", "a recording or a picture", ""),
    (b"ID3", "a recording", ""),
    (b"OggS", "a recording", ""),
    (b"fLaC", "a recording", ""),
    (b"\x1f\x8b", "a compressed file", "unpack"),
    (b"BZh", "a compressed file", "unpack"),
    (b"\xfd7zXZ", "a compressed file", "unpack"),
    (b"7z\xbc\xaf", "an archive", "unpack"),
    (b"Rar!", "an archive", "unpack"),
    (b"\x7fELF", "a program", ""),
    (b"MZ", "a program", ""),
    (b"{\\rtf", "an RTF document", "save"),
    (b"%!PS", "a PostScript document", "save"),
    (b"SQLite format 3", "a database", ""),
)
_HINTS = {
    "ocr": f"Recognise its text first (for instance with ocrmypdf). Taken are {TAKEN}.",
    "unpack": f"Unpack it, and give the documents in it. Taken are {TAKEN}.",
    "save": f"Save it as DOCX or PDF. Taken are {TAKEN}.",
    "": f"Taken are {TAKEN}.",
}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HTML = re.compile(
    rb"\A\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.{0,2000}?-->\s*)*(?:<!doctype\s+html|<html[\s>])",
    re.IGNORECASE | re.DOTALL,
)
_MARKDOWN_NAMES = {".md", ".markdown", ".mdown", ".mkd", ".qmd", ".rmd"}
_TEXT_NAMES = {"", ".txt", ".text", ".rst", ".asc", ".adoc", ".log", ".me"}
_HTML_NAMES = {".html", ".htm", ".xhtml"}
_ARCHIVE_NAMES = {".docx": "DOCX", ".pptx": "PPTX", ".epub": "EPUB", ".docm": "DOCX"}


def detect(head: bytes, *, name: str, media_type: str | None = None) -> Format:
    """The format of a document that begins with `head`.

    Raises:
        SourceError: it is empty, damaged, encrypted, or nothing that is read here.
    """
    if not head.strip(b"\x00 \t\r\n\f\xef\xbb\xbf"):
        raise SourceError(f"{name} is empty", source=name, hint="Give a document with text in it.")
    if b"%PDF-" in head[:1024]:
        return Format.PDF
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return Format.ARCHIVE
    if head.startswith(_OLE):
        raise _old_office(head, name)
    for magic, what, hint in _OTHERS:
        if head.startswith(magic) and (magic != b"MZ" or looks_binary(head)):
            raise SourceError(
                f"{name} is {what}, which is not read", source=name, hint=_HINTS[hint]
            )
    return _text_format(head, name, (media_type or "").partition(";")[0].strip().lower())


def _text_format(head: bytes, name: str, media_type: str) -> Format:
    suffix = PurePosixPath(name.lower().replace("\\", "/")).suffix
    if suffix == ".pdf" or suffix in _ARCHIVE_NAMES:
        kind = _ARCHIVE_NAMES.get(suffix, "PDF")
        if looks_binary(head):
            raise SourceError(
                f"{name} is damaged: it is no {kind}",
                source=name,
                hint="Get it again, or open it in the program that made it and save it anew.",
            )
    if looks_binary(head):
        raise SourceError(f"{name} is of a kind that is not read", source=name, hint=_HINTS[""])
    if _HTML.match(head.lstrip(b"\xef\xbb\xbf").replace(b"\x00", b"")):
        return Format.HTML
    if suffix in _MARKDOWN_NAMES or media_type == "text/markdown":
        return Format.MARKDOWN
    if suffix in _HTML_NAMES or media_type in {"text/html", "application/xhtml+xml"}:
        return Format.HTML
    if suffix in _TEXT_NAMES or (media_type == "text/plain" and not _is_data(suffix)):
        return Format.TEXT
    if suffix == ".pdf" or suffix in _ARCHIVE_NAMES:
        # By its content it is text, whatever its name says - unless there is next to nothing.
        if len(head) >= 200:  # noqa: PLR2004 - a download that broke off is shorter
            return Format.TEXT
        raise SourceError(
            f"{name} is damaged: it has {len(head)} bytes and is no"
            f" {_ARCHIVE_NAMES.get(suffix, 'PDF')}",
            source=name,
            hint="Get it again, or open it in the program that made it and save it anew.",
        )
    raise SourceError(
        f"{name} is of a kind that is not read ({suffix.removeprefix('.')})",
        source=name,
        hint=_HINTS[""] + " Text of another kind can be given as .txt.",
    )


def _is_data(suffix: str) -> bool:
    return suffix in {".csv", ".tsv", ".json", ".xml", ".yaml", ".yml", ".svg", ".css", ".js"}


def _old_office(head: bytes, name: str) -> SourceError:
    suffix = PurePosixPath(name.lower()).suffix
    if suffix in _ARCHIVE_NAMES or "EncryptedPackage".encode("utf-16-le") in head:
        # An encrypted DOCX or PPTX is wrapped into the container of the old formats (MS-OFFCRYPTO).
        return SourceError(
            f"{name} is encrypted",
            source=name,
            hint="Open it with its password, and save a copy without one.",
        )
    return SourceError(
        f"{name} is an old Office document (or encrypted), which is not read",
        source=name,
        hint=f"Open it, and save it as DOCX, PPTX or PDF without a password. Taken are {TAKEN}.",
    )
