"""Which lines of a PDF are headings: by its outline, else by size and weight of the type."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

from coursewright.sources.pdf_lines import Bookmark, Line

LARGER = 1.13
"""Times the size of the body, from which a line may be a heading."""
_LONGEST = 160
_LEVELS = 6
_MOST = 0.3
"""Of all letters. Where more is set large, size does not tell headings (slides, posters)."""
_LETTERS = re.compile(r"[^\w]+", re.UNICODE)
_NUMBERING = re.compile(r"^(?:chapter|kapitel|part|appendix|section)?[\divxlca-d]{0,6}$")
_NO_HEADING_END = (".", ",", ";", ":", "-")
_SHORTEST = 2

Headings = dict[Line, int]
"""The level of each line that is (part of) a heading; 1 is the outermost."""


def body_size(pages: Sequence[Sequence[Line]]) -> float:
    """The size in which most of the text is set."""
    letters: Counter[float] = Counter()
    for lines in pages:
        for line in lines:
            letters[line.size] += len(line.text)
    return letters.most_common(1)[0][0] if letters else 0.0


def find_headings(pages: Sequence[Sequence[Line]], bookmarks: Sequence[Bookmark]) -> Headings:
    """The headings and their levels."""
    body = body_size(pages)
    found = _by_outline(pages, bookmarks)
    large = [line for lines in pages for line in lines if _is_large(line, body)]
    everything = sum(len(line.text) for lines in pages for line in lines)
    if sum(len(line.text) for line in large) > everything * _MOST:
        return found
    levels = _levels_of_sizes(found, large)
    deepest = min(max([*levels.values(), *found.values()], default=0) + 1, _LEVELS)
    for lines in pages:
        for before, line, after in zip([None, *lines], lines, [*lines[1:], None], strict=False):
            if line in found:
                continue
            if _is_large(line, body):
                found[line] = levels[line.size]
            elif _is_bold_heading(before, line, after, body):
                found[line] = deepest
    return found


def _is_large(line: Line, body: float) -> bool:
    return (
        line.size >= body * LARGER
        and not line.mono
        and _SHORTEST < len(line.text) <= _LONGEST
        and sum(each.isalpha() for each in line.text) * 2 >= len(line.text)
    )


def _is_bold_heading(before: Line | None, line: Line, after: Line | None, body: float) -> bool:
    if not line.bold or line.mono or line.size < body * 0.97 or after is None:
        return False
    text = line.text.strip()
    if not _SHORTEST < len(text) <= 90 or text.endswith(_NO_HEADING_END):  # noqa: PLR2004 - one line
        return False
    if not (text[0].isupper() or text[0].isdigit()) or not any(each.isalpha() for each in text):
        return False
    stands_off = before is None or before.y - line.y > line.size * 1.45 or before.y < line.y
    return stands_off and not after.bold


def _levels_of_sizes(found: Headings, large: Sequence[Line]) -> dict[float, int]:
    """A level for each size: as the outline has it, else by rank."""
    known: defaultdict[float, Counter[int]] = defaultdict(Counter)
    for line, level in found.items():
        known[line.size][level] += 1
    levels: dict[float, int] = {}
    rank = 0
    for size in sorted({line.size for line in large} | set(known), reverse=True):
        rank = known[size].most_common(1)[0][0] if size in known else min(rank + 1, _LEVELS)
        levels[size] = rank
    return levels


def _by_outline(pages: Sequence[Sequence[Line]], bookmarks: Sequence[Bookmark]) -> Headings:
    found: Headings = {}
    top = min((mark.level for mark in bookmarks), default=1)
    for mark in bookmarks:
        wanted = _fold(mark.title)
        if mark.page is None or not wanted or mark.page > len(pages):
            continue
        for line in _spelling(pages[mark.page - 1], wanted):
            found.setdefault(line, min(mark.level - top + 1, _LEVELS))
    return found


def _spelling(lines: Sequence[Line], wanted: str) -> Sequence[Line]:
    """The one to three lines that together spell a title, with or without its number."""
    for start in range(len(lines)):
        text = ""
        for end in range(start, min(start + 3, len(lines))):
            text += _fold(lines[end].text)
            if len(text) > len(wanted) + 14:
                break
            alike = text == wanted
            alike = alike or (text.endswith(wanted) and _numbers(text[: -len(wanted)]))
            alike = alike or (wanted.endswith(text) and _numbers(wanted[: -len(text)] or "x" * 9))
            if alike and len({line.size for line in lines[start : end + 1]}) <= _SHORTEST:
                return lines[start : end + 1]
    return ()


def _numbers(text: str) -> bool:
    return bool(_NUMBERING.match(text))


def _fold(text: str) -> str:
    return _LETTERS.sub("", text).lower()
