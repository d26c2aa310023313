"""What a person does with one course: chapters completed, quizzes, word games, reading."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from coursewright.api.dependencies import App, User
from coursewright.course.games import GameKind
from coursewright.course.json import Moment, is_number
from coursewright.database.game_results import GameRecord
from coursewright.database.quiz_attempts import Attempt
from coursewright.study.progress import Progress, Sitting
from coursewright.study.quizzes import Finished, History, Marked
from coursewright.study.scoring import Answer

router = APIRouter(prefix="/api", tags=["study"])

MOST_ANSWERS = 2000
_DAY_MS = 86_400_000
_Chapter = Annotated[int, Path(ge=1, le=1000)]


class Reading(BaseModel):
    """Where somebody is reading."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"chapter": 2, "position": 0.4}]}
    )

    chapter: Annotated[int, Field(ge=1, le=1000), is_number]
    position: Annotated[float, Field(ge=0, le=1), is_number] = Field(
        0, description="How far down the chapter: 0 is its top, 1 its end."
    )
    at: Moment | None = Field(
        None, description="When; now, if it is left out. What is older than known changes nothing."
    )
    sitting: UUID | None = Field(
        None, description="Names a time of reading without a break; the client makes the id."
    )
    elapsed_ms: Annotated[int, Field(ge=0, le=_DAY_MS), is_number] = Field(
        0, description="How long the sitting has been so far."
    )


class QuizOrder(BaseModel):
    """Which quiz is taken."""

    model_config = ConfigDict(extra="forbid")

    chapter: Annotated[int, Field(ge=1, le=1000), is_number] | None = Field(
        None, description="All questions of the course, if it is left out."
    )


class Question(BaseModel):
    """A question, without its key."""

    id: UUID
    chapter: int
    stem: str
    options: tuple[str, ...]


class Begun(BaseModel):
    """An attempt that has begun."""

    id: UUID
    questions: list[Question]


class Answers(BaseModel):
    """Every try, in order: a second one for the same question is a retry."""

    model_config = ConfigDict(extra="forbid")

    answers: Annotated[list[Answer], Field(max_length=MOST_ANSWERS)]
    elapsed_ms: Annotated[int, Field(ge=0, le=_DAY_MS), is_number] | None = Field(
        None, description="How long it took; by default the time since it began."
    )


class GameOrder(BaseModel):
    """How a game went."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"score": 7, "total": 8, "elapsed_ms": 95_000}]},
    )

    score: Annotated[int, Field(ge=0, le=10_000), is_number]
    total: Annotated[int, Field(ge=1, le=10_000), is_number]
    elapsed_ms: Annotated[int, Field(ge=0, le=_DAY_MS), is_number]
    finished_at: Moment | None = Field(None, description="Now, if it is left out.")


@router.get("/courses/{course_id}/progress", summary="How far I am in a course")
async def progress(course_id: UUID, app: App, user: User) -> Progress:
    """The chapters, which of them are completed, and where I was reading."""
    return await app.study.progress.of(user, course_id)


@router.put("/courses/{course_id}/chapters/{number}/completion", summary="Complete a chapter")
async def complete(course_id: UUID, number: _Chapter, app: App, user: User) -> Progress:
    """The first time counts; repeating it changes nothing."""
    return await app.study.progress.complete(user, course_id, number)


@router.delete("/courses/{course_id}/chapters/{number}/completion", summary="Reopen a chapter")
async def reopen(course_id: UUID, number: _Chapter, app: App, user: User) -> Progress:
    """It is not completed any more. Harmless when it was not."""
    return await app.study.progress.reopen(user, course_id, number)


@router.put("/courses/{course_id}/position", status_code=204, summary="Say where I am reading")
async def read_on(course_id: UUID, order: Reading, app: App, user: User) -> Response:
    """To go on there later, on any device. With a `sitting`, the time is counted as studied."""
    sitting = order.sitting and Sitting(id=order.sitting, milliseconds=order.elapsed_ms)
    await app.study.progress.read_on(
        user, course_id, order.chapter, position=order.position, at=order.at, sitting=sitting
    )
    return Response(status_code=204)


@router.post("/courses/{course_id}/quiz-attempts", status_code=201, summary="Begin a quiz")
async def begin(course_id: UUID, order: QuizOrder, app: App, user: User) -> Begun:
    """The questions as they are now; what is made anew meanwhile does not change the attempt."""
    attempt = await app.study.quizzes.start(user, course_id, order.chapter)
    questions = [
        Question(id=item.id, chapter=item.chapter, stem=item.stem, options=item.options)
        for item in attempt.items
    ]
    return Begun(id=attempt.id, questions=questions)


@router.get("/courses/{course_id}/quiz-attempts", summary="My quizzes in a course")
async def history(
    course_id: UUID,
    app: App,
    user: User,
    chapter: Annotated[int | None, Query(ge=1, le=1000)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> History:
    """The latest first, and how each quiz went so far."""
    return await app.study.quizzes.history(
        user, course_id, number=chapter, limit=limit, offset=offset
    )


@router.get("/quiz-attempts/{attempt_id}", summary="One quiz that I took")
async def attempt(attempt_id: UUID, app: App, user: User) -> Attempt:
    """With its questions as they were, their keys, and what was answered."""
    return await app.study.quizzes.attempt(user, attempt_id)


@router.post("/quiz-attempts/{attempt_id}/answers", summary="Answer one question of a quiz")
async def answer(attempt_id: UUID, order: Answer, app: App, user: User) -> Marked:
    """Marked and recorded at once: a first try that is wrong becomes a card. With the first answer
    to the last open question the quiz is handed in. What comes later is marked and not recorded.
    """
    return await app.study.quizzes.answer(user, attempt_id, order)


@router.post("/quiz-attempts/{attempt_id}/finish", summary="Hand in a quiz")
async def finish(attempt_id: UUID, order: Answers, app: App, user: User) -> Finished:
    """It is scored here: the first try at each question counts. What was missed becomes a card.
    Handing in the same answers twice is fine; others are refused (409).
    """
    return await app.study.quizzes.finish(
        user, attempt_id, order.answers, elapsed_ms=order.elapsed_ms
    )


@router.put(
    "/courses/{course_id}/word-games/{game}/results/{result_id}", summary="Record a word game"
)
async def record_game(
    course_id: UUID, game: GameKind, result_id: UUID, order: GameOrder, app: App, user: User
) -> GameRecord:
    """The client makes the id: the same result twice is one. Answers with the best so far."""
    return await app.study.games.add(
        user,
        course_id,
        game,
        result_id,
        score=order.score,
        total=order.total,
        elapsed_ms=order.elapsed_ms,
        finished_at=order.finished_at,
    )


@router.get("/courses/{course_id}/word-games/results", summary="My word games in a course")
async def games(course_id: UUID, app: App, user: User) -> list[GameRecord]:
    """For each game that was played: how often, the best and the last result."""
    return await app.study.games.records(user, course_id)
