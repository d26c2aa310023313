"""The ledger of model calls: what was asked of whom, what it took, what came of it."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import structlog
from psycopg import errors, sql

from coursewright.course.base import Value
from coursewright.database.pool import Connection, Database
from coursewright.providers.ledger import Entry, Write

log = structlog.get_logger()

_COLUMNS = tuple(Entry.model_fields)


class Spent(Value):
    """What calls took together."""

    calls: int = 0
    """Attempts, refused and lost ones included."""
    answered: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost_usd: Decimal = Decimal(0)


class SpentOn(Spent):
    """What calls of one kind took together."""

    name: str
    """The course's title, the model, the service or the day: what was grouped by."""
    course_id: UUID | None = None
    last: datetime


def writer(database: Database) -> Write:
    """Writes entries, each in the name of its user. A course that is gone is left out of them."""
    statement = sql.SQL("insert into model_calls ({}) values ({})").format(
        sql.SQL(", ").join(map(sql.Identifier, _COLUMNS)),
        sql.SQL(", ").join(
            sql.SQL("(select id from courses where id = %(course_id)s)")
            if name == "course_id"
            else sql.Placeholder(name)
            for name in _COLUMNS
        ),
    )

    async def write(entries: Sequence[Entry]) -> None:
        for user_id in dict.fromkeys(entry.user_id for entry in entries):
            rows = [each.model_dump() for each in entries if each.user_id == user_id]
            try:
                async with database.as_service(user_id) as conn, conn.cursor() as cursor:
                    await cursor.executemany(statement, rows)
            except errors.ForeignKeyViolation:
                # Deleted with everything while calls were under way: the others' entries go on.
                log.info("calls of a user who is gone are not in the ledger", calls=len(rows))

    return write


_SUMS = """count(*) as calls, count(*) filter (where outcome = 'ok') as answered,
    coalesce(sum(tokens_in), 0) as tokens_in, coalesce(sum(tokens_out), 0) as tokens_out,
    coalesce(sum(cost_usd), 0) as cost_usd"""


async def of_course(conn: Connection, course_id: UUID) -> Spent:
    """What a course took so far."""
    rows = await conn.execute(
        sql.SQL("select {} from model_calls where course_id = %s").format(sql.SQL(_SUMS)),  # pyright: ignore[reportArgumentType] - a constant of ours
        (course_id,),
    )
    row = await rows.fetchone()
    return Spent.model_validate(row) if row else Spent()


_GROUPS = {
    "course": "coalesce(c.title, '(deleted, or no course)')",
    "model": "m.provider || ':' || m.model",
    "service": "m.service",
    "day": "to_char(m.created_at at time zone 'UTC', 'YYYY-MM-DD')",
    "outcome": "m.outcome",
    "key": "m.provider || ' ' || m.key_fingerprint",
}
GROUPS = tuple(_GROUPS)


async def totals(
    conn: Connection, *, by: str, since: datetime | None = None, course_id: UUID | None = None
) -> list[SpentOn]:
    """What the user's calls took, the dearest first; `by` is one of `GROUPS`."""
    course = "m.course_id" if by == "course" else "null::uuid"
    rows = await conn.execute(
        sql.SQL(
            "select {name} as name, {course} as course_id, max(m.created_at) as last, {sums}"
            " from model_calls m left join courses c on c.id = m.course_id"
            " where (%(since)s::timestamptz is null or m.created_at >= %(since)s)"
            " and (%(course)s::uuid is null or m.course_id = %(course)s)"
            " group by 1, 2 order by cost_usd desc, calls desc, name"
        ).format(
            name=sql.SQL(_GROUPS[by]),  # pyright: ignore[reportArgumentType] - a constant of ours
            course=sql.SQL(course),
            sums=sql.SQL(_SUMS.replace("created_at", "m.created_at")),  # pyright: ignore[reportArgumentType] - a constant of ours
        ),
        {"since": since, "course": course_id},
    )
    return [SpentOn.model_validate(row) for row in await rows.fetchall()]
