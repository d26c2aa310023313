"""What a user has ordered and spent today, and what is under way for them."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from coursewright.course.base import Value
from coursewright.database.pool import Connection


class Usage(Value):
    """What counts against a user's limits."""

    courses: int
    """Ordered today, deleted ones included."""
    at_once: int
    """Being made at this moment."""
    upload_bytes: int
    """Of files sent in today."""
    cost_usd: Decimal
    """Of today's model calls, by the ledger."""


async def count(
    conn: Connection,
    *,
    day: date,
    since: datetime,
    courses: int = 0,
    upload_bytes: int = 0,
    going_on: UUID | None = None,
) -> Usage:
    """Adds an order to the day of the signed-in user, and says what the day comes to with it.

    `going_on` is a course that counts as being made, whether it is yet or not.

    The user's row of the day is held until the transaction ends, so that of two orders at once
    the second sees the first. Rolled back, nothing was counted.
    """
    rows = await conn.execute(
        """
        insert into coursewright_meta.user_usage as usage (user_id, day, courses, upload_bytes)
        values (auth.uid(), %s, %s, %s)
        on conflict (user_id, day) do update
        set courses = usage.courses + excluded.courses,
            upload_bytes = usage.upload_bytes + excluded.upload_bytes
        returning courses, upload_bytes
        """,
        (day, courses, upload_bytes),
    )
    counted = await rows.fetchone() or {}
    # Statements of their own, so that they see what was committed while the row was waited for.
    rows = await conn.execute(
        "select count(*) as at_once from public.courses"
        " where user_id = auth.uid() and (status = 'generating' or id = %s)",
        (going_on,),
    )
    under_way = await rows.fetchone() or {}
    rows = await conn.execute(
        "select coalesce(sum(cost_usd), 0) as cost_usd from public.model_calls"
        " where user_id = auth.uid() and created_at >= %s",
        (since,),
    )
    spent = await rows.fetchone() or {}
    return Usage.model_validate({**counted, **under_way, **spent})
