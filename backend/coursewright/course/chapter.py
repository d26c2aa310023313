"""A chapter that can be read."""

from typing import Annotated

from pydantic import Field

from coursewright.course.base import Value
from coursewright.course.citation import Citation
from coursewright.course.text import count_words


class Block(Value):
    """One block of Markdown: a paragraph, a list, fenced code, a formula, a table.

    Raw HTML in it is text, never markup: whoever renders it escapes it.
    """

    markdown: Annotated[str, Field(min_length=1)]
    citations: tuple[Citation, ...] = ()
    """Where it comes from. Empty means: the author's own knowledge."""
    edited: bool = False
    """Whether a person wrote it, or changed what the author had written."""


class Section(Value):
    """A heading and what stands below it. An empty heading is the opening of the chapter."""

    heading: str = ""
    blocks: Annotated[tuple[Block, ...], Field(min_length=1)]


def sections_markdown(sections: tuple[Section, ...]) -> str:
    """The sections as one Markdown text; their headings are of level 2."""
    parts: list[str] = []
    for section in sections:
        if section.heading:
            parts.append(f"## {section.heading}")
        parts.extend(block.markdown for block in section.blocks)
    return "\n\n".join(parts) + "\n"


class Chapter(Value):
    """One chapter of a course."""

    number: Annotated[int, Field(ge=1)]
    title: Annotated[str, Field(min_length=1)]
    objectives: tuple[str, ...] = ()
    sections: Annotated[tuple[Section, ...], Field(min_length=1)]

    @property
    def blocks(self) -> tuple[Block, ...]:
        """All blocks in reading order."""
        return tuple(block for section in self.sections for block in section.blocks)

    @property
    def markdown(self) -> str:
        """The chapter as one Markdown text, without its title; sections are headings of level 2."""
        return sections_markdown(self.sections)

    @property
    def words(self) -> int:
        """Roughly how many words there are to read."""
        return count_words(self.markdown)
