"""Presentations, made by python-pptx."""

from io import BytesIO

import pytest
from pptx import Presentation
from pptx.presentation import Presentation as Deck
from pptx.util import Inches

from coursewright.course.errors import SourceError
from coursewright.course.sources import PassageKind
from coursewright.sources.blocks import Parsed
from coursewright.sources.detect import Format
from coursewright.sources.formats import parse
from coursewright.sources.limits import Limits

LONG = "A paragraph on a slide is as long as this one here, and it ends with a stop as prose does."


def _parse(deck: Deck, limits: Limits | None = None) -> Parsed:
    file = BytesIO()
    deck.save(file)
    return parse(file.getvalue(), Format.ARCHIVE, name="d.pptx", limits=limits or Limits())


def _slide(deck: Deck, title: str, *points: str) -> None:
    slide = deck.slides.add_slide(deck.slide_layouts[1])
    shape = slide.shapes.title
    assert shape is not None
    shape.text_frame.text = title
    slide.placeholders[1].text_frame.text = "\n".join(points)  # pyright: ignore[reportAttributeAccessIssue] - a shape with text


def test_slides_become_headings_items_and_paragraphs_with_their_page() -> None:
    deck = Presentation()
    deck.core_properties.title = "Light"
    deck.core_properties.language = "en"
    _slide(deck, "Kinds", "visible", "invisible", LONG)
    _slide(deck, "Numbers")
    slide = deck.slides[1]
    table = slide.shapes.add_table(2, 2, Inches(1), Inches(1), Inches(4), Inches(2)).table
    for at, text in enumerate(["Name", "nm", "red", "700"]):
        table.cell(at // 2, at % 2).text = text
    frame = slide.notes_slide.notes_text_frame
    assert frame is not None
    frame.text = "What the speaker says."
    parsed = _parse(deck)
    assert [(each.kind, each.text, each.page) for each in parsed.blocks] == [
        (PassageKind.HEADING, "Kinds", 1),
        (PassageKind.LIST_ITEM, "visible", 1),
        (PassageKind.LIST_ITEM, "invisible", 1),
        (PassageKind.PARAGRAPH, LONG, 1),
        (PassageKind.HEADING, "Numbers", 2),
        (PassageKind.TABLE, "Name | nm\nred | 700", 2),
        (PassageKind.PARAGRAPH, "What the speaker says.", 2),
    ]
    assert (parsed.title, parsed.language, parsed.pages) == ("Light", "en", 2)


def test_hidden_slides_are_left_out_and_empty_ones_told() -> None:
    deck = Presentation()
    _slide(deck, "Seen", "words")
    _slide(deck, "Hidden", "secret")
    deck.slides[1].element.set("show", "0")
    deck.slides.add_slide(deck.slide_layouts[6])
    parsed = _parse(deck)
    assert [each.text for each in parsed.blocks] == ["Seen", "words"]
    assert parsed.warnings == ("1 of 3 slides have no text",)


def test_too_many_slides_are_refused() -> None:
    deck = Presentation()
    for _ in range(3):
        _slide(deck, "One", "more")
    with pytest.raises(SourceError, match=r"d\.pptx has 3 slides; at most 2") as refused:
        _parse(deck, Limits(max_pages=2))
    assert "COURSEWRIGHT_MAX_SOURCE_PAGES" in refused.value.hint
