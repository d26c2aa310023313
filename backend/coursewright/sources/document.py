"""A document that was read, ready to be part of a course."""

import re
from collections.abc import Iterator
from uuid import UUID, uuid5

from coursewright.course.base import Value
from coursewright.course.errors import SourceError
from coursewright.course.sources import Passage, PassageKind, Place, Source, SourceKind
from coursewright.sources.blocks import Block, Parsed, prose
from coursewright.sources.limits import Limits

NAMESPACE = UUID("6f1f2f6e-5c0b-5d6e-9a43-0d7c9a1b2c3d")
"""Of the ids of sources. Changing it makes every document a new one."""

LONGEST = 4_000
"""Characters of a paragraph; a longer one is cut between sentences, so that it can be cited."""

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8})*")
"""The look of a tag of BCP 47."""
_SENTENCE_END = re.compile(r"(?<=[.!?。!?])\s+|(?<=[。!?])")


class Document(Value):
    """A source and its passages, in the order of the text."""

    source: Source
    passages: tuple[Passage, ...]
    warnings: tuple[str, ...] = ()
    """What a reader should know, e.g. "3 of 40 pages have no text"."""


def build(
    parsed: Parsed, *, sha256: str, name: str, kind: SourceKind, origin: str, limits: Limits
) -> Document:
    """The document made of parsed blocks.

    Ids follow from the bytes and the name alone: the same document read twice is equal.

    Raises:
        SourceError: there is no text, or more than `limits` allow.
    """
    _check_amount(parsed.blocks, name, limits, parsed.warnings)
    source_id = uuid5(NAMESPACE, f"{kind}\n{name}\n{sha256}")
    passages = tuple(_passages(source_id, parsed.blocks))
    first_heading = next((b.text for b in parsed.blocks if b.kind is PassageKind.HEADING), "")
    source = Source(
        id=source_id,
        kind=kind,
        title=_line(parsed.title) or _line(first_heading) or name[:300],
        origin=origin,
        media_type=parsed.media_type,
        language=_language(parsed.language),
        licence=_line(parsed.licence) or None,
        attribution=_line(parsed.attribution) or None,
        pages=parsed.pages,
        sha256=sha256,
    )
    return Document(source=source, passages=passages, warnings=parsed.warnings)


def _line(text: str | None) -> str:
    """What a document says of itself: clean, on one line, not endlessly long."""
    return prose(text or "")[:300]


def _language(tag: str | None) -> str | None:
    tag = (tag or "").strip()
    return tag.replace("_", "-") if len(tag) <= 35 and _LANGUAGE.fullmatch(tag) else None  # noqa: PLR2004 - RFC 5646, 4.4.1


def _check_amount(
    blocks: tuple[Block, ...], name: str, limits: Limits, warnings: tuple[str, ...]
) -> None:
    if not any(block.kind is not PassageKind.HEADING for block in blocks):
        raise SourceError(
            f"there is no text in {name}",
            source=name,
            hint="Give a document with running text; a course needs sentences."
            + "".join(f" Note: {warning}." for warning in warnings),
        )
    characters = sum(len(block.text) for block in blocks)
    if characters > limits.max_characters or len(blocks) > limits.max_blocks:
        raise SourceError(
            f"{name} holds too much text: {characters:,} characters in {len(blocks):,} blocks; at"
            f" most {limits.max_characters:,} in {limits.max_blocks:,} are read",
            source=name,
            hint="Give the part that matters as a file of its own.",
        )


def _passages(source_id: UUID, blocks: tuple[Block, ...]) -> Iterator[Passage]:
    above: list[tuple[int, str]] = []
    ordinal = 0
    for block in blocks:
        if block.kind is PassageKind.HEADING:
            level = block.level or 1
            above = [(its, text) for its, text in above if its < level]
        place_headings = tuple(text for _, text in above)
        for text in _pieces(block):
            yield Passage(
                id=uuid5(source_id, str(ordinal)),
                source_id=source_id,
                ordinal=ordinal,
                kind=block.kind,
                text=text,
                place=Place(page=block.page, headings=place_headings, paragraph=ordinal + 1),
                level=(block.level or 1) if block.kind is PassageKind.HEADING else None,
            )
            ordinal += 1
        if block.kind is PassageKind.HEADING:
            above.append((block.level or 1, block.text))


def _pieces(block: Block) -> Iterator[str]:
    """The text, or where it is very long, parts of it that end with a sentence or a line."""
    if len(block.text) <= LONGEST:
        yield block.text
        return
    glue = " " if block.kind.is_prose or block.kind is PassageKind.HEADING else "\n"
    parts = _SENTENCE_END.split(block.text) if glue == " " else block.text.split("\n")
    piece = ""
    for part in _short(parts):
        if piece and len(piece) + len(part) + 1 > LONGEST:
            yield piece
            piece = part
        else:
            piece = f"{piece}{glue}{part}" if piece else part
    if piece.strip():
        yield piece


def _short(parts: list[str]) -> Iterator[str]:
    for part in parts:
        start = 0
        while start < len(part):
            end = start + LONGEST
            if end < len(part):  # between words, where there are words
                space = part.rfind(" ", start + 1, end + 1)
                end = space if space > start else end
            if part[start:end].strip():
                yield part[start:end]
            start = end + (part[end : end + 1] == " ")
