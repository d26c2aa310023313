"""Revisions: what pieces of a course held before they were changed."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from coursewright.course.base import Value
from coursewright.database.pieces import Piece
from coursewright.database.pool import Connection

KEPT = 200
"""Revisions of one course; older ones are dropped."""


class Cause(StrEnum):
    """Why a piece was changed."""

    EDIT = "edit"
    REGENERATE = "regenerate"
    UNDO = "undo"


class Revision(Value):
    """A change: who made it, when, why, and which version it replaced."""

    id: int
    user_id: UUID
    piece_key: str
    cause: Cause
    version: int
    """Of the piece before the change."""
    edited: bool
    """Whether that version was already changed by hand."""
    created_at: datetime


class RevisionContent(Revision):
    """The same with what the piece held."""

    content: Any


_COLUMNS = "id, user_id, piece_key, cause, version, edited, created_at"


async def record(
    conn: Connection, piece: Piece, content: object, *, user_id: UUID, cause: Cause
) -> None:
    """Keeps what a piece holds, before it is changed. `content` is what JSON can hold."""
    await conn.execute(
        """
        insert into course_revisions
          (course_id, user_id, piece_key, cause, version, edited, content)
        values (%s, %s, %s, %s, %s, %s, %s)
        """,
        (
            piece.course_id,
            user_id,
            piece.key,
            str(cause),
            piece.version,
            piece.edited,
            Jsonb(content),
        ),
    )
    await conn.execute(
        """
        delete from course_revisions
        where course_id = %(course)s and id <= (
          select id from course_revisions where course_id = %(course)s
          order by id desc offset %(kept)s limit 1
        )
        """,
        {"course": piece.course_id, "kept": KEPT},
    )


async def list_all(conn: Connection, course_id: UUID) -> list[Revision]:
    """The revisions of a course, the newest first."""
    rows = await conn.execute(
        f"select {_COLUMNS} from course_revisions where course_id = %s order by id desc",  # noqa: S608 - our own columns
        (course_id,),
    )
    return [Revision.model_validate(row) for row in await rows.fetchall()]


async def get(conn: Connection, course_id: UUID, revision_id: int) -> RevisionContent | None:
    """One revision with what was there; None where it is not kept."""
    rows = await conn.execute(
        f"select {_COLUMNS}, content from course_revisions where course_id = %s and id = %s",  # noqa: S608 - our own columns
        (course_id, revision_id),
    )
    row = await rows.fetchone()
    return None if row is None else RevisionContent.model_validate(row)
