"""What follows from answers to a quiz, within one transaction: scores, time, cards."""

from datetime import timedelta
from uuid import UUID, uuid5

from coursewright.course.memory import Rating
from coursewright.database import quiz_attempts, review_cards
from coursewright.database.quiz_attempts import Attempt
from coursewright.database.review_log import Origin
from coursewright.database.study_days import Done
from coursewright.study import deck
from coursewright.study.deck import Review
from coursewright.study.requests import Request, counted
from coursewright.study.scoring import Answer, Scored

_LONGEST_MS = 5 * 60 * 1000
"""What one question counts for in the time studied, where nobody says how long it took."""


def answers_of(attempt: Attempt) -> list[Answer]:
    """What was answered so far, question by question, each try in its order."""
    return [
        Answer(item=each.item, chosen=chosen) for each in attempt.answers for chosen in each.chosen
    ]


def passed(request: Request, attempt: Attempt) -> int:
    """Milliseconds since it began; less than nothing where the clock was set back."""
    return (request.now - attempt.started_at) // timedelta(milliseconds=1)


async def add(request: Request, attempt: Attempt, scored: Scored) -> None:
    """Stores one more answer; when every question has one, the attempt is finished."""
    if all(each.chosen for each in scored.tried):
        longest = len(attempt.items) * _LONGEST_MS
        await finish(request, attempt, scored, counted(min(passed(request, attempt), longest)))
        return
    await quiz_attempts.put_answers(
        request.conn, attempt.id, answers=scored.tried, score=scored.score
    )
    await _count(request, attempt)


async def finish(request: Request, attempt: Attempt, scored: Scored, milliseconds: int) -> None:
    """Stores how it went, and the time that it took."""
    await quiz_attempts.finish(
        request.conn,
        attempt.id,
        answers=scored.tried,
        score=scored.score,
        milliseconds=milliseconds,
        at=request.now,
    )
    await _count(request, attempt, milliseconds)


async def miss(request: Request, attempt_id: UUID, item_id: UUID) -> bool:
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


async def _count(request: Request, attempt: Attempt, milliseconds: int = 0) -> None:
    """One that is answered bit by bit is counted on the day of its first answer."""
    begins = not any(each.chosen for each in attempt.answers)
    await request.note(request.today, Done(quizzes=int(begins), milliseconds=milliseconds))
