"""Reviews: what is due, rating it, taking it back, setting cards aside."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import Field

from coursewright.course.base import Value
from coursewright.course.errors import NotFound, UserError
from coursewright.database import due_cards, review_cards, review_log
from coursewright.database.due_cards import Card, Window
from coursewright.database.review_log import LoggedReview
from coursewright.study import deck
from coursewright.study.deck import Review
from coursewright.study.queue import Allowance, Counts, allowance, arrange
from coursewright.study.requests import Request, Requests
from coursewright.study.scheduler import Preview, previews


class CardToReview(Card):
    """A card with what each rating, given now, would lead to."""

    next: tuple[Preview, ...]


class Queue(Value):
    """What comes next."""

    cards: tuple[CardToReview, ...]
    left_today: Counts
    """What today still brings, daily limits applied."""
    waiting: Counts
    """What could be reviewed if there were no limits."""
    next_learning: datetime | None
    """When the next card in learning steps comes back that is not due yet."""


class Arrival(StrEnum):
    """What became of a review that was sent."""

    RECORDED = "recorded"
    KNOWN = "known"
    """It was here already: nothing was changed."""
    REFUSED = "refused"


class Outcome(Value):
    """One review of several."""

    id: UUID
    arrival: Arrival
    problem: str = Field(
        default="", description="Why it was refused; sending it again will not help."
    )
    hint: str = ""


class Reviews:
    """Reviews of the signed-in user's cards. Row-level security hides those of others."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests

    async def due(self, user_id: UUID, *, limit: int, course_id: UUID | None = None) -> Queue:
        """The next cards of all courses, or of one. Raises `NotFound` for a course."""
        async with self._requests.reading(user_id) as request:
            if course_id is not None:
                await request.course(course_id)
            return await _queue(request, limit, course_id)

    async def rate(self, user_id: UUID, review: Review) -> CardToReview:
        """Records a review and returns the card after it. The same one twice is one.

        Raises:
            NotFound: there is no such card; or its flashcard is no more, and the review is kept
                in case that it comes back.
            BadRequest: its time cannot be.
            Conflict: another review has that id.
        """
        async with self._requests.writing(user_id) as request:
            if await deck.record(request, review):
                await deck.rebuild(request, review.card_id)
            card = await due_cards.get(request.conn, review.card_id)
        if card is None:
            raise NotFound(
                "what the card was made of is no more; the review is kept",
                hint="It counts if the card is ever made again. `GET /api/study/due` goes on.",
            )
        return _to_review(request, card)

    async def rate_many(self, user_id: UUID, reviews: Sequence[Review]) -> list[Outcome]:
        """Records what was reviewed offline, in whatever order; each has its own outcome.

        A review that cannot be is refused and does not hold the others back.
        """
        outcomes: dict[UUID, Outcome] = {}
        touched: set[UUID] = set()
        async with self._requests.writing(user_id) as request:
            for review in reviews:
                try:
                    new = await deck.record(request, review)
                except UserError as error:
                    outcomes.setdefault(
                        review.id,
                        Outcome(
                            id=review.id,
                            arrival=Arrival.REFUSED,
                            problem=error.message,
                            hint=error.hint,
                        ),
                    )
                    continue
                if new:
                    touched.add(review.card_id)
                arrival = Arrival.RECORDED if new else Arrival.KNOWN
                outcomes.setdefault(review.id, Outcome(id=review.id, arrival=arrival))
            for card_id in sorted(touched):
                await deck.rebuild(request, card_id)
        return [outcomes[review.id] for review in reviews]

    async def take_back(self, user_id: UUID, review_id: UUID) -> CardToReview | None:
        """Takes a review back: the card is as if it had not been. Harmless when repeated.

        Returns the card; None where its item is no more. Raises `NotFound`.
        """
        async with self._requests.writing(user_id) as request:
            card = await due_cards.get(request.conn, await deck.take_back(request, review_id))
            return None if card is None else _to_review(request, card)

    async def set_suspended(self, user_id: UUID, card_id: UUID, *, suspended: bool) -> CardToReview:
        """Keeps a card out of the queue, or lets it back in. Raises `NotFound`."""
        async with self._requests.writing(user_id) as request:
            await deck.card_of(request, card_id)
            await review_cards.suspend(request.conn, card_id, request.now if suspended else None)
            return await _card(request, card_id)

    async def card(self, user_id: UUID, card_id: UUID) -> CardToReview:
        """One card. Raises `NotFound`."""
        async with self._requests.reading(user_id) as request:
            return await _card(request, card_id)

    async def cards(
        self,
        user_id: UUID,
        *,
        course_id: UUID | None,
        suspended: bool | None,
        limit: int,
        offset: int,
    ) -> list[Card]:
        """The cards of all courses, or of one."""
        async with self._requests.reading(user_id) as request:
            if course_id is not None:
                await request.course(course_id)
            return await due_cards.list_all(
                request.conn,
                course_id=course_id,
                suspended=suspended,
                limit=limit,
                offset=offset,
            )

    async def log(
        self, user_id: UUID, *, limit: int, before: datetime | None = None
    ) -> list[LoggedReview]:
        """The latest reviews first, those that were taken back included."""
        async with self._requests.reading(user_id) as request:
            return await review_log.latest(request.conn, limit=limit, before=before)


async def counts(
    request: Request, course_id: UUID | None = None
) -> tuple[due_cards.Waiting, Counts, Allowance]:
    """What waits, the same as counts, and how much of it today has room for."""
    waiting = await due_cards.waiting(request.conn, _window(request, course_id))
    done = await review_log.today(request.conn, request.today)
    room = allowance(
        reviews_per_day=request.settings.reviews_per_day,
        new_per_day=request.settings.new_per_day,
        reviewed=done.reviewed,
        begun=done.begun,
    )
    all_of_it = Counts(learning=waiting.learning, review=waiting.review, new=waiting.new)
    return waiting, all_of_it, room


async def _queue(request: Request, limit: int, course_id: UUID | None) -> Queue:
    window = _window(request, course_id)
    waiting, all_of_it, room = await counts(request, course_id)
    today = room.of(all_of_it)
    found = arrange(
        await due_cards.learning(request.conn, window, min(limit, today.learning)),
        await due_cards.review(request.conn, window, min(limit, today.review)),
        await due_cards.new(request.conn, window, min(limit, today.new)),
        room=room,
        limit=limit,
    )
    return Queue(
        cards=tuple(_to_review(request, card) for card in found),
        left_today=today,
        waiting=all_of_it,
        next_learning=waiting.next_learning,
    )


async def _card(request: Request, card_id: UUID) -> CardToReview:
    card = await due_cards.get(request.conn, card_id)
    if card is None:
        raise NotFound(
            f"there is no card {card_id}",
            hint="It may have been made anew or deleted. `GET /api/study/due` lists what is there.",
        )
    return _to_review(request, card)


def _window(request: Request, course_id: UUID | None) -> Window:
    return Window(
        now=request.now, day_end=request.calendar.end_of(request.today), course_id=course_id
    )


def _to_review(request: Request, card: Card) -> CardToReview:
    shown = previews(card.memory, request.now, request.settings.desired_retention)
    return CardToReview(**dict(card), next=shown)
