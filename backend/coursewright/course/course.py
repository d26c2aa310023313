"""A whole course: everything that was made so far, and what is still missing."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from coursewright.course.article import Article, AudioScript, Suggestion
from coursewright.course.base import Value
from coursewright.course.brief import Brief
from coursewright.course.chapter import Chapter
from coursewright.course.games import WordGame
from coursewright.course.outline import Outline
from coursewright.course.review.verdict import Rejection
from coursewright.course.sources import Source
from coursewright.course.study import Flashcard, GlossaryTerm, Mcq


class CourseStatus(StrEnum):
    """The state of a course as a whole, derived from its pieces."""

    GENERATING = "generating"
    OUTLINED = "outlined"
    """The outline stands, and waits for a person who may change it and says when to go on."""
    COMPLETED = "completed"
    """Every piece is done."""
    INCOMPLETE = "incomplete"
    """Nothing is under way, and at least one piece failed; the rest can be used."""
    FAILED = "failed"
    """There is no outline or no chapter."""
    CANCELLED = "cancelled"


class MissingPiece(Value):
    """Something that could not be made, with the reason. It can be retried by its key."""

    key: str
    reason: str


class Course(Value):
    """What readers, exports and games are given."""

    id: UUID
    title: str
    brief: Brief
    status: CourseStatus
    author: str
    """Who wrote it: `builtin`, or the name of a model."""
    created_at: datetime
    outline: Outline | None = None
    chapters: tuple[Chapter, ...] = ()
    glossary: tuple[GlossaryTerm, ...] = ()
    flashcards: tuple[Flashcard, ...] = ()
    mcqs: tuple[Mcq, ...] = ()
    articles: tuple[Article, ...] = ()
    word_games: tuple[WordGame, ...] = ()
    audio_scripts: tuple[AudioScript, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    sources: tuple[Source, ...] = ()
    rejected: tuple[Rejection, ...] = ()
    missing: tuple[MissingPiece, ...] = ()
