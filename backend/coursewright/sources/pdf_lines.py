"""The lines of a PDF with their position and type, page by page, by pdfium.

The only module that talks to pdfium. Positions are in points from the lower left corner.
"""

import ctypes
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol, Self, cast

import pypdfium2 as pdfium
from pypdfium2 import raw

from coursewright.course.errors import SourceError
from coursewright.sources.archive import encrypted
from coursewright.sources.limits import Limits

HYPHENS = "\x02\ufffe\u00ad"
"""What pdfium writes for a hyphen that divides a word at the end of a line."""
_BREAK = re.compile(f"(?<=[{HYPHENS}])|\\r\\n|\\n|\\r")
_BOLD = 600
_BOLD_NAME = re.compile(r"bold|black|heavy|semibold|demi|[-,]b$|bx\d", re.IGNORECASE)
_MONO_NAME = re.compile(r"mono|courier|consol|typewriter|menlo|cmtt|lmtt|inconsol", re.IGNORECASE)
_FIXED_PITCH = 0x1
"""Flag of a font descriptor: PDF 32000-1, table 123."""
_WRONG_PASSWORD = "password"  # noqa: S105 - a word in pdfium's message


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of text. `size` is the height of its type, `y` its baseline."""

    page: int
    text: str
    size: float
    x0: float
    x1: float
    y: float
    bold: bool = False
    mono: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Bookmark:
    """An entry of the outline; `level` begins at 1, `page` is None where it leads nowhere."""

    title: str
    level: int
    page: int | None


class _Target(Protocol):
    def get_index(self) -> int | None: ...


class _Entry(Protocol):
    """An entry of pdfium's outline, whose package has no types for it."""

    level: int

    def get_title(self) -> str: ...

    def get_dest(self) -> _Target | None: ...


class Pdf:
    """An open PDF. Close it, or use it in a `with` statement."""

    def __init__(self, data: bytes, *, name: str, limits: Limits) -> None:
        try:
            self._document = pdfium.PdfDocument(data)
            self.pages = len(self._document)
        except pdfium.PdfiumError as error:
            if _WRONG_PASSWORD in str(error).lower():
                raise encrypted(name) from None
            raise _damaged(name) from None
        if self.pages == 0:
            raise _damaged(name)
        if self.pages > limits.max_pages:
            self.close()
            raise SourceError(
                f"{name} has {self.pages:,} pages; at most {limits.max_pages:,} are read",
                source=name,
                hint="Give the part that matters, or raise COURSEWRIGHT_MAX_SOURCE_PAGES.",
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Gives the memory back."""
        self._document.close()

    def property(self, name: str) -> str:
        """A property of the document, such as `Title`; empty where it is not set."""
        return str(self._document.get_metadata_value(name)).strip()  # pyright: ignore[reportUnknownMemberType] - no types

    def bookmarks(self) -> list[Bookmark]:
        """The outline, in its own order."""
        found: list[Bookmark] = []
        toc = cast("Iterable[_Entry]", self._document.get_toc(max_depth=6))  # pyright: ignore[reportUnknownMemberType] - no types
        for entry in toc:
            destination = entry.get_dest()
            index = destination.get_index() if destination is not None else None
            page = index + 1 if index is not None and index >= 0 else None
            found.append(Bookmark(title=entry.get_title(), level=entry.level + 1, page=page))
        return found

    def lines(self) -> Iterator[list[Line]]:
        """The lines of each page, in the order in which the page draws them."""
        for number in range(1, self.pages + 1):
            try:
                page = self._document[number - 1]
                text_page = page.get_textpage()
            except pdfium.PdfiumError:  # one damaged page does not spoil the others
                yield []
                continue
            yield _page_lines(text_page, number)
            text_page.close()
            page.close()


def _page_lines(text_page: pdfium.PdfTextPage, number: int) -> list[Line]:
    text = text_page.get_text_range()
    upright: list[Line] = []
    turned: list[Line] = []
    position = 0
    for match in [*_BREAK.finditer(text), None]:
        end = match.start() if match is not None else len(text)
        row = text[position:end]
        start, position = position, match.end() if match is not None else end
        stripped = row.strip(" \t\x00")
        if not stripped:
            continue
        first = start + row.index(stripped[0])
        line, angle = _line(text_page, number, stripped, first, first + len(stripped) - 1)
        (turned if angle else upright).append(line)
    # Text along the margin is furniture; a page that is turned as a whole is not.
    return upright if len(upright) >= len(turned) else turned


def _line(
    text_page: pdfium.PdfTextPage, number: int, text: str, first: int, last: int
) -> tuple[Line, bool]:
    indexes = [
        max(raw.FPDFText_GetCharIndexFromTextIndex(text_page, index), 0)
        for index in (first, (first + last) // 2, last)
    ]
    left, _, _, _ = _box(text_page, indexes[0])
    _, right, _, _ = _box(text_page, indexes[2])
    x, y = ctypes.c_double(), ctypes.c_double()
    raw.FPDFText_GetCharOrigin(text_page, indexes[0], x, y)
    matrix = raw.FS_MATRIX()
    scale = 1.0
    if raw.FPDFText_GetMatrix(text_page, indexes[1], matrix):
        scale = math.hypot(matrix.c, matrix.d) or 1.0
    size = raw.FPDFText_GetFontSize(text_page, indexes[1]) * scale
    angle = raw.FPDFText_GetCharAngle(text_page, indexes[1])
    styles = [_style(text_page, index) for index in indexes]
    return Line(
        page=number,
        text=text,
        size=round(size * 2) / 2,
        x0=left,
        x1=max(right, left),
        y=y.value,
        bold=all(bold for bold, _ in styles),
        mono=all(mono for _, mono in styles),
    ), min(angle, 2 * math.pi - angle) > 0.1  # noqa: PLR2004 - radians; scans are a little askew


def _box(text_page: pdfium.PdfTextPage, index: int) -> tuple[float, float, float, float]:
    left, right = ctypes.c_double(), ctypes.c_double()
    bottom, top = ctypes.c_double(), ctypes.c_double()
    raw.FPDFText_GetCharBox(text_page, index, left, right, bottom, top)
    return left.value, right.value, bottom.value, top.value


def _style(text_page: pdfium.PdfTextPage, index: int) -> tuple[bool, bool]:
    """Whether a character is bold, and whether all characters of its font are of one width."""
    flags = ctypes.c_int()
    buffer = ctypes.create_string_buffer(96)
    raw.FPDFText_GetFontInfo(text_page, index, buffer, 96, flags)
    name = buffer.value.decode("utf-8", "replace")
    bold = raw.FPDFText_GetFontWeight(text_page, index) >= _BOLD or bool(_BOLD_NAME.search(name))
    mono = bool(flags.value & _FIXED_PITCH) or bool(_MONO_NAME.search(name))
    return bold, mono


def _damaged(name: str) -> SourceError:
    return SourceError(
        f"{name} is damaged: it cannot be opened as a PDF",
        source=name,
        hint="Get it again, or print it into a new PDF.",
    )
