"""What the service answers. A newer service may say more: what is not known here is passed over."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from coursewright.course.course import CourseStatus
from coursewright.course.pieces import PieceKind, PieceState
from coursewright.course.review.verdict import Rejection

_ENDS = {f"course_{status}" for status in CourseStatus} - {f"course_{CourseStatus.GENERATING}"}


class Answer(BaseModel):
    """What all answers have in common."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Ordered(Answer):
    """The course that was ordered; it is being made."""

    id: UUID
    warnings: list[str] = []
    """What could not be read of the sources, and was left out."""


class CourseItem(Answer):
    """A course in the list."""

    id: UUID
    title: str
    topic: str
    status: CourseStatus
    progress_percentage: int
    author: str
    language: str
    level: str
    created_at: datetime
    chapters: int
    flashcards: int
    questions: int


class PieceItem(Answer):
    """One thing to be made, and how it stands."""

    key: str
    """`chapter/3`, `article/faq`, `word_games`: what `retry` and `regenerate` are told."""
    kind: PieceKind
    number: int | None = None
    """The chapter's number, where it belongs to one."""
    variant: str | None = None
    state: PieceState
    attempts: int = 0
    reason: str | None = None
    """Why it failed or was cancelled."""
    hint: str | None = None
    """What to do about it."""
    author: str | None = None
    wanted: int | None = None
    items: int | None = None
    rejected: list[Rejection] = []
    """What the question gate refused, and why."""
    started_at: datetime | None = None
    finished_at: datetime | None = None
    seconds: float | None = None


class Continued(Answer):
    """How many pieces are made (again), or are not made any more."""

    pieces: int


class Event(Answer):
    """Something that happened to a course."""

    id: int
    """Grows within a course; `watch(..., after=id)` goes on from there."""
    name: str
    """`piece_running`, `piece_done`, `piece_failed`, `course_completed` and so on."""
    piece: str | None = None
    at: datetime
    data: dict[str, Any] = {}
    """What else is said, by the kind of event."""

    @property
    def may_be_last(self) -> bool:
        """Whether the course came to an end with it, for the time being."""
        return self.name in _ENDS


class Format(Answer):
    """A format that a course can be taken away in."""

    name: str
    media_type: str
    extension: str
    purpose: str


class Export(Answer):
    """A course in some format."""

    file_name: str
    """A name without folders, fit to be saved under."""
    media_type: str
    content: bytes


class Costs(Answer):
    """What model calls took together."""

    calls: int
    answered: int
    tokens_in: int
    tokens_out: int
    cost_usd: float
    """At the paid tiers' list prices; a free tier charges nothing."""


class CostsOf(Costs):
    """What model calls of one course, model, service, day, outcome or key took together."""

    name: str
    course_id: UUID | None = None
    last: datetime


class StoredFile(Answer):
    """A file of a course: a recording, or an original."""

    id: UUID
    purpose: str
    """`original` or `audio`."""
    name: str
    media_type: str
    size: int
    """Bytes."""
    sha256: str
    created_at: datetime


class FileLink(Answer):
    """A link to a file that needs no sign-in."""

    url: str
    """A path at the address of the service."""
    expires_at: datetime


class Health(Answer):
    """The state of the service."""

    status: str
    """`healthy`, or `unhealthy` when its database does not answer."""
    version: str
    author: str
    database: str
    worker: bool
    """Whether the process that answers makes courses itself."""
