"""Exports: a course to take away."""

from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel

from coursewright.api.dependencies import App, User
from coursewright.api.rendering import ASIDE
from coursewright.course.errors import NotFound
from coursewright.exports import FORMATS

router = APIRouter(prefix="/api", tags=["exports"])


class FormatOut(BaseModel):
    """A format that a course can be taken away in."""

    name: str
    media_type: str
    extension: str
    purpose: str


@router.get("/formats", summary="The formats that there are")
async def formats() -> list[FormatOut]:
    """What a course can be exported to."""
    return [FormatOut.model_validate(form, from_attributes=True) for form in FORMATS.values()]


@router.get(
    "/courses/{course_id}/export/{name}",
    summary="Take a course away",
    response_class=Response,
    responses={200: {"description": "The file.", "content": {"application/octet-stream": {}}}},
)
async def export(course_id: UUID, name: str, app: App, user: User) -> Response:
    """The course, as far as it is made, in the format `name`."""
    if name not in FORMATS:
        raise NotFound(f"there is no format {name!r}", hint=f"Formats: {', '.join(FORMATS)}.")
    form = FORMATS[name]
    course = await app.reading.course(user, course_id)
    content = await ASIDE.run(form.export, course)
    # RFC 6266 with the extended form of RFC 8187: the name may hold letters of any script.

    disposition = f"attachment; filename*=UTF-8''{quote(form.file_name(course))}"
    return Response(
        content, media_type=form.media_type, headers={"Content-Disposition": disposition}
    )
