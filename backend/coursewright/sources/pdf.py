"""PDF to blocks."""

import re
from collections.abc import Iterator

from coursewright.course.errors import SourceError
from coursewright.course.sources import PassageKind
from coursewright.sources.blocks import Block, Parsed, block
from coursewright.sources.limits import Limits
from coursewright.sources.pdf_furniture import without_furniture
from coursewright.sources.pdf_headings import Headings, body_size, find_headings
from coursewright.sources.pdf_lines import Line, Pdf
from coursewright.sources.pdf_paragraphs import Words, code_text, group

MEDIA_TYPE = "application/pdf"
_SOME = 20
"""Characters. A page with fewer is a picture, a cover or empty."""
_NO_TITLES = ("untitled", "microsoft word", "powerpoint", "(anonymous)", "about:blank")
_FILE_NAME = re.compile(r"\.[A-Za-z]{2,4}$")
_LONG = 300
"""Characters. What is longer is no heading, whatever its type."""


def parse_pdf(data: bytes, *, name: str, limits: Limits) -> Parsed:
    """Paragraphs, headings (by the outline, else by type), items and code of a PDF.

    Raises:
        SourceError: damaged, encrypted, too many pages, too much text, or pictures without text.
    """
    with Pdf(data, name=name, limits=limits) as pdf:
        pages: list[list[Line]] = []
        characters = 0
        for lines in pdf.lines():
            pages.append(lines)
            characters += sum(len(line.text) for line in lines)
            if characters > limits.max_characters:
                raise SourceError(
                    f"{name} holds more than {limits.max_characters:,} characters of text",
                    source=name,
                    hint="Give the part that matters as a file of its own.",
                )
        bookmarks = pdf.bookmarks()
        title, author = _title(pdf.property("Title")), pdf.property("Author")
        count = pdf.pages
    empty = sum(sum(len(line.text) for line in lines) < _SOME for lines in pages)
    if empty == count and characters < _SOME * count:
        raise SourceError(
            f"there is no text in {name}: its pages ({count}) are pictures or empty",
            source=name,
            hint="Recognise the text first, for instance: ocrmypdf in.pdf out.pdf",
        )
    text = without_furniture(pages)
    return Parsed(
        blocks=tuple(_blocks(text, find_headings(text, bookmarks))),
        media_type=MEDIA_TYPE,
        title=title,
        attribution=author or None,
        pages=count,
        warnings=(f"{empty} of {count} pages have no text",) if empty else (),
    )


def _blocks(pages: list[list[Line]], headings: Headings) -> Iterator[Block]:
    words = Words(pages)
    for each in group(pages, headings, body_size(pages)):
        kind, level = each.kind, each.level
        text = code_text(each.lines) if kind is PassageKind.CODE else words.join(each.texts)
        if kind is PassageKind.HEADING and len(text) > _LONG:
            kind, level = PassageKind.PARAGRAPH, None
        made = block(kind, text, level=level, page=each.page)
        if made is not None:
            yield made


def _title(title: str) -> str:
    """The title that the document gives itself, unless a program made it up."""
    made_up = title.lower().startswith(_NO_TITLES) or bool(_FILE_NAME.search(title))
    return "" if made_up else title
