"""What one user may order: courses a day, courses at once, bytes of files, US dollars."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

from coursewright.course.base import Value
from coursewright.course.errors import LimitReached
from coursewright.database import usage
from coursewright.database.pool import Connection
from coursewright.database.usage import Usage

_SOON = 60
"""Seconds after which it is worth while to ask again for what ends by itself."""


class Allowance(Value):
    """The limits of one user; None is no limit. A day is one of UTC."""

    courses_a_day: int | None = None
    courses_at_once: int | None = None
    upload_bytes_a_day: int | None = None
    usd_a_day: Decimal | None = None

    async def claim(
        self,
        conn: Connection,
        *,
        now: datetime,
        courses: int = 0,
        upload_bytes: int = 0,
        going_on: UUID | None = None,
    ) -> None:
        """Counts an order, in the transaction that stores it and holds what it makes.

        It holds the user's row of the day, and comes before the user's turn is taken
        (`Progress.release`) everywhere: in two orders they would wait for each other. `going_on` is
        a course that is gone on with. Raises `LimitReached`; then nothing may be stored.
        """
        if self == Allowance():
            return
        now = now.astimezone(UTC)
        midnight = datetime.combine(now.date(), time(), UTC)
        used = await usage.count(
            conn,
            day=now.date(),
            since=midnight,
            courses=courses,
            upload_bytes=upload_bytes,
            going_on=going_on,
        )
        tomorrow = midnight + timedelta(days=1) - now
        self.check(used, seconds_left=max(1, round(tomorrow.total_seconds())))

    def check(self, used: Usage, *, seconds_left: int) -> None:
        """`used`: the order included; `seconds_left`: of the day. Raises `LimitReached`."""
        later = "Try again tomorrow (the day begins at 0:00 UTC)"
        raising = "whoever runs the service can raise"
        if self.courses_a_day is not None and used.courses > self.courses_a_day:
            raise LimitReached(
                f"only {self.courses_a_day} courses a day can be ordered",
                hint=f"{later}; {raising} COURSEWRIGHT_COURSES_A_DAY.",
                retry_after=seconds_left,
            )
        if self.courses_at_once is not None and used.at_once > self.courses_at_once:
            raise LimitReached(
                f"only {self.courses_at_once} courses are made at once",
                hint="Wait until one of yours is complete, or cancel one;"
                f" {raising} COURSEWRIGHT_COURSES_AT_ONCE.",
                retry_after=_SOON,
            )
        if self.upload_bytes_a_day is not None and used.upload_bytes > self.upload_bytes_a_day:
            raise LimitReached(
                f"only {self.upload_bytes_a_day / 1e6:,.0f} MB of files a day are taken",
                hint=f"{later}, or send less; {raising} COURSEWRIGHT_UPLOAD_MB_A_DAY.",
                retry_after=seconds_left,
            )
        if self.usd_a_day is not None and used.cost_usd >= self.usd_a_day:
            raise LimitReached(
                f"today's model calls have cost ${used.cost_usd:,.2f}"
                f" of the ${self.usd_a_day:,.2f} that a day may cost",
                hint=f"{later}; {raising} COURSEWRIGHT_USD_A_DAY.",
                retry_after=seconds_left,
            )
