"""Progress: completed chapters, where one was reading, and for how long."""

from datetime import datetime
from uuid import UUID

from coursewright.course.base import Value
from coursewright.database import progress
from coursewright.database.progress import ChapterProgress, Place
from coursewright.database.study_days import Done
from coursewright.study.requests import Request, Requests, counted


class Sitting(Value):
    """A time of reading without a break. The client makes the id and sends its length so far."""

    id: UUID
    milliseconds: int


class Progress(Value):
    """How far somebody is in a course."""

    chapters: tuple[ChapterProgress, ...]
    completed: int
    total: int
    """Chapters that are written."""
    percent: int
    place: Place | None
    """Where they were reading."""


class ProgressKeeper:
    """Progress of the signed-in user."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests

    async def of(self, user_id: UUID, course_id: UUID) -> Progress:
        """How far the person is in a course. Raises `NotFound`."""
        async with self._requests.reading(user_id) as request:
            await request.course(course_id)
            return await _progress(request, course_id)

    async def complete(self, user_id: UUID, course_id: UUID, number: int) -> Progress:
        """Marks a chapter as completed. The first time counts. Raises `NotFound`."""
        async with self._requests.writing(user_id) as request:
            chapter_id = await request.chapter(course_id, number)
            if await progress.complete(
                request.conn,
                user_id,
                course_id=course_id,
                chapter_id=chapter_id,
                at=request.now,
            ):
                await request.note(request.today, Done(chapters=1))
            return await _progress(request, course_id)

    async def reopen(self, user_id: UUID, course_id: UUID, number: int) -> Progress:
        """Takes a completion back. Harmless when there is none. Raises `NotFound`."""
        async with self._requests.writing(user_id) as request:
            chapter_id = await request.chapter(course_id, number)
            at = await progress.reopen(request.conn, chapter_id)
            if at is not None:
                await request.note(request.calendar.day_of(at), Done(chapters=-1))
            return await _progress(request, course_id)

    async def read_on(
        self,
        user_id: UUID,
        course_id: UUID,
        number: int,
        *,
        position: float,
        at: datetime | None = None,
        sitting: Sitting | None = None,
    ) -> None:
        """Notes where somebody is reading. What comes late does not overwrite what is newer.

        Raises:
            NotFound: there is no such course or chapter.
            BadRequest: the time cannot be.
        """
        async with self._requests.writing(user_id) as request:
            chapter_id = await request.chapter(course_id, number)
            moment = request.time(at)
            await progress.put_place(
                request.conn,
                user_id,
                course_id=course_id,
                chapter_id=chapter_id,
                position=position,
                at=moment,
            )
            if sitting is not None:
                longer = await progress.add_sitting(
                    request.conn,
                    user_id,
                    sitting_id=sitting.id,
                    course_id=course_id,
                    milliseconds=counted(sitting.milliseconds),
                    at=moment,
                )
                if longer:
                    await request.note(request.calendar.day_of(moment), Done(milliseconds=longer))


async def _progress(request: Request, course_id: UUID) -> Progress:
    chapters = await progress.list_chapters(request.conn, course_id)
    places = await progress.places(request.conn, course_id=course_id)
    completed = sum(chapter.completed_at is not None for chapter in chapters)
    return Progress(
        chapters=tuple(chapters),
        completed=completed,
        total=len(chapters),
        percent=100 * completed // len(chapters) if chapters else 0,
        place=places[0] if places else None,
    )
