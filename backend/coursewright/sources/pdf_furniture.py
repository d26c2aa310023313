"""What stands on a page of a PDF but is no part of its text: headers, numbers, contents."""

import re
from collections import Counter
from collections.abc import Sequence

from coursewright.sources.pdf_headings import LARGER, body_size
from coursewright.sources.pdf_lines import Line

_EDGE = 3
"""Lines at the top and at the bottom of a page that may be furniture."""
_REPEATED = 3
"""Pages on which a line must stand at the same place to be a running header."""
_NUMBERS = re.compile(r"\d+|\b[ivxlc]+\b", re.IGNORECASE)
_PAGE_NUMBER = re.compile(
    r"^\W*(?:page|seite|p\.)?\W*(?:\d{1,4}|[ivxlc]{1,7})\W*(?:(?:of|von|/)\W*\d{1,4})?\W*$",
    re.IGNORECASE,
)
_LEADERS = re.compile(r"(?:\s?[.\u2024·]){4,}\s*(?:\d{1,4}|[ivxlc]{1,7})?\s*$|\u2026{2,}\s*\d*\s*$")


def without_furniture(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """The pages without running headers and footers, page numbers and lines of contents."""
    body = body_size(pages)

    def signature(line: Line) -> tuple[str, int]:
        """What a running header has in common from page to page: words and height, not numbers.

        In large type numbers count: "Chapter 1" and "Chapter 2" are headings at one height.
        """
        text = line.text.lower()
        large = line.size >= body * LARGER
        return text if large else _NUMBERS.sub("#", text), round(line.y / 4)

    counted: Counter[tuple[str, int]] = Counter()
    for lines in pages:
        counted.update({signature(line) for line in _edges(lines)})
    kept: list[list[Line]] = []
    for lines in pages:
        edges = set(_edges(lines))
        extremes = set(_extremes(lines))
        kept.append(
            [
                line
                for line in lines
                if not (line in edges and counted[signature(line)] >= _REPEATED)
                and not (line in extremes and counted[signature(line)] > 1 and _has_number(line))
                and not (line in extremes and _PAGE_NUMBER.match(line.text))
                and not _LEADERS.search(line.text)
            ]
        )
    return kept


def _has_number(line: Line) -> bool:
    """Whether a page number stands at one of its ends."""
    return line.text[:1].isdigit() or line.text[-1:].isdigit()


def _edges(lines: Sequence[Line]) -> list[Line]:
    ordered = sorted(lines, key=lambda line: -line.y)
    return [*ordered[:_EDGE], *ordered[-_EDGE:]]


def _extremes(lines: Sequence[Line]) -> list[Line]:
    ordered = sorted(lines, key=lambda line: -line.y)
    return [*ordered[:1], *ordered[-1:]]
