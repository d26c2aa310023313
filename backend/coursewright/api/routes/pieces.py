"""Pieces: what is being made, what failed and why; retry and regenerate."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from coursewright.api.dependencies import App, User
from coursewright.course.brief import Instruction
from coursewright.course.json import Flag
from coursewright.course.pieces import PieceKind, PieceState
from coursewright.course.review.verdict import Rejection
from coursewright.database.pieces import Piece

router = APIRouter(prefix="/api/courses/{course_id}", tags=["pieces"])


class PieceOut(BaseModel):
    """One piece of a course."""

    key: str = Field(examples=["chapter/3"])
    kind: PieceKind
    number: int | None = Field(description="The chapter's number, where it belongs to one.")
    variant: str | None = Field(description="The type of an article or an audio script.")
    state: PieceState
    attempts: int
    reason: str | None = Field(description="Why it failed or was cancelled.")
    hint: str | None = Field(description="What to do about it.")
    author: str | None
    wanted: int | None = Field(description="How many items were asked for.")
    items: int | None = Field(description="How many items were published.")
    version: int = Field(description="Grows with every change of what it holds.")
    edited: bool = Field(description="Whether it was changed by hand since it was made.")
    rejected: list[Rejection] = Field(description="What the question gate refused, and why.")
    started_at: datetime | None
    finished_at: datetime | None
    seconds: float | None

    @classmethod
    def of(cls, piece: Piece) -> "PieceOut":
        """The piece as it is shown."""
        return cls.model_validate(piece, from_attributes=True)


class Continued(BaseModel):
    """How many pieces are made (again)."""

    pieces: int = Field(examples=[3])


class Regenerate(BaseModel):
    """How a piece is to be made anew."""

    instruction: Instruction | None = Field(
        None,
        max_length=500,
        examples=["simpler, with more examples"],
        description="Only a model can follow it; the built-in author cannot.",
    )
    with_dependents: Flag = Field(False, description="Also make anew what hangs on it.")
    overwrite: Flag = Field(False, description="Even where it was edited by hand.")


@router.get("/pieces", summary="The pieces of a course")
async def list_pieces(course_id: UUID, app: App, user: User) -> list[PieceOut]:
    """All pieces in reading order, each with its state."""
    return [PieceOut.of(piece) for piece in await app.reading.pieces(user, course_id)]


@router.post("/pieces/{key:path}/retry", status_code=202, summary="Try a failed piece again")
async def retry_piece(course_id: UUID, key: str, app: App, user: User) -> Continued:
    """What failed for want of it follows. 409 when it has not failed."""
    return Continued(pieces=await app.commands.retry(user, course_id, key))


@router.post("/pieces/{key:path}/regenerate", status_code=202, summary="Make a piece anew")
async def regenerate_piece(
    course_id: UUID, key: str, app: App, user: User, order: Regenerate | None = None
) -> Continued:
    """What was there stays until the new one stands. A new outline renews the whole course.

    409 when something was edited by hand and `overwrite` is not set.
    """
    order = order or Regenerate.model_validate({})
    count = await app.commands.regenerate(
        user,
        course_id,
        key,
        instruction=order.instruction,
        with_dependents=order.with_dependents,
        overwrite=order.overwrite,
    )
    return Continued(pieces=count)
