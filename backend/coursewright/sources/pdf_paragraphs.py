"""Lines of a PDF to paragraphs: pure geometry and spelling."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from coursewright.course.sources import PassageKind
from coursewright.sources.pdf_headings import Headings
from coursewright.sources.pdf_lines import HYPHENS, Line

_BULLET = re.compile(r"^(?:[•◦▪‣●○■□➢➤►✓✔–—∙·*]|[\uf0a7\uf0b7\uf0d8\uf0fc\u2212]|-(?=\s))\s*")
_NUMBERED = re.compile(r"^(?:\(?\d{1,2}[.)]|\(?[a-z][.)])\s+(?=\S)")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_ENDS = (".", "!", "?", ":", "”", '."', ".)", ";", "’")
_HARD_ENDS = (".", "!", "?", ":", "”", '"', ")")
_CONTENTS = {"contents", "table of contents", "list of figures", "list of tables", "inhalt"}
_ENTRY = re.compile(r"^.{2,140}\s\d{1,4}$")


@dataclass(slots=True)
class Group:
    """Lines that make one block."""

    kind: PassageKind
    lines: list[Line]
    level: int | None = None
    marker: float = 0.0
    """For an item: where its bullet stands."""
    texts: list[str] = field(default_factory=list[str])
    """The text of each line; without its bullet for the first line of an item."""

    @property
    def page(self) -> int:
        """The page on which it begins."""
        return self.lines[0].page


class Words:
    """The words of a document: they tell a divided word from one that has a hyphen."""

    def __init__(self, pages: Sequence[Sequence[Line]]) -> None:
        self._words: set[str] = set()
        for lines in pages:
            for line in lines:
                # The last word may be half of one.
                self._words.update(word.lower() for word in _WORD.findall(line.text)[:-1])

    def join(self, texts: Sequence[str]) -> str:
        """Lines as running text, with divided words made whole."""
        joined = ""
        for text in texts:
            if not joined:
                joined = text
            elif joined[-1] in HYPHENS or (joined[-1] in "-\u2010" and joined[-2:-1].isalpha()):
                joined = self._mend(joined, text)
            else:
                joined = f"{joined} {text}"
        return joined

    def _mend(self, before: str, after: str) -> str:
        head, stem = before[:-1], _last_word(before[:-1])
        rest = _first_word(after)
        whole, compound = f"{stem}{rest}".lower(), f"{stem}-{rest}".lower()
        if not rest or not rest[0].islower():
            return f"{head}-{after}"
        if compound in self._words and whole not in self._words:
            return f"{head}-{after}"
        part = stem.rpartition("-")[2].lower()
        known_parts = part in self._words and rest.lower() in self._words
        if "-" in stem and known_parts and not {whole, f"{part}{rest}".lower()} & self._words:
            return f"{head}-{after}"
        return f"{head}{after}"


def group(pages: Sequence[Sequence[Line]], headings: Headings, body: float) -> Iterator[Group]:
    """The blocks of all pages, in reading order; paragraphs broken over a page are joined."""
    leading = _leading(pages, body)
    waiting: list[Group] = []
    in_contents = False
    for lines in pages:
        groups = list(_page(lines, headings, leading))
        for each in groups:
            if each.kind is PassageKind.HEADING:
                in_contents = " ".join(each.texts).strip().lower() in _CONTENTS
            elif in_contents:
                each.texts = [text for text in each.texts if not _ENTRY.match(text)]
        groups = [each for each in groups if each.texts]
        if waiting and groups and _goes_on(waiting, groups[0], body):
            first = groups.pop(0)
            last = next(each for each in reversed(waiting) if each.lines[0].size >= body * 0.9)
            last.lines += first.lines
            last.texts += first.texts
            if not groups:
                continue
        yield from waiting
        waiting = groups
    yield from waiting


def _goes_on(before: Sequence[Group], after: Group, body: float) -> bool:
    """Whether the last paragraph of a page goes on with the first of the next one."""
    last = next((each for each in reversed(before) if each.lines[0].size >= body * 0.9), None)
    if last is None or not last.kind.is_prose or after.kind is not PassageKind.PARAGRAPH:
        return False
    if last.lines[-1].size != after.lines[0].size:
        return False
    text, following = last.texts[-1].rstrip(), after.texts[0]
    return not text.endswith(_ENDS) and (
        following[:1].islower() or text[-1:] in {*HYPHENS, "-", ","}
    )


def _leading(pages: Sequence[Sequence[Line]], body: float) -> float:
    """The usual distance of two baselines of the body, in points."""
    steps = [
        above.y - below.y
        for lines in pages
        for above, below in pairwise(lines)
        if above.size == below.size == body and 0 < above.y - below.y < body * 3
    ]
    return median(steps) if steps else body * 1.2


def _page(lines: Sequence[Line], headings: Headings, leading: float) -> list[Group]:
    groups: list[Group] = []
    bullet: Line | None = None
    for line in lines:
        text = line.text.strip()
        if line not in headings and _BULLET.fullmatch(text):
            bullet = line  # its text comes as a line of its own
            continue
        current = groups[-1] if groups else None
        same = current is not None and bullet is None
        if same and current is not None and _belongs(current, line, lines, headings, leading):
            current.lines.append(line)
            current.texts.append(text)
        else:
            groups.append(_start(line, text, headings, bullet))
        bullet = None
    return groups


def _start(line: Line, text: str, headings: Headings, bullet: Line | None) -> Group:
    if line in headings:
        return Group(PassageKind.HEADING, [line], level=headings[line], texts=[text])
    marked = _BULLET.match(text) or _NUMBERED.match(text)
    if bullet is not None or marked:
        cut = marked.end() if marked is not None and bullet is None else 0
        marker = bullet.x0 if bullet is not None else line.x0
        return Group(PassageKind.LIST_ITEM, [line], marker=marker, texts=[text[cut:]])
    if line.mono:
        return Group(PassageKind.CODE, [line], texts=[text])
    return Group(PassageKind.PARAGRAPH, [line], texts=[text])


def _belongs(
    current: Group, line: Line, page: Sequence[Line], headings: Headings, leading: float
) -> bool:
    last = current.lines[-1]
    step = last.y - line.y
    if current.kind is PassageKind.HEADING:
        return (
            headings.get(line) == current.level
            and line.size == last.size
            and -1 < step < line.size * 1.7
            and len(current.lines) < 3  # noqa: PLR2004 - a heading has no more lines
        )
    if current.kind is PassageKind.CODE:
        return line.mono and line not in headings and 0 <= step < leading * 3
    if line in headings or _is_other(line, last, step, leading):
        return False
    goes_on = line.text[:1].islower() and not last.text.endswith(_ENDS)
    usual = max(leading * line.size / (last.size or 1), line.size)
    if step < -1 or goes_on:  # the next column, or the middle of a sentence
        return goes_on and step <= usual * 1.6
    return step <= usual * 1.35 and not _begins_anew(current, line, page)


def _is_other(line: Line, last: Line, step: float, leading: float) -> bool:
    """Whether a line is plainly something else: code, an item, or set in another size."""
    if line.mono and not last.mono and step > leading * 1.1:
        return True
    other_size = abs(line.size - last.size) > max(line.size, last.size) * 0.12
    return other_size or bool(_BULLET.match(line.text))


def _begins_anew(current: Group, line: Line, page: Sequence[Line]) -> bool:
    """Whether a line at the usual distance begins a paragraph: by indent, or the last was short."""
    last = current.lines[-1]
    if last.text[-1:] in HYPHENS:
        return False
    ended = last.text.endswith(_HARD_ENDS)
    numbered = bool(_NUMBERED.match(line.text))
    if current.kind is PassageKind.LIST_ITEM:
        return numbered or _leaves_item(current, line) or _was_short(current, line, page)
    indented = line.x0 > last.x0 + line.size * 0.8 and (ended or line.text[:1].isupper())
    return indented or (numbered and ended) or _was_short(current, line, page)


def _leaves_item(current: Group, line: Line) -> bool:
    """Whether a line stands to the left of an item whose other lines are indented."""
    edge = current.marker + line.size * 0.4
    return line.x0 < edge and any(each.x0 > edge for each in current.lines[1:])


def _was_short(current: Group, line: Line, page: Sequence[Line]) -> bool:
    """Had the first word fitted on the line before, then the break was meant."""
    last = current.lines[-1]
    right = max(each.x1 for each in page if each.x0 <= last.x1 and each.x1 >= last.x0)
    width = (line.x1 - line.x0) / max(len(line.text), 1)
    first_word = len(line.text.split(maxsplit=1)[0])
    free = right - last.x1 - (first_word + 2) * width
    if last.text.endswith(_HARD_ENDS):
        return free > max(0.0, (right - current.lines[0].x0) * 0.08)
    return free > (right - last.x0) * 0.35 and line.text[:1].isupper()


def code_text(lines: Sequence[Line]) -> str:
    """Lines of code with the indentation that their positions show."""
    left = min(line.x0 for line in lines)
    widths = [
        (line.x1 - line.x0) / len(line.text)
        for line in lines
        if len(line.text) > 3  # noqa: PLR2004 - else too coarse
    ]
    width = median(widths) if widths else (lines[0].size * 0.6 or 1.0)
    steps = [a.y - b.y for a, b in pairwise(lines) if a.y > b.y]
    usual = min(steps, default=0.0)
    rows: list[str] = []
    for number, line in enumerate(lines):
        if number and usual and lines[number - 1].y - line.y > usual * 1.7:
            rows.append("")
        rows.append(" " * round((line.x0 - left) / max(width, 0.1)) + line.text.strip())
    return "\n".join(rows)


def _last_word(text: str) -> str:
    match = re.search(r"[^\W\d_]+(?:-[^\W\d_]+)*$", text)
    return match.group() if match else ""


def _first_word(text: str) -> str:
    match = re.match(r"[^\W\d_]+", text)
    return match.group() if match else ""
