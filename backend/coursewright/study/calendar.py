"""A person's days: where they begin, and how many of them in a row were used."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from coursewright.course.base import Value
from coursewright.course.errors import BadRequest

_DAY = timedelta(days=1)


class Calendar:
    """Days of a time zone that begin in the night, so that late study counts as today."""

    def __init__(self, time_zone: str, day_starts_at: int) -> None:
        """`time_zone` is a name of the IANA database, `day_starts_at` an hour.

        Raises:
            BadRequest: there is no such time zone.
        """
        if time_zone not in _known():
            raise BadRequest(
                f"there is no time zone {time_zone[:80]!r}",
                hint="Give a name of the IANA database, such as Europe/Berlin or UTC.",
            )
        self._zone = ZoneInfo(time_zone)
        self._starts_at = day_starts_at

    def day_of(self, at: datetime) -> date:
        """The day that a moment belongs to."""
        local = at.astimezone(self._zone).replace(tzinfo=None)
        return (local - timedelta(hours=self._starts_at)).date()

    def start_of(self, day: date) -> datetime:
        """When a day begins, in UTC."""
        local = datetime.combine(day, time(self._starts_at), tzinfo=self._zone)
        return local.astimezone(UTC)

    def end_of(self, day: date) -> datetime:
        """When a day ends, in UTC: with the beginning of the next."""
        return self.start_of(day + _DAY)

    def days_from(self, day: date, count: int) -> list[date]:
        """`count` days, of which `day` is the first."""
        return [day + _DAY * step for step in range(count)]


class Streak(Value):
    """Days in a row."""

    current: int
    """Up to today, or up to yesterday where nothing was done yet today."""
    longest: int
    studied_today: bool


def streak(days: Iterable[date], today: date) -> Streak:
    """How many days in a row were used. Days after `today` (a zone was changed) count as well."""
    used = sorted(set(days))
    longest = length = 0
    runs: dict[date, int] = {}
    for day in used:
        length = length + 1 if day - _DAY in runs else 1
        runs[day] = length
        longest = max(longest, length)
    last = used[-1] if used else None
    alive = last is not None and last >= today - _DAY
    return Streak(
        current=runs[last] if alive and last is not None else 0,
        longest=longest,
        studied_today=today in runs,
    )


@cache
def _known() -> frozenset[str]:
    return frozenset(available_timezones()) - {"localtime"}
