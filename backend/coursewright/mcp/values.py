"""What the tools answer. Field by field, since assistants read the descriptions."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from coursewright.course.course import CourseStatus


class Said(BaseModel):
    """What all answers have in common."""

    model_config = ConfigDict(frozen=True)


class FailedPiece(Said):
    """Something that could not be made."""

    key: str = Field(description="Such as chapter/3 or mcqs/1.")
    reason: str
    hint: str = ""


class CourseState(Said):
    """How a course stands."""

    course_id: UUID
    title: str
    status: CourseStatus
    under_way: bool = Field(description="Whether something is still being made.")
    made: int = Field(description="Pieces that are made.")
    pieces: int = Field(description="Pieces that are known of; more come with the outline.")
    chapters: list[int] = Field(description="The chapters that can be read.")
    failed: list[FailedPiece]
    warnings: list[str] = Field(default=[], description="What could not be read of the sources.")
    page: str = Field(description="The address at which a person reads the course.")


class CourseLine(Said):
    """A course in the list."""

    course_id: UUID
    title: str
    topic: str
    status: CourseStatus
    progress_percentage: int
    language: str
    level: str
    chapters: int
    flashcards: int
    questions: int


class CourseList(Said):
    """Courses, the newest first."""

    courses: list[CourseLine]
    next_offset: int | None = Field(description="To see more; null when these were the last.")


class PlannedChapter(Said):
    """A chapter of the outline."""

    number: int
    title: str
    summary: str
    objectives: list[str]
    readable: bool = Field(description="Whether it is made.")


class SourceLine(Said):
    """What a course was made from."""

    title: str
    origin: str
    attribution: str = ""
    licence: str = ""


class OutlineText(Said):
    """The plan of a course."""

    course_id: UUID
    title: str
    description: str
    language: str
    level: str
    chapters: list[PlannedChapter]
    questions: int
    flashcards: int
    sources: list[SourceLine]


class ChapterText(Said):
    """A chapter to be read."""

    course_id: UUID
    number: int
    of: int = Field(description="How many chapters the outline has.")
    title: str
    objectives: list[str]
    markdown: str
    sources: list[str] = Field(description="The places in the sources that it rests on.")


class Option(Said):
    """One answer to choose."""

    letter: str
    text: str


class Question(Said):
    """A question, without its key."""

    question: str = Field(description="Its reference, for check_answer and for `after`.")
    chapter: int
    stem: str
    options: list[Option]


class QuizStep(Said):
    """The next question of a quiz."""

    course_id: UUID
    number: int = Field(description="Of this question in the quiz, from 1.")
    of: int = Field(description="Questions in the quiz.")
    next: Question | None = Field(description="Null when all have been asked.")


class Marked(Said):
    """An answer, marked."""

    question: str
    correct: bool
    score: int = Field(description="1 or 0.")
    chosen: Option
    right: Option
    explanation: str
    passage: str = Field(
        description="The words of the chapter that the question rests on; empty where the question"
        " was made anew meanwhile."
    )
    chapter: int
    sources: list[str] = Field(description="Where that stands in the sources.")
    recorded: bool = Field(description="False for what was known already, or came after the end.")
    new_card: bool = Field(description="Whether the question has become a card to review by it.")
    score_so_far: int = Field(description="Questions of this quiz whose first answer was right.")
    answered: int = Field(description="Questions of this quiz that were answered.")
    of: int = Field(description="Questions of this quiz.")


class Card(Said):
    """A flashcard."""

    chapter: int
    front: str
    back: str
    passage: str = Field(description="The words of the chapter that it rests on.")


class Cards(Said):
    """Flashcards, in the order of the chapters."""

    course_id: UUID
    cards: list[Card]
    of: int
    next_offset: int | None = Field(description="To get more; null when these were the last.")
