"""A course as somebody sees it who has only a link to it."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from coursewright.course.article import Article, AudioScript, Suggestion
from coursewright.course.base import Value
from coursewright.course.brief import Level
from coursewright.course.chapter import Chapter
from coursewright.course.games import WordGame
from coursewright.course.study import Flashcard, GlossaryTerm, Mcq


class SharedSource(Value):
    """A source, as far as it is to be credited."""

    id: UUID
    """What citations name."""
    title: str
    origin: str
    """Where it can be read; empty for a document that was sent in."""
    licence: str | None
    attribution: str | None


class SharedPlan(Value):
    """A chapter of the outline, whether it is written yet or not."""

    number: Annotated[int, Field(ge=1)]
    title: str


class SharedCourse(Value):
    """What is to be learnt and who is to be credited: no owner, no order, no costs, no failures,
    and of the sources only what the course cites.
    """

    title: str
    description: str
    language: str
    level: Level
    author: str
    """Who wrote it: `builtin`, or a model."""
    outline: tuple[SharedPlan, ...]
    chapters: tuple[Chapter, ...]
    glossary: tuple[GlossaryTerm, ...]
    flashcards: tuple[Flashcard, ...]
    mcqs: tuple[Mcq, ...]
    articles: tuple[Article, ...]
    word_games: tuple[WordGame, ...]
    audio_scripts: tuple[AudioScript, ...]
    suggestions: tuple[Suggestion, ...]
    sources: tuple[SharedSource, ...]
