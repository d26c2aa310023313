"""Revisions: what was changed, and how to have it back."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, Field

from coursewright.api.dependencies import App, User
from coursewright.api.routes.editing import ChangedOut, IfMatch, changed_out, version_of
from coursewright.course.json import is_number
from coursewright.database.revisions import Cause

router = APIRouter(prefix="/api/courses/{course_id}/revisions", tags=["editing"])

RevisionId = Annotated[int, Path(ge=1, le=2**63 - 1)]


class RevisionOut(BaseModel):
    """A change of a piece."""

    id: int
    user_id: UUID = Field(description="Who made it.")
    piece_key: str = Field(examples=["chapter/3"])
    cause: Cause
    version: int = Field(description="The version that it replaced.")
    edited: bool = Field(description="Whether that one was already changed by hand.")
    created_at: datetime


class RevisionContentOut(RevisionOut):
    """The same with what the piece held before."""

    content: Any


class Undo(BaseModel):
    """Which state is to be undone."""

    version: Annotated[int, Field(ge=0, le=2**31 - 1), is_number] | None = Field(
        None, description="The version of the piece now, where If-Match is not sent."
    )


@router.get("", summary="What was changed")
async def list_revisions(course_id: UUID, app: App, user: User) -> list[RevisionOut]:
    """The newest first; the newest 200 are kept."""
    found = await app.editing.revisions(user, course_id)
    return [RevisionOut.model_validate(each, from_attributes=True) for each in found]


@router.get("/{revision_id}", summary="What was there before a change")
async def read_revision(
    course_id: UUID, revision_id: RevisionId, app: App, user: User
) -> RevisionContentOut:
    """As the piece held it."""
    found = await app.editing.revision(user, course_id, revision_id)
    return RevisionContentOut.model_validate(found, from_attributes=True)


@router.post("/{revision_id}/undo", summary="Put back what was there before a change")
async def undo(
    course_id: UUID,
    revision_id: RevisionId,
    app: App,
    user: User,
    response: Response,
    order: Undo | None = None,
    if_match: IfMatch = None,
) -> ChangedOut:
    """What is there now becomes a revision, so an undo can be undone.

    412 when the piece was changed in the meantime.
    """
    version = version_of(if_match, order.version if order else None)
    return changed_out(
        response, await app.editing.undo(user, course_id, revision_id, version=version)
    )
