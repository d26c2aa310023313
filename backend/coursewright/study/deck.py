"""What happens to cards within one transaction: recording reviews, and what follows from the log.

A card's memory is never advanced, always computed anew from its whole log. So a review that comes
late, twice, or is taken back needs no rule of its own.
"""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from coursewright.course.base import Value
from coursewright.course.errors import Conflict, NotFound
from coursewright.course.json import Moment, is_number
from coursewright.course.memory import CardState, Rating, Reviewed
from coursewright.database import review_cards, review_log
from coursewright.database.review_cards import CardRow
from coursewright.database.review_log import LoggedReview, Origin
from coursewright.database.study_days import Done
from coursewright.study.requests import Request
from coursewright.study.scheduler import replay

MOST_REVIEWS = 5000
"""Of one card: the whole log is read at each."""
_MOST_COUNTED_MS = 5 * 60 * 1000
"""What one review counts for in the time studied; whoever takes longer has left."""


class Review(Value):
    """A review, as a client sends it. The client makes the id: the same one twice is one review."""

    id: UUID
    card_id: UUID
    rating: Annotated[Rating, is_number] = Field(description="1 again, 2 hard, 3 good, 4 easy")
    reviewed_at: Moment | None = Field(
        default=None, description="When it happened, with a zone; now, if it is left out."
    )
    elapsed_ms: Annotated[int, Field(ge=0, le=86_400_000), is_number] | None = Field(
        default=None, description="From showing the card to rating it."
    )


async def card_of(request: Request, card_id: UUID) -> CardRow:
    """The card; made of its flashcard or question where there is none yet.

    Raises:
        NotFound: there is neither a card nor an item to make one of.
    """
    item = await review_cards.find_item(request.conn, card_id)
    if item is not None:
        await review_cards.add(request.conn, request.user_id, item)
    card = await review_cards.get(request.conn, card_id)
    if card is None:
        raise NotFound(
            f"there is no card {card_id}",
            hint="It may have been made anew or deleted. `GET /api/study/due` lists what is there.",
        )
    if item is not None:
        await review_cards.set_identity(request.conn, item)
    return card


async def record(request: Request, review: Review, *, origin: Origin = Origin.REVIEW) -> bool:
    """Adds a review to the log of a card. False when it was there already.

    `rebuild` must follow, once for each card.

    Raises:
        BadRequest: its time cannot be.
        Conflict: another review has that id, or the card has more reviews than can be.
        NotFound: there is no such card.
    """
    known = await review_log.get(request.conn, review.id)
    if known is None:
        at = request.time(review.reviewed_at)
        card = await card_of(request, review.card_id)
        if await review_log.count_of_card(request.conn, review.card_id) >= MOST_REVIEWS:
            raise Conflict(
                f"the card has been reviewed {MOST_REVIEWS:,} times",
                hint="Suspend it: it will not be learned like that.",
            )
        logged = LoggedReview(
            id=review.id,
            item_id=review.card_id,
            course_id=card.course_id,
            rating=review.rating,
            reviewed_at=at,
            elapsed_ms=review.elapsed_ms,
            origin=origin,
            state_before=CardState.NEW,
            day=request.calendar.day_of(at),
            undone_at=None,
        )
        if await review_log.add(request.conn, request.user_id, logged):
            await request.note(logged.day, _done(logged, 1))
            return True
        known = await review_log.get(request.conn, review.id)
    if known is None or not review_log.same(
        known, item_id=review.card_id, rating=review.rating, at=review.reviewed_at
    ):
        raise Conflict(
            f"another review has the id {review.id}",
            hint="Make a new random id (a UUID) for each review.",
        )
    return False


async def take_back(request: Request, review_id: UUID) -> UUID:
    """Takes a review back; returns its card. Harmless when repeated. Raises `NotFound`."""
    found = await review_log.get(request.conn, review_id)
    if found is None:
        raise NotFound(
            f"there is no review {review_id}", hint="`GET /api/study/reviews` lists the latest."
        )
    if found.undone_at is None:
        await review_log.undo(request.conn, review_id, request.now)
        await request.note(found.day, _done(found, -1))
        await rebuild(request, found.item_id)
    return found.item_id


async def rebuild(request: Request, card_id: UUID) -> None:
    """Computes what follows from the log of a card, and stores it."""
    logged = await review_log.of_card(request.conn, card_id)
    replayed = replay(
        [Reviewed(rating=each.rating, at=each.reviewed_at) for each in logged],
        request.settings.desired_retention,
    )
    await review_log.set_states(
        request.conn, review_log.states_changed(logged, replayed.states_before)
    )
    await review_cards.save(
        request.conn,
        card_id,
        replayed.memory,
        reviews=len(logged),
        lapses=replayed.lapses,
        first_review=replayed.first_review,
    )


def _done(review: LoggedReview, sign: int) -> Done:
    counted = min(review.elapsed_ms or 0, _MOST_COUNTED_MS)
    return Done(reviews=sign * (review.origin is Origin.REVIEW), milliseconds=sign * counted)
