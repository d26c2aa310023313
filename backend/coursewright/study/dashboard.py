"""The dashboard: how study goes, in one answer."""

from datetime import date, timedelta
from uuid import UUID

from coursewright.course.base import Value
from coursewright.database import due_cards, progress, study_days
from coursewright.database.progress import CourseProgress, Place
from coursewright.database.study_days import StudyTime
from coursewright.study.calendar import Streak, streak
from coursewright.study.queue import Counts
from coursewright.study.requests import Requests
from coursewright.study.reviews import counts

_WEEK = 7
_MOST_COURSES = 200


class DayAhead(Value):
    """How many cards fall due on a day. New ones are not counted."""

    day: date
    due: int


class Summary(Value):
    """How study goes."""

    today: date
    """In the person's time zone."""
    courses: tuple[CourseProgress, ...]
    """Those that were studied last first; 200 at most."""
    due_today: Counts
    """What today still brings, daily limits applied."""
    forecast: tuple[DayAhead, ...]
    """Seven days, of which today is the first; what is overdue counts for today."""
    streak: Streak
    seconds_studied: StudyTime
    go_on: Place | None
    """Where they were reading last."""


class Dashboard:
    """The signed-in user's dashboard."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests

    async def summary(self, user_id: UUID) -> Summary:
        """Everything in one transaction."""
        async with self._requests.reading(user_id) as request:
            today = request.today
            week = request.calendar.days_from(today, _WEEK)
            _, waiting, room = await counts(request)
            due = await due_cards.forecast(
                request.conn, [request.calendar.end_of(day) for day in week]
            )
            places = await progress.places(request.conn)
            return Summary(
                today=today,
                courses=tuple(await progress.list_courses(request.conn, limit=_MOST_COURSES)),
                due_today=room.of(waiting),
                forecast=tuple(
                    DayAhead(day=day, due=number) for day, number in zip(week, due, strict=True)
                ),
                streak=streak(await study_days.used(request.conn), today),
                seconds_studied=await study_days.time_spent(
                    request.conn, today, today - timedelta(days=_WEEK - 1)
                ),
                go_on=places[0] if places else None,
            )
