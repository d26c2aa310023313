"""Requests of one day: how many are left, and when the next day begins."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

PACIFIC = ZoneInfo("America/Los_Angeles")
"""Gemini counts days by Pacific time (ai.google.dev/gemini-api/docs/rate-limits)."""


def next_midnight(now: datetime, zone: ZoneInfo = PACIFIC) -> datetime:
    """When the day ends there; also on the days that have 23 or 25 hours."""
    local = now.astimezone(zone)
    tomorrow = (local + timedelta(days=1)).date()
    return datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=zone)


@dataclass(eq=False)
class DayBudget:
    """What a limit by the day still allows. `limit` is None as long as nobody has stated one."""

    limit: int | None
    resets_at: float
    """Seconds on the scheduler's clock."""
    used: int = 0
    guessed: bool = False
    """Nobody has stated the limit: it is what was spent when the provider closed the day, and says
    nothing of the next one."""

    def left(self, now: float) -> int | None:
        """How many are left today; None when that is not known."""
        if now >= self.resets_at:
            return None if self.guessed else self.limit
        return None if self.limit is None else max(0, self.limit - self.used)

    def spend(self, now: float, *, resets_at: float) -> None:
        """One request more. `resets_at` is the end of the day in which `now` lies."""
        if now >= self.resets_at:
            self.used, self.resets_at = 0, resets_at
            if self.guessed:
                self.limit, self.guessed = None, False
        self.used += 1

    def give_back(self) -> None:
        """The request was never sent."""
        self.used = max(0, self.used - 1)

    def state(self, limit: int, used: int, now: float, *, resets_at: float) -> None:
        """The provider says what the limit is, and how much of it is spent by whomever."""
        if now >= self.resets_at:
            self.used, self.resets_at = 0, resets_at
        self.limit, self.guessed = limit, False
        self.used = max(self.used, used)

    def exhaust(self, *, until: float) -> None:
        """The provider says that the day is spent: by others, too, so that what was counted here
        is no limit for the days to come.
        """
        if self.limit is None:
            self.limit, self.guessed = self.used, True
        self.used = max(self.used, self.limit)
        self.resets_at = until
