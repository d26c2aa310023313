"""Reviews over all courses, the dashboard, and how a person wants to study."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from coursewright.api.dependencies import App, User
from coursewright.course.json import Moment, is_number
from coursewright.course.memory import Rating
from coursewright.database.due_cards import Card
from coursewright.database.review_log import LoggedReview
from coursewright.database.study_settings import StudySettings
from coursewright.study.dashboard import Summary
from coursewright.study.deck import Review
from coursewright.study.reviews import CardToReview, Outcome, Queue

router = APIRouter(prefix="/api/study", tags=["study"])

MOST_AT_ONCE = 500
_Course = Annotated[UUID | None, Query(description="Only cards of this course.")]
_EXAMPLE: JsonDict = {
    "card_id": "5f0c4f52-6f6c-4a0e-9a3f-0c6e6c1f3b11",
    "rating": 3,
    "reviewed_at": "2026-11-25T19:30:00Z",
    "elapsed_ms": 4200,
}


class ReviewOrder(BaseModel):
    """How well a card was remembered."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    card_id: UUID
    rating: Annotated[Rating, is_number] = Field(description="1 again, 2 hard, 3 good, 4 easy.")
    reviewed_at: Moment | None = Field(
        None, description="When it happened, with a zone; now, if it is left out."
    )
    elapsed_ms: Annotated[int, Field(ge=0, le=86_400_000), is_number] | None = Field(
        None, description="From showing the card to rating it."
    )


class TakenBack(BaseModel):
    """What became of the card."""

    card: CardToReview | None = Field(description="None where its flashcard is no more.")


@router.get("", summary="My dashboard")
async def summary(app: App, user: User) -> Summary:
    """Courses with progress, what is due today and in the next days, the streak, time studied,
    and where to go on reading.
    """
    return await app.study.dashboard.summary(user)


@router.get("/settings", summary="How I study")
async def settings(app: App, user: User) -> StudySettings:
    """Time zone, daily limits, desired retention."""
    return await app.study.preferences.get(user)


@router.put("/settings", summary="Change how I study")
async def change_settings(order: StudySettings, app: App, user: User) -> StudySettings:
    """All of them at once; what is left out gets its default. 422 for an unknown time zone."""
    return await app.study.preferences.put(user, order)


@router.get("/due", summary="The next cards to review")
async def due(
    app: App,
    user: User,
    limit: Annotated[int, Query(ge=1, le=200)] = 20,
    course: _Course = None,
) -> Queue:
    """Of all courses: cards in learning steps first, then those that are due, then new ones, within
    the daily limits. Each with what the four ratings would lead to.
    """
    return await app.study.reviews.due(user, limit=limit, course_id=course)


@router.get("/cards", summary="My cards")
async def cards(
    app: App,
    user: User,
    course: _Course = None,
    suspended: Annotated[bool | None, Query(description="Only those that are, or are not.")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> list[Card]:
    """Every flashcard, and every question that was missed in a quiz, with what is remembered."""
    return await app.study.reviews.cards(
        user, course_id=course, suspended=suspended, limit=limit, offset=offset
    )


@router.get("/cards/{card_id}", summary="One card")
async def card(card_id: UUID, app: App, user: User) -> CardToReview:
    """With what the four ratings would lead to, now."""
    return await app.study.reviews.card(user, card_id)


@router.put("/cards/{card_id}/suspension", summary="Set a card aside")
async def suspend(card_id: UUID, app: App, user: User) -> CardToReview:
    """It does not come up until it is let back in. What is remembered of it stays."""
    return await app.study.reviews.set_suspended(user, card_id, suspended=True)


@router.delete("/cards/{card_id}/suspension", summary="Let a card back in")
async def unsuspend(card_id: UUID, app: App, user: User) -> CardToReview:
    """It comes up when it is due."""
    return await app.study.reviews.set_suspended(user, card_id, suspended=False)


@router.put("/reviews/{review_id}", summary="Rate a card")
async def rate(review_id: UUID, order: ReviewOrder, app: App, user: User) -> CardToReview:
    """The client makes the id, a new random one for each review: the same review twice is one, and
    it may come late and in any order. Answers with the card as it is then.
    """
    return await app.study.reviews.rate(user, Review(id=review_id, **dict(order)))


@router.post("/reviews", summary="Send reviews that were made offline")
async def rate_many(
    order: Annotated[list[Review], Field(min_length=1, max_length=MOST_AT_ONCE)],
    app: App,
    user: User,
) -> list[Outcome]:
    """Up to 500, in any order, each with an outcome of its own. `refused` is final: sending it
    again will not help.
    """
    return await app.study.reviews.rate_many(user, order)


@router.delete("/reviews/{review_id}", summary="Take a review back")
async def take_back(review_id: UUID, app: App, user: User) -> TakenBack:
    """The card is as if the review had not been. It stays in the log, marked. Harmless twice."""
    return TakenBack(card=await app.study.reviews.take_back(user, review_id))


@router.get("/reviews", summary="My latest reviews")
async def log(
    app: App,
    user: User,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    before: Annotated[Moment | None, Query(description="Only those that happened earlier.")] = None,
) -> list[LoggedReview]:
    """The log, the latest first; it can be fed to an optimiser of FSRS."""
    earlier: datetime | None = before
    return await app.study.reviews.log(user, limit=limit, before=earlier)
