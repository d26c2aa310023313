"""What a course is made from: documents, cut into passages that remember where they stood."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from coursewright.course.base import Value


class SourceKind(StrEnum):
    """Where a source came from."""

    FILE = "file"
    URL = "url"
    LIBRARY = "library"
    ENCYCLOPEDIA = "encyclopedia"


class PassageKind(StrEnum):
    """What a passage is; prose is what sentences are taken from."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list_item"
    QUOTE = "quote"
    CODE = "code"
    TABLE = "table"
    FORMULA = "formula"

    @property
    def is_prose(self) -> bool:
        """Whether it is running text."""
        return self in {PassageKind.PARAGRAPH, PassageKind.LIST_ITEM, PassageKind.QUOTE}


class Place(Value):
    """Where a passage stands in its source."""

    page: Annotated[int, Field(ge=1)] | None = None
    """Page or slide, from 1; None where the format has none."""
    headings: tuple[str, ...] = ()
    """The headings above it, the outermost first."""
    paragraph: Annotated[int, Field(ge=1)] = 1
    """Its number in the whole source, from 1."""

    def __str__(self) -> str:
        parts: list[str] = []
        if self.page is not None:
            parts.append(f"page {self.page}")
        if self.headings:
            parts.append(" > ".join(self.headings))
        parts.append(f"paragraph {self.paragraph}")
        return ", ".join(parts)


class Source(Value):
    """One document. Its text is data: whatever it says is never an order to us."""

    id: UUID
    kind: SourceKind
    title: str
    origin: str
    """The file's name, the address, or the name of the primer or entry."""
    media_type: str = "text/plain"
    language: str | None = None
    """A BCP 47 tag where the document says it; None where it does not."""
    licence: str | None = None
    attribution: str | None = None
    """Who is to be credited, in words for people."""
    pages: int | None = None
    sha256: str = ""
    """Of the bytes that were read, in hexadecimal."""


class Passage(Value):
    """One block of a source: a heading, a paragraph, an item of a list, a piece of code..."""

    id: UUID
    source_id: UUID
    ordinal: int
    """Its position in the source, from 0."""
    kind: PassageKind
    text: str
    """Plain text for prose (white space folded), the lines as they are for code and tables."""
    place: Place
    level: int | None = None
    """For a heading: 1 is the outermost."""


class Material(Value):
    """Everything that a course may draw on. Empty when the author writes from its own knowledge."""

    sources: tuple[Source, ...] = ()
    passages: tuple[Passage, ...] = ()
    """In the order of `sources`, and within a source in the order of the text."""
