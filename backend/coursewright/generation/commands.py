"""What a person can order: create, go on, cancel, resume, retry, regenerate, delete.

Each order is one transaction as the person who gives it; row-level security bounds what it reaches.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from coursewright.authors.author import Author
from coursewright.course.brief import Brief
from coursewright.course.errors import Conflict, NotFound
from coursewright.course.pieces import PieceState
from coursewright.database import courses, events, pieces, resources, sources
from coursewright.database.pieces import Piece
from coursewright.database.pool import Connection, Database
from coursewright.generation.allowance import Allowance
from coursewright.generation.plan import OUTLINE, hard_needs
from coursewright.generation.progress import Progress
from coursewright.sources import Document

_MADE_ANEW = {PieceState.FAILED, PieceState.CANCELLED}


class Commands:
    """Orders for courses."""

    def __init__(
        self,
        database: Database,
        progress: Progress,
        author: Author,
        *,
        now: Callable[[], datetime],
        new_id: Callable[[], UUID],
        admit: Callable[[Brief], Awaitable[None]] | None = None,
        allowance: Allowance | None = None,
    ) -> None:
        """`now` is the clock, with a zone; `new_id` makes random ids; `admit` raises an error for
        a course that cannot be made now; `allowance` is what each user may order.
        """
        self._database = database
        self._progress = progress
        self._author = author
        self._now = now
        self._new_id = new_id
        self._admit = admit
        self._allowance = allowance or Allowance()

    async def create(
        self,
        user_id: UUID,
        brief: Brief,
        documents: Sequence[Document],
        *,
        request_key: str | None = None,
        upload_bytes: int = 0,
    ) -> UUID:
        """Orders a course; returns its id as soon as the order is safe.

        The same `request_key` twice is one order: the second returns the first one's course.
        `upload_bytes` is the size of the files that were sent in for it. Raises `LimitReached`.
        """
        course_id = self._new_id()
        async with self._database.as_service(user_id) as conn:
            is_new = await courses.insert(
                conn,
                course_id=course_id,
                user_id=user_id,
                brief=brief,
                author=self._author.name,
                title=brief.topic,
                request_key=request_key,
            )
            if not is_new:
                found = await courses.find_by_request_key(conn, request_key or "")
                if found is None:
                    raise Conflict(
                        "the same request is being carried out at this moment",
                        hint="Look at your courses in a second.",
                    )
                return found.id
            await self._allowance.claim(conn, now=self._now(), courses=1, upload_bytes=upload_bytes)
            if self._admit is not None:
                await self._admit(brief)
            await sources.insert(
                conn, course_id, [(document.source, document.passages) for document in documents]
            )
            await resources.replace(
                conn, course_id, resources.resources_of(document.source for document in documents)
            )
            await pieces.insert(conn, course_id, [OUTLINE])
            await events.append(conn, course_id, "course_created", data={"topic": brief.topic})
            await self._progress.release(conn, user_id, course_id)
        return course_id

    async def cancel(self, user_id: UUID, course_id: UUID) -> int:
        """Stops what is not finished, and returns how many pieces that were. What is made stays."""
        async with self._database.as_service(user_id) as conn:
            await hold(conn, course_id)
            cancelled = await pieces.cancel_open(conn, course_id, now=self._now())
            if cancelled:
                await events.append(
                    conn, course_id, "course_stopped", data={"cancelled": cancelled}
                )
                await events.stop(conn, course_id)
            await self._progress.update(conn, course_id)
        return cancelled

    async def resume(self, user_id: UUID, course_id: UUID) -> int:
        """Goes on with what was cancelled or has failed; returns how many pieces that are."""
        return await self._again(user_id, course_id, None)

    async def retry(self, user_id: UUID, course_id: UUID, key: str | None = None) -> int:
        """Tries failed pieces again: one, or all. What failed for want of it follows."""
        return await self._again(user_id, course_id, key)

    async def go_on(self, user_id: UUID, course_id: UUID) -> int:
        """Makes what waits for a person to have seen the outline; returns how many pieces that
        are. Raises `Conflict` when nothing does.
        """
        async with self._database.as_service(user_id) as conn:
            await hold(conn, course_id)
            held = {
                piece.key
                for piece in await pieces.list_all(conn, course_id)
                if piece.state is PieceState.HELD
            }
            if not held:
                raise Conflict(
                    "the course does not wait after its outline",
                    hint="Only a course that was ordered with `edit_outline` does, and only once.",
                )
            await self._reopen(conn, user_id, course_id, held)
        return len(held)

    async def _again(self, user_id: UUID, course_id: UUID, key: str | None) -> int:
        async with self._database.as_service(user_id) as conn:
            await hold(conn, course_id)
            rows = await pieces.list_all(conn, course_id)
            again = {piece.key for piece in rows if piece.state in _MADE_ANEW}
            if key is not None:
                piece = find(rows, key)
                if piece.state not in _MADE_ANEW:
                    raise Conflict(
                        f"{key} is {piece.state}; only what failed or was cancelled is retried",
                        hint="To have it made anew, regenerate it.",
                    )
                again &= {key, *dependents(rows, key), *_lacking_needs(rows, piece)}
            await self._reopen(conn, user_id, course_id, again)
        return len(again)

    async def regenerate(
        self,
        user_id: UUID,
        course_id: UUID,
        key: str,
        *,
        instruction: str | None = None,
        with_dependents: bool = False,
        overwrite: bool = False,
    ) -> int:
        """Makes a piece anew, and if asked all that hangs on it; returns how many pieces that are.

        What was edited by hand is overwritten only if asked; the revisions keep it.

        What was made before stays until the new one is there. A new outline renews everything.
        """
        async with self._database.as_service(user_id) as conn:
            await hold(conn, course_id)
            rows = await pieces.list_all(conn, course_id)
            piece = find(rows, key)
            again = {key}
            if with_dependents or key == OUTLINE.key:
                again |= dependents(rows, key)
            busy = [row.key for row in rows if row.key in again and row.state.is_open]
            if busy:
                raise Conflict(
                    f"{', '.join(busy[:3])} is being made at this moment",
                    hint="Wait for it, or cancel the course first.",
                )
            if piece.state is PieceState.HELD:
                raise Conflict(
                    f"{key} waits until you go on after the outline", hint="Go on first."
                )
            edited = [row.key for row in rows if row.key in again and row.edited]
            if edited and not overwrite:
                raise Conflict(
                    f"{', '.join(edited[:5])} was edited by hand, and would be overwritten",
                    hint="Send `overwrite: true` (--overwrite) if that is meant. What is there now"
                    " is kept among the revisions.",
                )
            if unmade := _lacking_needs(rows, piece):
                raise Conflict(
                    f"{key} needs {', '.join(sorted(unmade))}, which is not there",
                    hint="Retry that first.",
                )
            await pieces.reopen(conn, course_id, [key], instruction=instruction)
            await self._reopen(conn, user_id, course_id, again)
        return len(again)

    async def delete(self, user_id: UUID, course_id: UUID) -> None:
        """Deletes a course with everything in it. There is no way back."""
        async with self._database.as_service(user_id) as conn:
            await hold(conn, course_id)
            await courses.delete(conn, course_id)
            await events.announce(conn, course_id)
            await events.stop(conn, course_id)

    async def _reopen(
        self, conn: Connection, user_id: UUID, course_id: UUID, keys: Iterable[str]
    ) -> None:
        keys = sorted(keys)
        await pieces.reopen(conn, course_id, keys)
        if keys:
            await self._allowance.claim(conn, now=self._now(), going_on=course_id)
            await events.append(conn, course_id, "course_continued", data={"pieces": keys})
        await self._progress.release(conn, user_id, course_id)


def dependents(rows: Sequence[Piece], key: str) -> set[str]:
    """The keys of all pieces that need `key`, directly or through others."""
    found: set[str] = set()
    frontier = {key}
    while frontier:
        frontier = {piece.key for piece in rows if frontier & set(hard_needs(piece))} - found
        found |= frontier
    return found


def _lacking_needs(rows: Sequence[Piece], piece: Piece) -> set[str]:
    """What `piece` needs, directly or through others, and is not made."""
    by_key = {row.key: row for row in rows}
    found: set[str] = set()
    frontier = set(hard_needs(piece))
    while frontier:
        found |= {key for key in frontier if by_key[key].state is not PieceState.DONE}
        frontier = {need for key in frontier for need in hard_needs(by_key[key])}
    return found


def find(rows: Sequence[Piece], key: str) -> Piece:
    """The piece with that key. Raises `NotFound`."""
    for piece in rows:
        if piece.key == key:
            return piece
    raise NotFound(
        f"the course has no piece {key!r}",
        hint=f"Its pieces are: {', '.join(piece.key for piece in rows)}.",
    )


async def hold(conn: Connection, course_id: UUID) -> None:
    """Holds the course until the transaction ends. Raises `NotFound`."""
    if await courses.lock(conn, course_id) is None:
        raise NotFound(
            f"there is no course {course_id}", hint="`coursewright list` shows your courses."
        )
