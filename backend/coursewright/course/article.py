"""What accompanies the chapters: articles, audio scripts, suggestions."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from coursewright.course.base import Value
from coursewright.course.chapter import Block, Section, sections_markdown
from coursewright.course.text import count_words


class ArticleType(StrEnum):
    """The kinds of the contract."""

    DEEP_DIVE = "deep_dive"
    KEY_TAKEAWAYS = "key_takeaways"
    FAQ = "faq"


class Article(Value):
    """A text about the whole course."""

    article_type: ArticleType
    title: Annotated[str, Field(min_length=1)]
    sections: Annotated[tuple[Section, ...], Field(min_length=1)]

    @property
    def markdown(self) -> str:
        """The article as one Markdown text, without its title; sections are headings of level 2."""
        return sections_markdown(self.sections)


class AudioType(StrEnum):
    """The kinds of the contract, with the minutes that they aim at."""

    SHORT_PODCAST = "short_podcast"
    FULL_LECTURE = "full_lecture"

    @property
    def minutes(self) -> int:
        """How long it is meant to be."""
        return {AudioType.SHORT_PODCAST: 5, AudioType.FULL_LECTURE: 20}[self]


class AudioScript(Value):
    """What is to be said, as plain spoken language: no Markdown, no tables."""

    audio_type: AudioType
    title: Annotated[str, Field(min_length=1)]
    paragraphs: Annotated[tuple[Block, ...], Field(min_length=1)]

    @property
    def text(self) -> str:
        """The whole script; paragraphs are separated by an empty line."""
        return "\n\n".join(block.markdown for block in self.paragraphs)

    @property
    def words(self) -> int:
        """Roughly how many words there are to say."""
        return count_words(self.text)


class Suggestion(Value):
    """An idea for what to learn next."""

    topic: Annotated[str, Field(min_length=1)]
    reason: str = ""
