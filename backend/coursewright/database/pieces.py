"""The pieces of a course: what is to be made, in which state it is, what it took.

This table is the truth; the queue only delivers. A job carries the generation of the piece that it
was queued for, and an attempt its number: a job or an attempt that was overtaken changes nothing.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from psycopg import sql
from psycopg.types.json import Jsonb
from pydantic import BeforeValidator

from coursewright.course.base import Value
from coursewright.course.pieces import PieceKind, PiecePlan, PieceState
from coursewright.course.review.verdict import Rejection
from coursewright.database.pool import Connection
from coursewright.database.values import columns_of


def _as_tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value  # pyright: ignore[reportUnknownVariableType,reportUnknownArgumentType] - pydantic checks the items


class Piece(Value):
    """A row of `course_pieces`."""

    course_id: UUID
    key: str
    kind: PieceKind
    number: int | None
    variant: str | None
    position: int
    needs: Annotated[tuple[str, ...], BeforeValidator(_as_tuple)]
    state: PieceState
    attempts: int
    generation: int
    reason: str | None
    hint: str | None
    author: str | None
    model: str | None
    prompt_version: str | None
    tokens_in: int
    tokens_out: int
    cost_usd: Decimal
    wanted: int | None
    """How many items were asked for; None where that has no meaning."""
    items: int | None
    """How many items were published."""
    rejected: Annotated[tuple[Rejection, ...], BeforeValidator(_as_tuple)]
    instruction: str | None
    version: int
    """Grows with every change of what the piece holds; 0 before it is made."""
    edited: bool
    """Whether a person has changed it since it was made."""
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def seconds(self) -> float | None:
        """How long the last attempt took; None before it has ended."""
        if self.started_at is None or self.finished_at is None:
            return None
        return (self.finished_at - self.started_at).total_seconds()


class Stand(PiecePlan):
    """How a piece stands: what it takes to move its course on, without what was recorded of it."""

    needs: Annotated[tuple[str, ...], BeforeValidator(_as_tuple)] = ()
    state: PieceState
    reason: str | None


class Outcome(Value):
    """What is recorded of a piece that was made."""

    author: str
    model: str | None = None
    prompt_version: str | None = None
    tokens_in: int = 0
    tokens_out: int = 0
    cost_usd: Decimal = Decimal(0)
    wanted: int | None = None
    items: int
    rejected: tuple[Rejection, ...] = ()


_COLUMNS = columns_of(Piece)


async def insert(conn: Connection, course_id: UUID, plans: Sequence[PiecePlan]) -> None:
    """Adds the pieces that are not there yet, waiting, in the order given."""
    async with conn.cursor() as cursor:
        await cursor.executemany(
            """
            insert into course_pieces (course_id, key, kind, number, variant, position, needs)
            values (%s, %s, %s, %s, %s,
                    (select count(*) from course_pieces where course_id = %s), %s)
            on conflict (course_id, key) do update
            set needs = excluded.needs
            """,
            [
                (
                    course_id,
                    plan.key,
                    str(plan.kind),
                    plan.number,
                    plan.variant,
                    course_id,
                    list(plan.needs),
                )
                for plan in plans
            ],
        )


async def list_all(conn: Connection, course_id: UUID) -> list[Piece]:
    """All pieces of a course, in reading order."""
    rows = await conn.execute(
        sql.SQL("select {} from course_pieces where course_id = %s order by position, key").format(
            _COLUMNS
        ),
        (course_id,),
    )
    return [Piece.model_validate(row) for row in await rows.fetchall()]


async def list_stands(conn: Connection, course_id: UUID) -> list[Stand]:
    """How all pieces of a course stand, in reading order."""
    rows = await conn.execute(
        "select key, kind, number, variant, needs, state, reason from course_pieces"
        " where course_id = %s order by position, key",
        (course_id,),
    )
    return [Stand.model_validate(row) for row in await rows.fetchall()]


async def begin(
    conn: Connection, course_id: UUID, key: str, *, generation: int, now: datetime
) -> Piece | None:
    """Takes a piece for one attempt. None when it is made, cancelled, gone, or ordered anew since.

    A piece that is `running` is taken again: its job comes back only when its worker has died.
    """
    rows = await conn.execute(
        sql.SQL(
            """
        update course_pieces
        set state = 'running', attempts = attempts + 1, started_at = %s, finished_at = null,
            reason = null, hint = null
        where course_id = %s and key = %s and generation = %s and state in ('ready', 'running')
        returning {}
        """
        ).format(_COLUMNS),
        (now, course_id, key, generation),
    )
    row = await rows.fetchone()
    return None if row is None else Piece.model_validate(row)


async def is_current(conn: Connection, piece: Piece) -> bool:
    """Whether this attempt is still the one that counts."""
    rows = await conn.execute(
        """
        select 1 from course_pieces
        where course_id = %s and key = %s and attempts = %s and state = 'running'
        """,
        (piece.course_id, piece.key, piece.attempts),
    )
    return await rows.fetchone() is not None


async def finish(conn: Connection, piece: Piece, outcome: Outcome, *, now: datetime) -> None:
    """Marks a piece as made."""
    values = outcome.model_dump(mode="python", exclude={"rejected"})
    assignments = sql.SQL(", ").join(
        sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder(name)) for name in values
    )
    await conn.execute(
        sql.SQL(
            """
        update course_pieces
        set state = 'done', finished_at = %(now)s, rejected = %(rejected)s,
            version = version + 1, edited = false, {}
        where course_id = %(course_id)s and key = %(key)s
        """
        ).format(assignments),
        {
            **values,
            "rejected": Jsonb([item.model_dump(mode="json") for item in outcome.rejected]),
            "now": now,
            "course_id": piece.course_id,
            "key": piece.key,
        },
    )


async def fail(
    conn: Connection, course_id: UUID, key: str, *, reason: str, hint: str, now: datetime
) -> None:
    """Marks a piece as failed, with the reason and a way out."""
    await conn.execute(
        """
        update course_pieces set state = 'failed', reason = %s, hint = %s, finished_at = %s
        where course_id = %s and key = %s
        """,
        (reason, hint, now, course_id, key),
    )


async def make_ready(conn: Connection, course_id: UUID, key: str) -> int:
    """Marks a waiting piece as ready, and returns the generation that its job must carry."""
    rows = await conn.execute(
        """
        update course_pieces set state = 'ready', generation = generation + 1
        where course_id = %s and key = %s returning generation
        """,
        (course_id, key),
    )
    row = await rows.fetchone()
    return 0 if row is None else int(row["generation"])


async def reopen(
    conn: Connection, course_id: UUID, keys: Iterable[str], *, instruction: str | None = None
) -> None:
    """Puts pieces back to waiting, so that they are made (again)."""
    await conn.execute(
        """
        update course_pieces
        set state = 'waiting', reason = null, hint = null, started_at = null, finished_at = null,
            instruction = coalesce(%s, instruction)
        where course_id = %s and key = any(%s)
        """,
        (instruction, course_id, list(keys)),
    )


async def hold(conn: Connection, course_id: UUID, keys: Iterable[str]) -> None:
    """Keeps pieces back until a person says to go on."""
    await conn.execute(
        """
        update course_pieces
        set state = 'held', reason = null, hint = null, started_at = null, finished_at = null
        where course_id = %s and key = any(%s)
        """,
        (course_id, list(keys)),
    )


async def put_edit(
    conn: Connection, course_id: UUID, key: str, *, items: int, edited: bool, now: datetime
) -> int:
    """Notes that what a piece holds was changed by hand: it is there now, whatever it was before.
    Returns its new version.
    """
    rows = await conn.execute(
        """
        update course_pieces
        set state = 'done', reason = null, hint = null, items = %s, edited = %s,
            finished_at = coalesce(finished_at, %s), version = version + 1
        where course_id = %s and key = %s returning version
        """,
        (items, edited, now, course_id, key),
    )
    row = await rows.fetchone()
    return 0 if row is None else int(row["version"])


async def cancel_open(conn: Connection, course_id: UUID, *, now: datetime) -> int:
    """Cancels whatever is not settled; returns how many pieces that were."""
    result = await conn.execute(
        """
        update course_pieces
        set state = 'cancelled', finished_at = %s, reason = 'it was cancelled'
        where course_id = %s and state in ('waiting', 'ready', 'running')
        """,
        (now, course_id),
    )
    return result.rowcount


async def remove_except(conn: Connection, course_id: UUID, keys: Iterable[str]) -> None:
    """Drops the pieces that a new outline has no place for."""
    await conn.execute(
        "delete from course_pieces where course_id = %s and key <> all(%s)",
        (course_id, list(keys)),
    )
