"""Events over SSE: what happens to a course, as it happens, with replay."""

from collections.abc import AsyncIterable
from contextlib import aclosing
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query
from fastapi.sse import EventSourceResponse, ServerSentEvent

from coursewright.api.dependencies import App, User

router = APIRouter(prefix="/api/courses/{course_id}", tags=["events"])

_LAST = 2**63 - 1
"""Ids are of Postgres' type bigint."""


async def _exists(course_id: UUID, app: App, user: User) -> None:
    """Answers 404 before the stream begins: afterwards there is no status any more."""
    await app.reading.pieces(user, course_id)


@router.get(
    "/events",
    summary="Watch a course being made",
    response_class=EventSourceResponse,
    dependencies=[Depends(_exists)],
)
async def watch(
    course_id: UUID,
    app: App,
    user: User,
    last_event_id: Annotated[
        int | None,
        Header(ge=0, le=_LAST, description="Sent by the browser when it connects again."),
    ] = None,
    after: Annotated[int, Query(ge=0, le=_LAST, description="Only events with a greater id.")] = 0,
    follow: Annotated[
        bool, Query(description="False: only what has happened, then the stream ends.")
    ] = True,
) -> AsyncIterable[ServerSentEvent]:
    """First every event that has happened, then each as it happens. It ends with the course.

    The events: `course_created`, `piece_ready`, `piece_running`, `piece_done`, `piece_failed`,
    `piece_edited`, `course_stopped`, `course_continued`, and `course_` + the course's status when
    that changes.
    """
    start = last_event_id if last_event_id is not None else after
    # Closed here and now when the reader leaves, not whenever it is collected.
    with app.metrics.stream():
        events = app.reading.watch(user, course_id, after=start, follow=follow)
        async with aclosing(events):
            async for event in events:
                yield ServerSentEvent(
                    id=str(event.id),
                    event=event.event,
                    data={
                        "piece": event.piece_key,
                        "at": event.created_at.isoformat(),
                        **event.data,
                    },
                )
