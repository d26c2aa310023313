"""PowerPoint presentations: the title of a slide is a heading, its points are items."""

from collections.abc import Iterator
from io import BytesIO

from pptx import Presentation
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.exc import PythonPptxError
from pptx.shapes.base import BaseShape
from pptx.shapes.graphfrm import GraphicFrame
from pptx.shapes.group import GroupShape
from pptx.slide import Slide
from pptx.text.text import TextFrame

from coursewright.course.errors import SourceError
from coursewright.course.sources import PassageKind
from coursewright.sources.blocks import Block, Parsed, block
from coursewright.sources.limits import Limits

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
_FURNITURE = {
    PP_PLACEHOLDER.SLIDE_NUMBER,
    PP_PLACEHOLDER.FOOTER,
    PP_PLACEHOLDER.HEADER,
    PP_PLACEHOLDER.DATE,
}
_SENTENCE = 90
"""Characters from which a point that ends with a full stop is a paragraph."""


def parse_pptx(data: bytes, *, name: str, limits: Limits) -> Parsed:
    """Titles, text, tables and speaker notes, slide by slide; hidden slides are left out.

    Raises:
        SourceError: damaged, or too many slides.
    """
    try:
        presentation = Presentation(BytesIO(data))
    except PythonPptxError as error:
        raise SourceError(
            f"{name} is damaged: it is no presentation",
            source=name,
            hint="Open it in the program that made it, and save it again.",
        ) from error
    slides = list(presentation.slides)
    if len(slides) > limits.max_pages:
        raise SourceError(
            f"{name} has {len(slides):,} slides; at most {limits.max_pages:,} are read",
            source=name,
            hint="Give the part that matters, or raise COURSEWRIGHT_MAX_SOURCE_PAGES.",
        )
    blocks: list[Block] = []
    empty = 0
    for number, slide in enumerate(slides, 1):
        if slide.element.get("show") == "0":
            continue
        found = list(_slide(slide, number))
        empty += not found
        blocks.extend(found)
    properties = presentation.core_properties
    return Parsed(
        blocks=tuple(blocks),
        media_type=MEDIA_TYPE,
        title=(properties.title or "").strip().removeprefix("PowerPoint Presentation"),
        language=(properties.language or "").strip() or None,
        attribution=(properties.author or "").strip() or None,
        pages=len(slides),
        warnings=(f"{empty} of {len(slides)} slides have no text",) if empty else (),
    )


def _slide(slide: Slide, page: int) -> Iterator[Block]:
    title = slide.shapes.title
    if title is not None and title.has_text_frame:
        made = block(PassageKind.HEADING, title.text_frame.text, level=1, page=page)
        if made is not None:
            yield made
    title_id = title.shape_id if title is not None else None
    for shape in slide.shapes:
        if shape.shape_id != title_id:
            yield from _shape(shape, page)
    if slide.has_notes_slide:
        notes = slide.notes_slide.notes_text_frame
        if notes is not None:
            yield from _frame(notes, page, items=False)


def _shape(shape: BaseShape, page: int) -> Iterator[Block]:
    if isinstance(shape, GroupShape):
        for inner in shape.shapes:
            yield from _shape(inner, page)
    elif isinstance(shape, GraphicFrame):
        if shape.has_table:
            rows = [[" ".join(cell.text.split()) for cell in row.cells] for row in shape.table.rows]
            text = "\n".join(" | ".join(row) for row in rows if any(row))
            made = block(PassageKind.TABLE, text, page=page)
            if made is not None:
                yield made
    elif shape.has_text_frame:
        frame = getattr(shape, "text_frame", None)
        is_furniture = shape.is_placeholder and shape.placeholder_format.type in _FURNITURE
        if isinstance(frame, TextFrame) and not is_furniture:
            yield from _frame(frame, page, items=True)


def _frame(frame: TextFrame, page: int, *, items: bool) -> Iterator[Block]:
    for paragraph in frame.paragraphs:
        text = paragraph.text.replace("\v", " ").strip()
        is_prose = not items or (len(text) >= _SENTENCE and text.endswith("."))
        kind = PassageKind.PARAGRAPH if is_prose else PassageKind.LIST_ITEM
        made = block(kind, text, page=page)
        if made is not None:
            yield made
