"""Quizzes: begin, answer, be scored; what was missed becomes a card."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from uuid import UUID

from coursewright.course.base import Value
from coursewright.course.errors import BadRequest, Conflict, NotFound
from coursewright.database import quiz_attempts
from coursewright.database.quiz_attempts import Attempt, AttemptSummary, Best, Tried
from coursewright.study import marking
from coursewright.study.requests import Request, Requests, counted
from coursewright.study.scoring import Answer, score

_STALE = timedelta(days=30)
"""An attempt at which nothing was answered by then will not be."""
_MOST_TRIES = 50
"""At one question of one attempt."""


class Finished(Value):
    """An attempt that is done."""

    attempt: Attempt
    new_cards: tuple[UUID, ...]
    """Questions that became cards by it: missed, and no cards before."""


class Marked(Value):
    """One answer, marked."""

    attempt: Attempt
    """With all answers so far; it is finished once every question has one."""
    tried: Tried
    """What was answered to this question."""
    recorded: bool
    """False for what was known already, or came after the end."""
    new_card: bool
    """Whether the question has become a card by it."""


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
            answers: every try, in order, that was not sent by itself (`answer`). Questions that are
                left out were left open.
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
            if attempt.finished_at is not None:
                return _again(attempt, score(attempt.items, answers).tried)
            before = marking.answers_of(attempt)
            scored = score(attempt.items, [*before, *answers])
            known = score(attempt.items, before).missed
            passed = marking.passed(request, attempt)
            milliseconds = counted(passed if elapsed_ms is None else min(elapsed_ms, passed))
            await marking.finish(request, attempt, scored, milliseconds)
            missed = [
                item
                for item in scored.missed
                if item not in known and await marking.miss(request, attempt_id, item)
            ]
            return Finished(attempt=await _attempt(request, attempt_id), new_cards=tuple(missed))

    async def answer(self, user_id: UUID, attempt_id: UUID, answer: Answer) -> Marked:
        """Marks and records one answer. With the last question's first one the attempt is finished.

        The same answer twice in a row is one. What comes after the end is marked, not recorded.

        Raises:
            NotFound: there is no such attempt.
            BadRequest: it is to a question or an option that was not offered, or it is none.
        """
        async with self._requests.writing(user_id) as request:
            attempt = await quiz_attempts.get(request.conn, attempt_id)
            if attempt is None:
                raise _no_attempt(attempt_id)
            if answer.chosen is None:
                raise BadRequest(
                    "no option was chosen", hint="Give `chosen`: the index of an option, from 0."
                )
            before = marking.answers_of(attempt)
            had = [each.chosen for each in before if each.item == answer.item]
            again = had[-1:] == [answer.chosen]
            scored = score(attempt.items, before if again else [*before, answer])
            recorded = attempt.finished_at is None and not again
            if recorded and len(had) >= _MOST_TRIES:
                raise Conflict(
                    f"the question was answered {_MOST_TRIES} times", hint="Go on with the next."
                )
            if recorded:
                await marking.add(request, attempt, scored)
            missed = recorded and not had and answer.item in scored.missed
            return Marked(
                attempt=await _attempt(request, attempt_id),
                tried=next(each for each in scored.tried if each.item == answer.item),
                recorded=recorded,
                new_card=missed and await marking.miss(request, attempt_id, answer.item),
            )

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


def _again(attempt: Attempt, tried: tuple[Tried, ...]) -> Finished:
    if attempt.answers != tried:
        raise Conflict("the attempt was finished with other answers", hint="Begin another attempt.")
    return Finished(attempt=attempt, new_cards=())


def _no_attempt(attempt_id: UUID) -> NotFound:
    return NotFound(
        f"there is no attempt {attempt_id}",
        hint="Begin one: `POST /api/courses/{id}/quiz-attempts`.",
    )
