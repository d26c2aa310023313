"""What all changes by hand have in common: taking a piece in the version that the person saw."""

from collections.abc import Callable
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from coursewright.course.base import Value
from coursewright.course.errors import Conflict, NotFound, Stale
from coursewright.course.pieces import PieceState
from coursewright.course.review import Rejection
from coursewright.database import courses, events, pieces
from coursewright.database.courses import CourseRow
from coursewright.database.pieces import Piece
from coursewright.database.pool import Connection
from coursewright.generation.commands import find
from coursewright.generation.plan import OUTLINE

V = TypeVar("V")


class Versioned(Value, Generic[V]):
    """What a piece holds, and the version that a change of it has to name."""

    value: V
    version: int
    edited: bool


class Changed(Value):
    """What came of a change."""

    version: int
    """The new one; the old one where nothing was different."""
    notes: tuple[str, ...] = ()
    """What a person should know, such as items that rest on words that are gone."""
    overruled: tuple[Rejection, ...] = ()


class Taken(Value):
    """A piece that may be changed, in a transaction that holds its course."""

    course: CourseRow
    piece: Piece
    rows: tuple[Piece, ...]
    """All pieces of the course."""

    @property
    def is_only_outlined(self) -> bool:
        """Whether nothing but the outline is made, and nothing is under way."""
        return not any(
            row.state.is_open or (row.state is PieceState.DONE and row.key != OUTLINE.key)
            for row in self.rows
        )


async def look(conn: Connection, course_id: UUID, key: str) -> Taken:
    """A piece with its course, as they stand. Raises `NotFound`."""
    course = await courses.get(conn, course_id)
    if course is None:
        raise NotFound(
            f"there is no course {course_id}", hint="`coursewright list` shows your courses."
        )
    rows = await pieces.list_all(conn, course_id)
    return Taken(course=course, piece=find(rows, key), rows=tuple(rows))


async def take(conn: Connection, course_id: UUID, key: str, version: int) -> Taken:
    """A piece that is to be changed.

    Raises:
        NotFound: there is none.
        Conflict: it is being made, or waits for the outline.
        Stale: it is not in that version.
    """
    taken = await look(conn, course_id, key)
    piece = taken.piece
    if piece.state.is_open:
        raise Conflict(
            f"{key} is being made at this moment",
            hint="Wait for it, or cancel the course first.",
        )
    if piece.state is PieceState.HELD:
        raise Conflict(f"{key} is not made yet: the course waits after its outline")
    if piece.version != version:
        raise Stale(
            f"{key} has been changed in the meantime: this is a change of version {version},"
            f" and it is at version {piece.version}",
            hint="Nothing was stored. Read it again and make your change there.",
        )
    return taken


async def settle(
    conn: Connection, piece: Piece, *, items: int, edited: bool, now: Callable[[], datetime]
) -> int:
    """Notes that a piece was changed, and says so to whoever watches; returns its version."""
    version = await pieces.put_edit(
        conn, piece.course_id, piece.key, items=items, edited=edited, now=now()
    )
    await events.append(
        conn, piece.course_id, "piece_edited", piece_key=piece.key, data={"version": version}
    )
    return version
