"""Makes PDFs with as many pages as are wanted, out of the primers of the library."""

import random
from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape

from reportlab.lib.pagesizes import A5
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate

from coursewright.course.sources import PassageKind
from coursewright.sources.library import Library

WORDS_A_PAGE = 220
SECTION = 1100
"""Words of a chapter."""


def write_book(path: Path, pages: int, *, seed: int) -> None:
    """A book with chapters, sections and running text; no sentence stands in it twice in a row.

    The primers' paragraphs come in an order drawn by `seed`; from the second round on each one
    carries the number of its round, as editions of a handbook repeat and differ.
    """
    styles = getSampleStyleSheet()
    story: list[object] = []
    words = 0
    for round_, title, text in _paragraphs(seed):
        if words % SECTION < len(text.split()):
            if story:
                story.append(PageBreak())
            story.append(Paragraph(escape(f"{title}, part {round_}"), styles["Heading1"]))
        story.append(Paragraph(escape(text), styles["BodyText"]))
        words += len(text.split())
        if words >= pages * WORDS_A_PAGE:
            break
    SimpleDocTemplate(str(path), pagesize=A5, title=f"A book of {pages} pages").build(story)


def _paragraphs(seed: int) -> Iterator[tuple[int, str, str]]:
    library = Library()
    chance = random.Random(seed)  # noqa: S311 - the same seed gives the same book
    texts = [
        (primer.title, passage.text)
        for primer in library.primers()
        for passage in library.document(primer).passages
        if passage.kind is PassageKind.PARAGRAPH
    ]
    round_ = 1
    while True:
        chance.shuffle(texts)
        for title, text in sorted(texts, key=lambda item: item[0]):
            yield round_, title, text if round_ == 1 else f"In edition {round_}: {text}"
        round_ += 1
