"""Quizzes: begin, answer, be scored; what was missed becomes a card."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from uuid import UUID, uuid5

from coursewright.course.base import Value
from coursewright.course.errors import Conflict, NotFound
from coursewright.course.memory import Rating
from coursewright.database import quiz_attempts, review_cards
from coursewright.database.quiz_attempts import Attempt, AttemptSummary, Best, Tried
from coursewright.database.review_log import Origin
from coursewright.database.study_days import Done
from coursewright.study import deck
from coursewright.study.deck import Review
from coursewright.study.requests import Request, Requests, counted
from coursewright.study.scoring import Answer, score

_STALE = timedelta(days=30)
"""An attempt that was not finished by then will not be."""


class Finished(Value):
    """An attempt that is done."""

    attempt: Attempt
    new_cards: tuple[UUID, ...]
    """Questions that became cards by it: missed, and no cards before."""


class History(Value):
    """The attempts in a course."""

    attempts: tuple[AttemptSummary, ...]
    """The latest first."""
    quizzes: tuple[Best, ...]


class Quizzes:
    """Attempts of the signed-in user."""

    def __init__(self, requests: Requests, new_id: Callable[[], UUID]) -> None:
        self._requests = requests
        self._new_id = new_id

    async def start(self, user_id: UUID, course_id: UUID, number: int | None) -> Attempt:
        """Begins an attempt at the quiz of a chapter, or at all questions of the course.

        Raises:
            NotFound: there is no such course or chapter.
            Conflict: there are no questions (yet).
        """
        async with self._requests.writing(user_id) as request:
            await request.course(course_id)
            chapter_id = None if number is None else await request.chapter(course_id, number)
            items = await quiz_attempts.list_items(request.conn, course_id, number)
            if not items:
                raise Conflict(
                    "there are no questions (yet)",
                    hint="`GET /api/courses/{id}/pieces` says how the making of them stands.",
                )
            await quiz_attempts.drop_stale(request.conn, request.now - _STALE)
            attempt_id = self._new_id()
            await quiz_attempts.start(
                request.conn,
                user_id,
                attempt_id=attempt_id,
                course_id=course_id,
                chapter_id=chapter_id,
                number=number,
                items=items,
                at=request.now,
            )
            return await _attempt(request, attempt_id)

    async def finish(
        self,
        user_id: UUID,
        attempt_id: UUID,
        answers: Sequence[Answer],
        *,
        elapsed_ms: int | None = None,
    ) -> Finished:
        """Scores the answers. The same answers twice are one attempt.

        Args:
            user_id: who answers.
            attempt_id: the attempt.
            answers: every try, in order. Questions that are left out were left open.
            elapsed_ms: how long it took; by default since it was begun.

        Raises:
            NotFound: there is no such attempt.
            BadRequest: an answer is to a question or an option that was not offered.
            Conflict: it was finished with other answers.
        """
        async with self._requests.writing(user_id) as request:
            attempt = await quiz_attempts.get(request.conn, attempt_id)
            if attempt is None:
                raise _no_attempt(attempt_id)
            scored = score(attempt.items, answers)
            if attempt.finished_at is not None:
                return _again(attempt, scored.tried)
            passed = (request.now - attempt.started_at) // timedelta(milliseconds=1)
            milliseconds = counted(passed if elapsed_ms is None else min(elapsed_ms, passed))
            await quiz_attempts.finish(
                request.conn,
                attempt_id,
                answers=scored.tried,
                score=scored.score,
                milliseconds=milliseconds,
                at=request.now,
            )
            await request.note(request.today, Done(quizzes=1, milliseconds=milliseconds))
            missed = [item for item in scored.missed if await _miss(request, attempt_id, item)]
            return Finished(attempt=await _attempt(request, attempt_id), new_cards=tuple(missed))

    async def attempt(self, user_id: UUID, attempt_id: UUID) -> Attempt:
        """One attempt, with its questions as they were. Raises `NotFound`."""
        async with self._requests.reading(user_id) as request:
            return await _attempt(request, attempt_id)

    async def history(
        self, user_id: UUID, course_id: UUID, *, number: int | None, limit: int, offset: int
    ) -> History:
        """The attempts in a course, or at one chapter's quiz. Raises `NotFound`."""
        async with self._requests.reading(user_id) as request:
            await request.course(course_id)
            attempts = await quiz_attempts.history(
                request.conn, course_id, number=number, limit=limit, offset=offset
            )
            best = await quiz_attempts.best(request.conn, course_id)
        return History(attempts=tuple(attempts), quizzes=tuple(best))


async def _attempt(request: Request, attempt_id: UUID) -> Attempt:
    found = await quiz_attempts.get(request.conn, attempt_id)
    if found is None:
        raise _no_attempt(attempt_id)
    return found


async def _miss(request: Request, attempt_id: UUID, item_id: UUID) -> bool:
    """Makes a card of a question that was missed; True when it was none before.

    A card that was reviewed already is reviewed once more, with "again": the quiz has shown that
    it was forgotten. A question that was made anew meanwhile is passed over.
    """
    item = await review_cards.find_item(request.conn, item_id)
    if item is None:
        return False
    new = await review_cards.add(request.conn, request.user_id, item, missed_at=request.now)
    card = await deck.card_of(request, item_id)
    await review_cards.set_missed(request.conn, item_id, request.now)
    if card.reviews:
        # Named after the attempt, so that it is one however often the attempt is sent.
        review = Review(id=uuid5(attempt_id, str(item_id)), card_id=item_id, rating=Rating.AGAIN)
        if await deck.record(request, review, origin=Origin.QUIZ):
            await deck.rebuild(request, item_id)
    return new


def _again(attempt: Attempt, tried: tuple[Tried, ...]) -> Finished:
    if attempt.answers != tried:
        raise Conflict("the attempt was finished with other answers", hint="Begin another attempt.")
    return Finished(attempt=attempt, new_cards=())


def _no_attempt(attempt_id: UUID) -> NotFound:
    return NotFound(
        f"there is no attempt {attempt_id}",
        hint="Begin one: `POST /api/courses/{id}/quiz-attempts`.",
    )
