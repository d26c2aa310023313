"""Links to a course: make, list, revoke."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from coursewright.api.dependencies import App, User
from coursewright.course.json import is_number
from coursewright.generation.sharing import DAYS, MOST_DAYS

router = APIRouter(prefix="/api/courses/{course_id}/shares", tags=["sharing"])


class ShareOrder(BaseModel):
    """How long a link is to open the course."""

    model_config = ConfigDict(extra="forbid")

    days: Annotated[int, Field(ge=1, le=MOST_DAYS), is_number] = DAYS


class NewShareOut(BaseModel):
    """A link that was just made. Its token is shown this once."""

    id: UUID
    token: str
    path: str = Field(examples=["/shared/..."], description="Of the page that the link opens.")
    expires_at: datetime


class ShareOut(BaseModel):
    """A link, without its token."""

    id: UUID
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None = Field(description="To the minute.")


@router.post("", status_code=201, summary="Share a course by a link")
async def create(
    course_id: UUID, app: App, user: User, response: Response, order: ShareOrder | None = None
) -> NewShareOut:
    """Whoever has the link can read the course, and do nothing else."""
    made = await app.sharing.create(user, course_id, days=(order or ShareOrder()).days)
    response.headers["Cache-Control"] = "no-store"
    return NewShareOut.model_validate(made, from_attributes=True)


@router.get("", summary="The links of a course")
async def list_shares(course_id: UUID, app: App, user: User) -> list[ShareOut]:
    """The newest first; those that have ended for 90 days more."""
    found = await app.sharing.list_all(user, course_id)
    return [ShareOut.model_validate(each, from_attributes=True) for each in found]


@router.delete("/{share_id}", status_code=204, summary="Revoke a link")
async def revoke(course_id: UUID, share_id: UUID, app: App, user: User) -> Response:
    """It opens nothing from now on."""
    await app.sharing.revoke(user, course_id, share_id)
    return Response(status_code=204)
