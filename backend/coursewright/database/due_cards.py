"""The queue: cards of all courses that can be reviewed, with all that one needs to review them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from coursewright.course.base import Value
from coursewright.course.memory import CardKind, CardState, Memory
from coursewright.database.pool import Connection

# A question is a card once a quiz has made one of it; a flashcard always is. The arrays say again
# what the policies say, in a form for which indexes serve: the cards of others are not even read.
_CARDS: LiteralString = """
    with mine as materialized (
      select id from courses where %(course)s::uuid is null or id = %(course)s
    ), card as (
      select f.id, f.course_id, f.chapter_id, f.position, 'flashcard' as kind, f.front, f.back,
        null::jsonb as options, null::integer as key, '' as explanation
      from course_flashcards f where f.course_id = any(array(select id from mine))
      union all
      select q.id, q.course_id, q.chapter_id, q.position, 'mcq', q.question, q.correct_answer,
        q.options, q.correct_index, q.explanation
      from course_mcqs q
      where q.id = any(array(
        select item_id from review_cards where kind = 'mcq' and course_id in (select id from mine)
      ))
    )
    """
_JOINED: LiteralString = """
    from card
    left join review_cards r on r.item_id = card.id
    join courses c on c.id = card.course_id
    join course_chapters chapter on chapter.id = card.chapter_id
    where true
    """
_SELECT: LiteralString = """
    select card.id, card.course_id, c.title as course_title,
      chapter.chapter_number as chapter, card.kind, card.front, card.back, card.options, card.key,
      card.explanation, coalesce(r.state, 0) as state, r.step, r.stability, r.difficulty, r.due,
      r.last_review, coalesce(r.reviews, 0) as reviews, coalesce(r.lapses, 0) as lapses,
      r.missed_at, r.suspended_at
    """
_LEARNING: LiteralString = " and r.suspended_at is null and r.state in (1, 3)"
_REVIEW: LiteralString = " and r.suspended_at is null and r.state = 2 and r.due < %(day_end)s"
_NEW: LiteralString = " and r.suspended_at is null and coalesce(r.state, 0) = 0"


class Card(Value):
    """A card with what stands on it and what is remembered of it."""

    id: UUID
    course_id: UUID
    course_title: str
    chapter: int
    kind: CardKind
    front: str
    back: str
    """The back of a flashcard; the right option of a question."""
    options: tuple[str, ...] | None
    key: int | None
    """The index of the right option, from 0."""
    explanation: str
    memory: Memory
    reviews: int
    lapses: int
    missed_at: datetime | None
    suspended_at: datetime | None


class Waiting(Value):
    """How many cards wait, without regard to daily limits."""

    learning: int
    """Whose next step has come."""
    review: int
    new: int
    next_learning: datetime | None
    """When the next step of a card in learning comes that is not due yet."""


class Window(Value):
    """What is asked for."""

    now: datetime
    day_end: datetime
    """Cards in review are due on their day, not at their minute."""
    course_id: UUID | None = None


async def waiting(conn: Connection, window: Window) -> Waiting:
    """Counts what can be reviewed."""
    rows = await conn.execute(
        _CARDS
        + """
        select
          count(*) filter (where r.state in (1, 3) and r.due <= %(now)s) as learning,
          count(*) filter (where r.state = 2 and r.due < %(day_end)s) as review,
          count(*) filter (where coalesce(r.state, 0) = 0) as new,
          min(r.due) filter (where r.state in (1, 3) and r.due > %(now)s) as next_learning
        """
        + _JOINED
        + " and r.suspended_at is null",
        _parameters(window),
    )
    row = await rows.fetchone()
    if row is None:  # an aggregate always has a row
        raise AssertionError
    return Waiting.model_validate(row)


async def learning(conn: Connection, window: Window, limit: int) -> list[Card]:
    """Cards in learning steps that are due now, by when they fell due."""
    return await _cards(
        conn, _LEARNING + " and r.due <= %(now)s order by r.due, card.id", window, limit
    )


async def review(conn: Connection, window: Window, limit: int) -> list[Card]:
    """Cards in review that are due today, by when they fell due."""
    return await _cards(conn, _REVIEW + " order by r.due, card.id", window, limit)


async def new(conn: Connection, window: Window, limit: int) -> list[Card]:
    """New cards: first what a quiz has found missing, then course by course as it is written."""
    order: LiteralString = """
        order by r.missed_at nulls last, c.created_at, c.id, chapter.chapter_number, card.position,
          card.id
        """
    return await _cards(conn, _NEW + order, window, limit)


async def get(conn: Connection, card_id: UUID) -> Card | None:
    """The card of a flashcard, or of a question that a quiz has made a card of."""
    rows = await conn.execute(
        _CARDS + _SELECT + _JOINED + " and card.id = %(card)s", {"course": None, "card": card_id}
    )
    row = await rows.fetchone()
    return None if row is None else _card(row)


async def list_all(
    conn: Connection, *, course_id: UUID | None, suspended: bool | None, limit: int, offset: int
) -> list[Card]:
    """Cards, by course and chapter; `suspended` picks those that are, or those that are not."""
    where: LiteralString = """
        and (%(suspended)s::boolean is null or (r.suspended_at is not null) = %(suspended)s)
        order by c.created_at, c.id, chapter.chapter_number, card.kind, card.position, card.id
        limit %(limit)s offset %(offset)s
        """
    rows = await conn.execute(
        _CARDS + _SELECT + _JOINED + where,
        {"course": course_id, "suspended": suspended, "limit": limit, "offset": offset},
    )
    return [_card(row) for row in await rows.fetchall()]


async def forecast(conn: Connection, ends: Sequence[datetime]) -> list[int]:
    """How many cards fall due before each of `ends` and not before the one in front of it.

    What is overdue counts for the first. New cards are not in it.
    """
    rows = await conn.execute(
        _CARDS
        + """
        select width_bucket(r.due, %(ends)s::timestamptz[]) as bucket, count(*) as n
        """
        + _JOINED
        + " and r.suspended_at is null and r.due < %(last)s group by bucket",
        {"course": None, "ends": list(ends), "last": ends[-1]},
    )
    found = {row["bucket"]: row["n"] for row in await rows.fetchall()}
    return [found.get(bucket, 0) for bucket in range(len(ends))]


async def _cards(conn: Connection, where: LiteralString, window: Window, limit: int) -> list[Card]:
    if limit == 0:
        return []
    rows = await conn.execute(
        _CARDS + _SELECT + _JOINED + where + " limit %(limit)s",
        {**_parameters(window), "limit": limit},
    )
    return [_card(row) for row in await rows.fetchall()]


def _parameters(window: Window) -> dict[str, Any]:
    return {"now": window.now, "day_end": window.day_end, "course": window.course_id}


def _card(row: dict[str, Any]) -> Card:
    memory = Memory(
        state=CardState(row.pop("state")),
        **{name: row.pop(name) for name in Memory.model_fields if name in row},
    )
    return Card(memory=memory, **row)
