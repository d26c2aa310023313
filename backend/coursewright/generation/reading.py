"""What a person can see: courses, their pieces, and what happens to them as it happens."""

from collections.abc import AsyncGenerator
from datetime import datetime
from uuid import UUID

from coursewright.course.base import Value
from coursewright.course.course import Course
from coursewright.course.errors import BadRequest, NotFound
from coursewright.database import course_reader, courses, events, model_calls, pieces
from coursewright.database.courses import CourseSummary
from coursewright.database.events import CourseEvent
from coursewright.database.listener import Notices
from coursewright.database.model_calls import Spent, SpentOn
from coursewright.database.outage import Crowded, stop_if_cancelled
from coursewright.database.pieces import Piece
from coursewright.database.pool import Connection, Database


class Opened(Value):
    """A course as it is opened: all of one moment."""

    course: Course
    pieces: tuple[Piece, ...]
    """In reading order."""
    last_event: int
    """The id of the newest event, to watch from; 0 when there is none."""
    spent: Spent


class Reading:
    """Reads as the person who asks: row-level security hides what belongs to others."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def summaries(
        self, user_id: UUID, *, limit: int = 50, offset: int = 0
    ) -> list[CourseSummary]:
        """The person's courses, the newest first."""
        async with self._database.as_user(user_id) as conn:
            return await courses.list_summaries(conn, limit=limit, offset=offset)

    async def course(self, user_id: UUID, course_id: UUID) -> Course:
        """A whole course, as far as it is made. Raises `NotFound`."""
        async with self._database.as_user(user_id) as conn:
            course = await course_reader.read(conn, course_id)
        if course is None:
            raise _no_course(str(course_id))
        return course

    async def pieces(self, user_id: UUID, course_id: UUID) -> list[Piece]:
        """The pieces of a course, in reading order. Raises `NotFound`."""
        async with self._database.as_user(user_id) as conn:
            found = await pieces.list_all(conn, course_id)
        if not found:
            raise _no_course(str(course_id))
        return found

    async def last_event(self, user_id: UUID, course_id: UUID) -> int:
        """The id of the newest event, to watch from; 0 when there is none."""
        async with self._database.as_user(user_id) as conn:
            return await events.last_id(conn, course_id)

    async def spent(self, user_id: UUID, course_id: UUID) -> Spent:
        """What the model calls of a course took so far. Raises `NotFound`."""
        async with self._database.as_user(user_id) as conn:
            if not await courses.exists(conn, course_id):
                raise _no_course(str(course_id))
            return await model_calls.of_course(conn, course_id)

    async def costs(
        self,
        user_id: UUID,
        *,
        by: str,
        since: datetime | None = None,
        course_id: UUID | None = None,
    ) -> list[SpentOn]:
        """What the person's model calls took, the dearest first; `by` is one of
        `model_calls.GROUPS`.
        """
        async with self._database.as_user(user_id) as conn:
            return await model_calls.totals(conn, by=by, since=since, course_id=course_id)

    async def resolve(self, user_id: UUID, name: str) -> UUID:
        """The course whose id begins with `name`. Raises `NotFound`, `BadRequest` for several."""
        async with self._database.as_user(user_id) as conn:
            return await _resolved(conn, name)

    async def opened(self, user_id: UUID, name: str) -> Opened:
        """All that a page shows of the course whose id begins with `name`. Errors as in `resolve`.

        In one transaction: whoever waits for connections with many others waits once.
        """
        async with self._database.as_user(user_id) as conn:
            course_id = await _resolved(conn, name)
            # The pieces first: whatever they say is made, the course read after them holds.
            found = await pieces.list_all(conn, course_id)
            last_event = await events.last_id(conn, course_id)
            course = await course_reader.read(conn, course_id)
            spent = await model_calls.of_course(conn, course_id)
        if course is None:
            raise _no_course(name)
        return Opened(course=course, pieces=tuple(found), last_event=last_event, spent=spent)

    async def watch(
        self, user_id: UUID, course_id: UUID, *, after: int = 0, follow: bool = True
    ) -> AsyncGenerator[CourseEvent]:
        """Every event after the one with the id `after`: first those past, then as they happen.

        Ends when the course is deleted, with `end_watching`, and without `follow` after those past.
        """
        async with self._database.listen(events.CHANNEL) as notices:
            while True:
                try:
                    async with self._database.as_user(user_id) as conn:
                        found = await events.list_after(conn, course_id, after)
                        exists = bool(found) or await courses.exists(conn, course_id)
                except Crowded:
                    stop_if_cancelled()
                    continue  # it has waited long; the stream goes on, only later
                stop_if_cancelled()
                for event in found:
                    after = event.id
                    yield event
                if not exists or not (found or follow):
                    return
                if not found and not await _next_notice(notices, str(course_id)):
                    return

    async def end_watching(self) -> None:
        """Lets go of all who watch: this process ends, and another one answers them."""
        await self._database.end_listening(events.CHANNEL)


async def _next_notice(notices: Notices, course_id: str) -> bool:
    """Waits for news of the course; a notice without a payload says that some may be missed.

    False when there are not going to be any more.
    """
    async for notice in notices:
        if notice.payload in {None, course_id}:
            return True
    return False


async def _resolved(conn: Connection, name: str) -> UUID:
    found = await courses.resolve_prefix(conn, name)
    if not found:
        raise _no_course(name)
    if len(found) > 1:
        raise BadRequest(
            f"{name!r} is the beginning of {len(found)} courses' ids",
            hint="Give more of it: " + ", ".join(str(course_id) for course_id in found[:5]),
        )
    return found[0]


def _no_course(name: str) -> NotFound:
    return NotFound(f"there is no course {name}", hint="`coursewright list` shows your courses.")
