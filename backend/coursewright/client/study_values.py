"""What the service answers about study: cards, quizzes, progress."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID, uuid4

from pydantic import Field

from coursewright.client.values import Answer
from coursewright.course.memory import CardKind, Memory, Rating


class Preview(Answer):
    """What a rating would lead to."""

    rating: Rating
    due: datetime
    seconds: int
    """From now until then."""


class ReviewCard(Answer):
    """A card with what stands on it, what is remembered of it, and what each rating leads to."""

    id: UUID
    course_id: UUID
    course_title: str
    chapter: int
    kind: CardKind
    front: str
    back: str
    options: tuple[str, ...] | None = None
    key: int | None = None
    """The index of the right option, from 0."""
    explanation: str = ""
    memory: Memory
    reviews: int
    lapses: int
    missed_at: datetime | None = None
    suspended_at: datetime | None = None
    next: tuple[Preview, ...] = ()


class Counts(Answer):
    """Cards by where they stand."""

    learning: int
    review: int
    new: int


class Queue(Answer):
    """What comes next."""

    cards: tuple[ReviewCard, ...]
    left_today: Counts
    waiting: Counts
    next_learning: datetime | None = None
    """When the next card in learning steps comes back that is not due yet."""


class Review(Answer):
    """A review that is sent. Its id is made here: the same review twice is one."""

    id: UUID = Field(default_factory=uuid4)
    card_id: UUID
    rating: Rating
    reviewed_at: datetime | None = None
    """With a zone; now, where it is None."""
    elapsed_ms: Annotated[int, Field(ge=0)] | None = None


class Outcome(Answer):
    """What became of one of several reviews."""

    id: UUID
    arrival: str
    """`recorded`, `known` (it was there already) or `refused`, which is final."""
    problem: str = ""
    hint: str = ""


class TakenBack(Answer):
    """What became of the card whose review was taken back."""

    card: ReviewCard | None = None


class QuizQuestion(Answer):
    """A question of a quiz that has begun, without its key."""

    id: UUID
    chapter: int
    stem: str
    options: tuple[str, ...]


class Quiz(Answer):
    """A quiz that has begun."""

    id: UUID
    questions: tuple[QuizQuestion, ...]


class QuizItem(QuizQuestion):
    """A question as it was when the quiz began, with its key."""

    key: int
    explanation: str = ""


class Tried(Answer):
    """What was answered to a question."""

    item: UUID
    chosen: tuple[int, ...]
    correct: bool
    """The first try."""
    right_on_retry: bool


class Attempt(Answer):
    """A quiz that was taken, or is being taken."""

    id: UUID
    course_id: UUID
    chapter_number: int | None = None
    score: int
    total: int
    milliseconds: int | None = None
    started_at: datetime
    finished_at: datetime | None = None
    items: tuple[QuizItem, ...]
    answers: tuple[Tried, ...]


class Marked(Answer):
    """One answer, marked."""

    attempt: Attempt
    tried: Tried
    recorded: bool
    """False for what was known already, or came after the end."""
    new_card: bool


class Finished(Answer):
    """A quiz that is handed in."""

    attempt: Attempt
    new_cards: tuple[UUID, ...]


class ChapterProgress(Answer):
    """A chapter that is written, and when it was completed."""

    id: UUID
    number: int
    title: str
    completed_at: datetime | None = None


class Place(Answer):
    """Where somebody was reading."""

    course_id: UUID
    course_title: str
    chapter: int
    chapter_title: str
    position: float
    read_at: datetime


class Progress(Answer):
    """How far one is in a course."""

    chapters: tuple[ChapterProgress, ...]
    completed: int
    total: int
    percent: int
    place: Place | None = None


class CourseProgress(Answer):
    """A course, as one line of the dashboard."""

    id: UUID
    title: str
    chapters: int
    completed: int
    last_completed: datetime | None = None
    last_read: datetime | None = None


class DayAhead(Answer):
    """How many cards fall due on a day."""

    day: date
    due: int


class Streak(Answer):
    """Days in a row."""

    current: int
    longest: int
    studied_today: bool


class StudyTime(Answer):
    """How long was studied, in seconds."""

    today: int
    last_7_days: int
    ever: int


class Dashboard(Answer):
    """How study goes."""

    today: date
    courses: tuple[CourseProgress, ...]
    due_today: Counts
    forecast: tuple[DayAhead, ...]
    streak: Streak
    seconds_studied: StudyTime
    go_on: Place | None = None
