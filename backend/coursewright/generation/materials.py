"""The sources of the courses that are being made, kept in memory while they are needed."""

import asyncio
from collections import OrderedDict
from uuid import UUID

from coursewright.course.sources import Material
from coursewright.database import sources
from coursewright.database.pool import Database

KEPT = 8
"""Courses. A 300-page book is about 2 MB of text."""


class Materials:
    """A small cache: the sources of a course never change once it is created."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: OrderedDict[UUID, Material] = OrderedDict()
        self._lock = asyncio.Lock()

    async def of(self, user_id: UUID, course_id: UUID) -> Material:
        """All sources and passages of the course."""
        async with self._lock:
            if course_id not in self._kept:
                async with self._database.as_service(user_id) as conn:
                    self._kept[course_id] = await sources.material(conn, course_id)
            self._kept.move_to_end(course_id)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            return self._kept[course_id]
