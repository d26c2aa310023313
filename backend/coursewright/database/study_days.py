"""What was done on which day."""

from datetime import date
from uuid import UUID

from coursewright.course.base import Value
from coursewright.database.pool import Connection

_TURN = 0x57D4
"""Sets these locks apart from those of others."""


class Done(Value):
    """What is added to a day; less than nothing takes it back."""

    reviews: int = 0
    chapters: int = 0
    quizzes: int = 0
    games: int = 0
    milliseconds: int = 0


class StudyTime(Value):
    """How long was studied, in seconds."""

    today: int
    last_7_days: int
    ever: int


async def wait_for_turn(conn: Connection) -> None:
    """Waits until no other transaction of the signed-in user writes what they study, and keeps
    those that come later waiting until this one ends.
    """
    await conn.execute("select pg_advisory_xact_lock(%s, hashtext(auth.uid()::text))", (_TURN,))


async def add(conn: Connection, user_id: UUID, day: date, done: Done) -> None:
    """Adds to a day, or takes away; no count falls below 0."""
    await conn.execute(
        """
        insert into study_days as d (user_id, day, reviews, chapters, quizzes, games, milliseconds)
        values (%(user)s, %(day)s, greatest(0, %(reviews)s), greatest(0, %(chapters)s),
          greatest(0, %(quizzes)s), greatest(0, %(games)s), greatest(0, %(milliseconds)s))
        on conflict (user_id, day) do update
        set reviews = greatest(0, d.reviews + %(reviews)s),
            chapters = greatest(0, d.chapters + %(chapters)s),
            quizzes = greatest(0, d.quizzes + %(quizzes)s),
            games = greatest(0, d.games + %(games)s),
            milliseconds = greatest(0, d.milliseconds + %(milliseconds)s)
        """,
        {"user": user_id, "day": day, **done.model_dump()},
    )


async def used(conn: Connection) -> list[date]:
    """The days on which the signed-in user has finished something. Reading alone is not counted."""
    rows = await conn.execute(
        "select day from study_days where reviews + chapters + quizzes + games > 0 order by day"
    )
    return [row["day"] for row in await rows.fetchall()]


async def time_spent(conn: Connection, today: date, since: date) -> StudyTime:
    """Seconds of study today, in the days from `since` to today, and ever."""
    rows = await conn.execute(
        """
        select
          coalesce(sum(milliseconds) filter (where day = %(today)s), 0) / 1000 as today,
          coalesce(sum(milliseconds) filter (where day between %(since)s and %(today)s), 0) / 1000
            as last_7_days,
          coalesce(sum(milliseconds), 0) / 1000 as ever
        from study_days
        """,
        {"today": today, "since": since},
    )
    row = await rows.fetchone()
    if row is None:  # an aggregate always has a row
        raise AssertionError
    return StudyTime(**{name: int(value) for name, value in row.items()})
