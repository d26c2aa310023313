"""Links by which somebody without an account reads one course.

A link is a random token. Only its SHA-256 is kept, and looked up by: how long that takes says
nothing of a token, since nobody can choose the digest of a guess.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from coursewright.course.base import Value
from coursewright.course.errors import Conflict, NotFound
from coursewright.course.shared import SharedCourse
from coursewright.database import courses, shared_reader, shares
from coursewright.database.pool import Database
from coursewright.database.shares import Share
from coursewright.generation.commands import hold

TOKEN_BYTES = 32
"""Random ones; 16 would be beyond guessing."""
DAYS = 30
MOST_DAYS = 366
MOST_LINKS = 50
"""Open ones of one course."""


class NewShare(Value):
    """A link that was just made; nobody can be told its token again."""

    id: UUID
    token: str
    expires_at: datetime

    @property
    def path(self) -> str:
        """Where the course is read by it."""
        return f"/shared/{self.token}"


class Sharing:
    """Makes links, ends them, and reads by them."""

    def __init__(
        self,
        database: Database,
        *,
        now: Callable[[], datetime],
        new_token: Callable[[], str],
    ) -> None:
        """`now` is the clock, with a zone; `new_token` makes random text that fits into a URL."""
        self._database = database
        self._now = now
        self._new_token = new_token

    async def create(self, user_id: UUID, course_id: UUID, *, days: int = DAYS) -> NewShare:
        """Makes a link that ends by itself. Raises `NotFound`, `Conflict` for too many."""
        token = self._new_token()
        now = self._now()
        expires_at = now + timedelta(days=days)
        async with self._database.as_service(user_id) as conn:
            await hold(conn, course_id)
            live = [each for each in await shares.list_all(conn, course_id) if each.is_open(now)]
            if len(live) >= MOST_LINKS:
                raise Conflict(
                    f"the course has {len(live)} links that are open",
                    hint="Revoke those that nobody needs.",
                )
            share_id = await shares.insert(
                conn, course_id, token_sha256=_digest(token), expires_at=expires_at
            )
        return NewShare(id=share_id, token=token, expires_at=expires_at)

    async def list_all(self, user_id: UUID, course_id: UUID) -> list[Share]:
        """The links of a course, ended ones for a while too. Raises `NotFound`."""
        async with self._database.as_user(user_id) as conn:
            if not await courses.exists(conn, course_id):
                raise NotFound(f"there is no course {course_id}")
            return await shares.list_all(conn, course_id)

    async def revoke(self, user_id: UUID, course_id: UUID, share_id: UUID) -> None:
        """Ends a link at once and for good. Raises `NotFound`."""
        async with self._database.as_service(user_id) as conn:
            if not await shares.revoke(conn, course_id, share_id, now=self._now()):
                raise NotFound(
                    f"the course has no link {share_id}",
                    hint="`coursewright shares` lists the links of a course.",
                )

    async def read(self, token: str) -> SharedCourse:
        """The course that a link opens. Raises `NotFound`, whatever the reason."""
        digest = _digest(token)
        opens = await shares.note_use(self._database, digest)
        async with self._database.as_reader(digest) as conn:
            course_id = await shares.course_of(conn)
            course = await shared_reader.read(conn, course_id) if course_id else None
        if not opens or course is None:
            raise NotFound(
                "this link opens nothing",
                hint="It may have ended. Ask whoever sent it for another one.",
            )
        return course


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()
