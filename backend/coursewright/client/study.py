"""`client.study`: reviews, quizzes, progress. The two classes differ in their waiting alone."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from coursewright.client import study_calls
from coursewright.client.calls import AsyncSend, CourseId, Send
from coursewright.client.study_calls import Id
from coursewright.client.study_values import (
    Attempt,
    Dashboard,
    Finished,
    Marked,
    Outcome,
    Progress,
    Queue,
    Quiz,
    Review,
    ReviewCard,
)
from coursewright.course.errors import BadRequest
from coursewright.course.memory import Rating


def rating_of(rating: Rating | int) -> Rating:
    """The rating. Raises `BadRequest`."""
    try:
        return Rating(rating)
    except ValueError:
        raise BadRequest(
            f"{str(rating)[:20]!r} is not a rating", hint="1 again, 2 hard, 3 good, 4 easy."
        ) from None


class Study:
    """What one does with courses."""

    def __init__(self, send: Send) -> None:
        """`send` carries a call to the service."""
        self._send = send

    def dashboard(self) -> Dashboard:
        """Courses with progress, what is due, the streak, the time, where to go on."""
        return self._send(study_calls.dashboard())

    def due(self, *, limit: int = 20, course_id: CourseId | None = None) -> Queue:
        """The next cards of all courses, or of one, within the daily limits."""
        return self._send(study_calls.due(limit, course_id))

    def card(self, card_id: Id) -> ReviewCard:
        """One card, with what each rating would lead to now."""
        return self._send(study_calls.card(card_id))

    def rate(
        self,
        card_id: Id,
        rating: Rating | int,
        *,
        elapsed_ms: int | None = None,
        review_id: Id | None = None,
    ) -> ReviewCard:
        """Records how well a card was remembered (1 again, 2 hard, 3 good, 4 easy), just now.

        With a `review_id` of your own (a new UUID for each review) it can be taken back.
        """
        return self._send(study_calls.rate(card_id, rating_of(rating), elapsed_ms, review_id))

    def send(self, reviews: Sequence[Review]) -> list[Outcome]:
        """Up to 500 reviews that were made offline, in any order, each with its own outcome."""
        return self._send(study_calls.send(reviews))

    def take_back(self, review_id: Id) -> ReviewCard | None:
        """Takes a review back; returns its card, None where that is no more."""
        return (self._send(study_calls.take_back(review_id))).card

    def suspend(self, card_id: Id) -> ReviewCard:
        """Keeps a card out of the queue."""
        return self._send(study_calls.suspend(card_id, suspended=True))

    def unsuspend(self, card_id: Id) -> ReviewCard:
        """Lets a card back into the queue."""
        return self._send(study_calls.suspend(card_id, suspended=False))

    def begin_quiz(self, course_id: CourseId, *, chapter: int | None = None) -> Quiz:
        """Begins the quiz of a chapter, or one over the whole course."""
        return self._send(study_calls.begin(course_id, chapter))

    def answer(self, quiz_id: Id, question: Id, chosen: int) -> Marked:
        """Answers one question of a quiz (`chosen` from 0): marked and recorded at once."""
        return self._send(study_calls.answer(quiz_id, question, chosen))

    def finish_quiz(
        self, quiz_id: Id, answers: Mapping[UUID, int], *, elapsed_ms: int | None = None
    ) -> Finished:
        """Hands a quiz in, with the answers that were not sent by `answer`."""
        return self._send(study_calls.finish(quiz_id, answers, elapsed_ms))

    def attempt(self, quiz_id: Id) -> Attempt:
        """A quiz with its questions as they were, and what was answered."""
        return self._send(study_calls.attempt(quiz_id))

    def progress(self, course_id: CourseId) -> Progress:
        """How far I am in a course."""
        return self._send(study_calls.progress(course_id))

    def complete(self, course_id: CourseId, chapter: int) -> Progress:
        """Marks a chapter as completed."""
        return self._send(study_calls.complete(course_id, chapter, completed=True))

    def reopen(self, course_id: CourseId, chapter: int) -> Progress:
        """Marks a chapter as not completed."""
        return self._send(study_calls.complete(course_id, chapter, completed=False))

    def read_on(
        self, course_id: CourseId, chapter: int, *, position: float = 0, at: datetime | None = None
    ) -> None:
        """Says where I am reading: 0 is the top of the chapter, 1 its end."""
        self._send(study_calls.read_on(course_id, chapter, position, at))


class AsyncStudy:
    """What one does with courses."""

    def __init__(self, send: AsyncSend) -> None:
        """`send` carries a call to the service."""
        self._send = send

    async def dashboard(self) -> Dashboard:
        """Courses with progress, what is due, the streak, the time, where to go on."""
        return await self._send(study_calls.dashboard())

    async def due(self, *, limit: int = 20, course_id: CourseId | None = None) -> Queue:
        """The next cards of all courses, or of one, within the daily limits."""
        return await self._send(study_calls.due(limit, course_id))

    async def card(self, card_id: Id) -> ReviewCard:
        """One card, with what each rating would lead to now."""
        return await self._send(study_calls.card(card_id))

    async def rate(
        self,
        card_id: Id,
        rating: Rating | int,
        *,
        elapsed_ms: int | None = None,
        review_id: Id | None = None,
    ) -> ReviewCard:
        """Records how well a card was remembered (1 again, 2 hard, 3 good, 4 easy), just now.

        With a `review_id` of your own (a new UUID for each review) it can be taken back.
        """
        return await self._send(study_calls.rate(card_id, rating_of(rating), elapsed_ms, review_id))

    async def send(self, reviews: Sequence[Review]) -> list[Outcome]:
        """Up to 500 reviews that were made offline, in any order, each with its own outcome."""
        return await self._send(study_calls.send(reviews))

    async def take_back(self, review_id: Id) -> ReviewCard | None:
        """Takes a review back; returns its card, None where that is no more."""
        return (await self._send(study_calls.take_back(review_id))).card

    async def suspend(self, card_id: Id) -> ReviewCard:
        """Keeps a card out of the queue."""
        return await self._send(study_calls.suspend(card_id, suspended=True))

    async def unsuspend(self, card_id: Id) -> ReviewCard:
        """Lets a card back into the queue."""
        return await self._send(study_calls.suspend(card_id, suspended=False))

    async def begin_quiz(self, course_id: CourseId, *, chapter: int | None = None) -> Quiz:
        """Begins the quiz of a chapter, or one over the whole course."""
        return await self._send(study_calls.begin(course_id, chapter))

    async def answer(self, quiz_id: Id, question: Id, chosen: int) -> Marked:
        """Answers one question of a quiz (`chosen` from 0): marked and recorded at once."""
        return await self._send(study_calls.answer(quiz_id, question, chosen))

    async def finish_quiz(
        self, quiz_id: Id, answers: Mapping[UUID, int], *, elapsed_ms: int | None = None
    ) -> Finished:
        """Hands a quiz in, with the answers that were not sent by `answer`."""
        return await self._send(study_calls.finish(quiz_id, answers, elapsed_ms))

    async def attempt(self, quiz_id: Id) -> Attempt:
        """A quiz with its questions as they were, and what was answered."""
        return await self._send(study_calls.attempt(quiz_id))

    async def progress(self, course_id: CourseId) -> Progress:
        """How far I am in a course."""
        return await self._send(study_calls.progress(course_id))

    async def complete(self, course_id: CourseId, chapter: int) -> Progress:
        """Marks a chapter as completed."""
        return await self._send(study_calls.complete(course_id, chapter, completed=True))

    async def reopen(self, course_id: CourseId, chapter: int) -> Progress:
        """Marks a chapter as not completed."""
        return await self._send(study_calls.complete(course_id, chapter, completed=False))

    async def read_on(
        self, course_id: CourseId, chapter: int, *, position: float = 0, at: datetime | None = None
    ) -> None:
        """Says where I am reading: 0 is the top of the chapter, 1 its end."""
        await self._send(study_calls.read_on(course_id, chapter, position, at))
