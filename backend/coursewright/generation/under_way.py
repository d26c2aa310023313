"""Pieces that are being made in this process. They are broken off when nobody wants them any more:
calls that still wait for their place would otherwise spend the quota of a course that was stopped.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar
from uuid import UUID

from coursewright.database.pieces import Piece

T = TypeVar("T")
IsWanted = Callable[[UUID, Piece], Awaitable[bool]]
"""Whether an attempt at a piece is still the one that counts, for a user."""


class Stopped(Exception):
    """The piece was cancelled, deleted or ordered anew while it was being made."""


class UnderWay:
    """What a process is making at this moment."""

    def __init__(self, is_wanted: IsWanted) -> None:
        self._is_wanted = is_wanted
        self._tasks: dict[asyncio.Task[Any], tuple[UUID, Piece]] = {}

    async def make(self, user_id: UUID, piece: Piece, work: Coroutine[Any, Any, T]) -> T:
        """What `work` returns. Raises `Stopped` when the piece is broken off."""
        task = asyncio.create_task(work)
        self._tasks[task] = (user_id, piece)
        try:
            return await task
        except asyncio.CancelledError:
            this = asyncio.current_task()
            if this is None or this.cancelling():
                raise  # the process ends; the piece is made when it starts again
            raise Stopped from None
        finally:
            del self._tasks[task]

    async def look(self, course_id: UUID | None) -> None:
        """Breaks off what nobody wants any more: of one course, or of all."""
        for task, (user_id, piece) in list(self._tasks.items()):
            if course_id not in {None, piece.course_id}:
                continue
            if not await self._is_wanted(user_id, piece):
                task.cancel()
