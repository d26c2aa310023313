"""The log of reviews: every one as it came, also those that were taken back."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from psycopg import sql

from coursewright.course.base import Value
from coursewright.course.memory import CardState, Rating
from coursewright.database.pool import Connection
from coursewright.database.values import columns_of


class Origin(StrEnum):
    """Where a review came from."""

    REVIEW = "review"
    QUIZ = "quiz"
    """A question that had been learned was missed in a quiz: again."""


class LoggedReview(Value):
    """A row of `review_log`."""

    id: UUID
    item_id: UUID
    course_id: UUID
    rating: Rating
    reviewed_at: datetime
    elapsed_ms: int | None
    origin: Origin
    state_before: CardState
    day: date
    undone_at: datetime | None


class Today(Value):
    """Cards that were reviewed on a day."""

    reviewed: int
    """That were in review before."""
    begun: int
    """That were new before."""


_COLUMNS = columns_of(LoggedReview)


async def add(conn: Connection, user_id: UUID, review: LoggedReview) -> bool:
    """Adds a review. False when there is one with that id already."""
    result = await conn.execute(
        """
        insert into review_log (user_id, id, item_id, course_id, rating, reviewed_at, elapsed_ms,
          origin, state_before, day)
        values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
        on conflict (user_id, id) do nothing
        """,
        (
            user_id,
            review.id,
            review.item_id,
            review.course_id,
            int(review.rating),
            review.reviewed_at,
            review.elapsed_ms,
            str(review.origin),
            int(review.state_before),
            review.day,
        ),
    )
    return result.rowcount == 1


async def get(conn: Connection, review_id: UUID) -> LoggedReview | None:
    """The signed-in user's review with that id."""
    rows = await conn.execute(
        sql.SQL("select {} from review_log where id = %s").format(_COLUMNS), (review_id,)
    )
    row = await rows.fetchone()
    return None if row is None else LoggedReview.model_validate(row)


async def of_card(conn: Connection, item_id: UUID) -> list[LoggedReview]:
    """The reviews of a card that count, in the order in which they happened."""
    query = sql.SQL(
        "select {} from review_log where item_id = %s and undone_at is null"
        " order by reviewed_at, id"
    ).format(_COLUMNS)
    rows = await conn.execute(query, (item_id,))
    return [LoggedReview.model_validate(row) for row in await rows.fetchall()]


async def count_of_card(conn: Connection, item_id: UUID) -> int:
    """All reviews of a card, also those that were taken back."""
    rows = await conn.execute("select count(*) as n from review_log where item_id = %s", (item_id,))
    row = await rows.fetchone()
    return 0 if row is None else row["n"]


async def latest(
    conn: Connection, *, limit: int, before: datetime | None = None
) -> list[LoggedReview]:
    """The reviews of the signed-in user, the latest first."""
    query = sql.SQL(
        """
        select {} from review_log
        where %(before)s::timestamptz is null or reviewed_at < %(before)s
        order by reviewed_at desc, id limit %(limit)s
        """
    ).format(_COLUMNS)
    rows = await conn.execute(query, {"before": before, "limit": limit})
    return [LoggedReview.model_validate(row) for row in await rows.fetchall()]


async def set_states(conn: Connection, states: Mapping[UUID, CardState]) -> None:
    """Stores what a card was before reviews, where an earlier review has come in between."""
    async with conn.cursor() as cursor:
        await cursor.executemany(
            "update review_log set state_before = %s where id = %s",
            [(int(state), review_id) for review_id, state in states.items()],
        )


async def undo(conn: Connection, review_id: UUID, at: datetime) -> None:
    """Marks a review as taken back. It stays in the log, and its id stays taken."""
    await conn.execute("update review_log set undone_at = %s where id = %s", (at, review_id))


async def today(conn: Connection, day: date) -> Today:
    """How many cards of each kind were reviewed on a day."""
    rows = await conn.execute(
        """
        select
          count(distinct item_id) filter (where state_before = %(review)s) as reviewed,
          count(distinct item_id) filter (where state_before = %(new)s) as begun
        from review_log where day = %(day)s and undone_at is null and origin = 'review'
        """,
        {"review": int(CardState.REVIEW), "new": int(CardState.NEW), "day": day},
    )
    row = await rows.fetchone()
    return Today(reviewed=0, begun=0) if row is None else Today.model_validate(row)


def same(one: LoggedReview, *, item_id: UUID, rating: Rating, at: datetime | None) -> bool:
    """Whether a review that comes again under its id says what it said the first time."""
    return (one.item_id, one.rating) == (item_id, rating) and at in {None, one.reviewed_at}


def states_changed(
    reviews: Sequence[LoggedReview], states: Sequence[CardState]
) -> dict[UUID, CardState]:
    """Which of the reviews were logged with another state before them than the one in `states`."""
    return {
        review.id: state
        for review, state in zip(reviews, states, strict=True)
        if review.state_before is not state
    }
