"""What was asked for."""

import re
import unicodedata
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field

from coursewright.course.base import Value

MAX_TOPIC = 300
"""Characters. Longer texts are documents: they belong into a source."""
MAX_CHAPTERS = 60
_LANGUAGE = re.compile(r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")


_BIDI = "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029\ufeff"


class Level(StrEnum):
    """For whom the course is written."""

    BEGINNER = "beginner"
    INTERMEDIATE = "intermediate"
    ADVANCED = "advanced"


class Length(StrEnum):
    """How much there is to read in a chapter, in words; the last figure is the most."""

    SHORT = "short"
    STANDARD = "standard"
    LONG = "long"

    @property
    def words(self) -> tuple[int, int]:
        """The least and the most words of one chapter, as aimed at."""
        return {
            Length.SHORT: (500, 1000),
            Length.STANDARD: (1200, 2000),
            Length.LONG: (2000, 3500),
        }[self]


def _usable_topic(topic: str) -> str:
    topic = " ".join(topic.split())
    if not topic:
        message = "the topic is empty"
        raise ValueError(message)
    if len(topic) > MAX_TOPIC:
        message = f"the topic has {len(topic):,} characters; at most {MAX_TOPIC} are taken"
        raise ValueError(message)
    if not any(unicodedata.category(char)[0] in "LN" for char in topic):
        message = "the topic has no letter or digit"
        raise ValueError(message)
    return _without_controls(topic)


def _without_controls(text: str) -> str:
    """Refuses what can turn a line around or hide in it (joiners of letters are fine)."""
    if any(unicodedata.category(char) in {"Cc", "Cs"} or char in _BIDI for char in text):
        message = "the text contains control characters"
        raise ValueError(message)
    return text


def _usable_language(tag: str) -> str:
    if not _LANGUAGE.fullmatch(tag):
        message = f"{tag!r} is not a language tag such as 'en', 'de' or 'pt-BR'"
        raise ValueError(message)
    return tag


Topic = Annotated[str, AfterValidator(_usable_topic)]
LanguageTag = Annotated[str, AfterValidator(_usable_language)]
"""A BCP 47 tag."""
Audience = Annotated[str, Field(max_length=300), AfterValidator(_without_controls)]
Instruction = Annotated[
    str,
    Field(max_length=1000),
    AfterValidator(lambda text: _without_controls(" ".join(text.split()))),
]
"""On one line of the prompt, however it was typed."""


class Brief(Value):
    """The order for a course, as a person gives it."""

    topic: Topic
    level: Level = Level.BEGINNER
    language: LanguageTag = "en"
    chapters: Annotated[int, Field(ge=1, le=MAX_CHAPTERS)] | None = None
    """How many chapters; None leaves it to the author."""
    length: Length = Length.STANDARD
    audience: Audience = ""
    flashcards_per_chapter: Annotated[int, Field(ge=1, le=50)] = 10
    questions_per_chapter: Annotated[int, Field(ge=1, le=50)] = 8
    instruction: Instruction = ""
    """What is asked for in addition when a piece is made anew, e.g. "simpler, with an example"."""
    edit_outline: bool = False
    """Whether to stop after the outline, so that a person can change it and then go on."""
