"""Makes PDFs with as many pages as are wanted, out of the primers of the library."""

import itertools
import random
from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape

from reportlab.lib.pagesizes import A5
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import Flowable, PageBreak, Paragraph, SimpleDocTemplate

from coursewright.course.sources import PassageKind
from coursewright.sources.library import Library

WORDS_A_PAGE = 220


def write_book(path: Path, pages: int, *, seed: int) -> None:
    """A book with chapters, sections and running text.

    The chapters of all primers follow one another, in an order drawn by `seed`. From the second
    round on each paragraph begins with the number of its edition, as handbooks repeat and differ.
    """
    styles = getSampleStyleSheet()
    story: list[Flowable] = []
    words, above = 0, ("", "")
    for edition, headings, text in _paragraphs(seed):
        chapter, section = headings
        title = chapter if edition == 1 else f"{chapter}, edition {edition}"
        if title != above[0]:
            if story:
                story.append(PageBreak())
            story.append(Paragraph(escape(title), styles["Heading1"]))
        if section and (title, section) != above:
            story.append(Paragraph(escape(section), styles["Heading2"]))
        above = (title, section)
        story.append(Paragraph(escape(text), styles["BodyText"]))
        words += len(text.split())
        if words >= pages * WORDS_A_PAGE:
            break
    SimpleDocTemplate(str(path), pagesize=A5, title=f"A book of {pages} pages").build(story)


def _paragraphs(seed: int) -> Iterator[tuple[int, tuple[str, str], str]]:
    """Edition, headings of chapter and section, text."""
    library = Library()
    chapters: dict[tuple[str, ...], list[tuple[tuple[str, str], str]]] = {}
    for primer in library.primers():
        for passage in library.document(primer).passages:
            headings = passage.place.headings
            if passage.kind is PassageKind.PARAGRAPH and len(headings) > 1:
                section = headings[2] if len(headings) > 2 else ""  # noqa: PLR2004 - below it
                found = chapters.setdefault(headings[:2], [])
                found.append(((headings[1], section), passage.text))
    order = sorted(chapters)
    random.Random(seed).shuffle(order)  # noqa: S311 - the same seed gives the same book
    for edition in itertools.count(1):
        for key in order:
            for headings, text in chapters[key]:
                yield edition, headings, text if edition == 1 else f"Edition {edition}: {text}"
