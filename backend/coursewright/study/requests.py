"""What every request for study begins with: one transaction of the person, and their calendar."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from coursewright.course.errors import BadRequest, NotFound
from coursewright.database import courses, progress, study_days, study_settings
from coursewright.database.pool import Connection, Database
from coursewright.database.study_days import Done
from coursewright.database.study_settings import StudySettings
from coursewright.study.calendar import Calendar

_SKEW = timedelta(minutes=5)
"""How far a client's clock may be ahead."""
_OLDEST = timedelta(days=3650)
_MOST_MS = 4 * 3600 * 1000
"""What one sitting counts for at most: a page that was left open is not studied."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """One transaction of a signed-in user."""

    conn: Connection
    user_id: UUID
    settings: StudySettings
    calendar: Calendar
    now: datetime

    @property
    def today(self) -> date:
        """The day of study that it is."""
        return self.calendar.day_of(self.now)

    def time(self, given: datetime | None) -> datetime:
        """The moment that a client gives, or now.

        Raises:
            BadRequest: it lies in the future, or too far in the past to be true.
        """
        at = given or self.now
        if at > self.now + _SKEW:
            raise BadRequest(
                f"the time {at.isoformat()} lies in the future",
                hint=f"Here it is {self.now.isoformat(timespec='seconds')}. Check the clock.",
            )
        if at < self.now - _OLDEST:
            raise BadRequest(f"the time {at.isoformat()} is too long ago", hint="Check the clock.")
        return at

    async def course(self, course_id: UUID) -> None:
        """Raises `NotFound` where the person has no such course."""
        if not await courses.exists(self.conn, course_id):
            raise NotFound(
                f"there is no course {course_id}", hint="`GET /api/courses` lists your courses."
            )

    async def chapter(self, course_id: UUID, number: int) -> UUID:
        """The id of a chapter. Raises `NotFound`."""
        await self.course(course_id)
        found = await progress.chapter_id(self.conn, course_id, number)
        if found is None:
            raise NotFound(
                f"the course has no chapter {number} (yet)",
                hint="`GET /api/courses/{id}/progress` lists the chapters that are written.",
            )
        return found

    async def note(self, day: date, done: Done) -> None:
        """Adds to what was done on a day."""
        await study_days.add(self.conn, self.user_id, day, done)


def counted(milliseconds: int | None) -> int:
    """What a length that a client gives counts for."""
    return min(max(milliseconds or 0, 0), _MOST_MS)


class Requests:
    """Opens requests."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def reading(self, user_id: UUID) -> AbstractAsyncContextManager[Request]:
        """One transaction as that user, which changes nothing."""
        return self._of(user_id, alone=False)

    def writing(self, user_id: UUID) -> AbstractAsyncContextManager[Request]:
        """One transaction as that user, committed at the end, rolled back by an error.

        Of one user's several, each waits for the one before it: what follows from a log is never
        computed from half of it, and counts are never lost.
        """
        return self._of(user_id, alone=True)

    @asynccontextmanager
    async def _of(self, user_id: UUID, *, alone: bool) -> AsyncGenerator[Request]:
        async with self._database.as_user(user_id) as conn:
            if alone:
                await study_days.wait_for_turn(conn)
            settings = await study_settings.get(conn)
            yield Request(
                conn=conn,
                user_id=user_id,
                settings=settings,
                calendar=_calendar(settings),
                now=self._now(),
            )


def _calendar(settings: StudySettings) -> Calendar:
    try:
        return Calendar(settings.time_zone, settings.day_starts_at)
    except BadRequest:
        # Known where it was stored, unknown to this machine's list of zones.
        return Calendar("UTC", settings.day_starts_at)
