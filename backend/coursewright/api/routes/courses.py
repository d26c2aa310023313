"""Courses: order, list, read, cancel, resume, delete."""

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, File, Form, Header, Query, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from coursewright.api.dependencies import App, User
from coursewright.api.routes.pieces import Continued
from coursewright.course.brief import (
    MAX_CHAPTERS,
    Audience,
    Brief,
    LanguageTag,
    Length,
    Level,
    Topic,
)
from coursewright.course.course import Course, CourseStatus
from coursewright.course.errors import BadRequest, CoursewrightError, SourceError
from coursewright.course.json import Flag, is_number
from coursewright.course.sources import SourceKind
from coursewright.generation.files import plain_name
from coursewright.sources import Document, read_bytes

router = APIRouter(prefix="/api", tags=["courses"])

MAX_SOURCES = 20
_CHUNK = 1_000_000
"""Bytes of an upload that are held at a time while it is kept."""
IdempotencyKey = Annotated[
    str | None,
    Header(
        max_length=200,
        description="The same key twice makes one course: safe to send again after a lost answer.",
    ),
]


class CourseOrder(BaseModel):
    """What is asked for."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"topic": "Photosynthesis", "level": "beginner", "chapters": 4},
                {"topic": "Installing Debian", "sources": ["https://www.example.org/install.html"]},
            ]
        },
    )

    topic: Topic
    level: Level = Level.BEGINNER
    language: LanguageTag = "en"
    chapters: Annotated[int, Field(ge=1, le=MAX_CHAPTERS), is_number] | None = None
    length: Length = Length.STANDARD
    audience: Audience = ""
    edit_outline: Flag = Field(
        default=False,
        description="Stop after the outline: change it with PUT .../outline, then POST .../go.",
    )
    sources: Annotated[list[str], Field(max_length=MAX_SOURCES)] = Field(
        default=[], description="http(s) addresses. Files are sent to /api/courses/from-files."
    )


class Ordered(BaseModel):
    """The course that was ordered; it is being made."""

    id: UUID
    events: str = Field(description="Where to watch it.", examples=["/api/courses/.../events"])
    warnings: list[str] = Field(
        default=[], description="What could not be read of the sources, and was left out."
    )


class CourseItem(BaseModel):
    """A course in the list."""

    id: UUID
    title: str
    topic: str
    status: CourseStatus
    progress_percentage: int
    author: str
    language: str
    level: str
    created_at: datetime
    chapters: int
    flashcards: int
    questions: int


@router.post("/courses", status_code=202, summary="Order a course")
async def create(
    order: CourseOrder, app: App, user: User, idempotency_key: IdempotencyKey = None
) -> Ordered:
    """Reads the sources, orders the course and answers at once; it is then made piece by piece.

    Without sources, a primer that covers the topic is used. 422 when there is none.
    """
    brief = Brief.model_validate(order.model_dump(exclude={"sources"}))
    for address in order.sources:
        # A path would read the server's files, which are not the asker's.
        if not address.lower().startswith(("http://", "https://")):
            raise SourceError(
                f"{address!r} is not an http(s) address",
                source=address,
                hint="Send files to /api/courses/from-files.",
            )
    documents = await app.gatherer.gather(brief, order.sources)
    return await _order(app, user, brief, documents, idempotency_key)


@router.post("/courses/from-files", status_code=202, summary="Order a course made of files")
async def create_from_files(
    app: App,
    user: User,
    topic: Annotated[str, Form(min_length=1, max_length=1000)],
    level: Annotated[Level, Form()] = Level.BEGINNER,
    language: Annotated[str, Form()] = "en",
    chapters: Annotated[str, Form(description="A number, or empty.")] = "",
    length: Annotated[Length, Form()] = Length.STANDARD,
    audience: Annotated[str, Form(max_length=300)] = "",
    edit_outline: Annotated[bool, Form(description="Stop after the outline.")] = False,
    files: Annotated[
        list[UploadFile], File(description="Markdown, text, HTML, PDF, DOCX, ...; none is fine.")
    ] = [],  # noqa: B006 - FastAPI makes a new one for each request
    idempotency_key: IdempotencyKey = None,
) -> Ordered:
    """As `POST /api/courses`, with files instead of addresses."""
    brief = _brief(
        topic=topic,
        level=level,
        language=language,
        chapters=chapters or None,
        length=length,
        audience=audience,
        edit_outline=edit_outline,
    )
    # A browser sends one empty part when nothing was chosen.
    chosen = [file for file in files if file.filename or file.size]
    if len(chosen) > MAX_SOURCES:
        raise BadRequest(f"{len(chosen)} files are too many", hint=f"Send up to {MAX_SOURCES}.")
    documents = [await _read(app, file) for file in chosen]
    ordered = await _order(
        app,
        user,
        brief,
        documents or await app.gatherer.gather(brief, []),
        idempotency_key,
        upload_bytes=sum(file.size or 0 for file in chosen),
    )
    if app.settings.keep_originals:
        ordered.warnings.extend(await _keep(app, user, ordered.id, chosen))
    return ordered


@router.get("/courses", summary="My courses")
async def list_courses(
    app: App,
    user: User,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> list[CourseItem]:
    """The newest first."""
    found = await app.reading.summaries(user, limit=limit, offset=offset)
    return [CourseItem.model_validate(item, from_attributes=True) for item in found]


@router.get("/courses/{course_id}", summary="Read a course")
async def read(course_id: UUID, app: App, user: User) -> Course:
    """Everything that is made so far, and what is missing."""
    return await app.reading.course(user, course_id)


@router.post("/courses/{course_id}/cancel", status_code=202, summary="Stop making a course")
async def cancel(course_id: UUID, app: App, user: User) -> Continued:
    """What is made is kept. Answers how many pieces are not made."""
    return Continued(pieces=await app.commands.cancel(user, course_id))


@router.post("/courses/{course_id}/go", status_code=202, summary="Go on after the outline")
async def go_on(course_id: UUID, app: App, user: User) -> Continued:
    """Makes the rest of a course that waits after its outline. 409 when it does not."""
    return Continued(pieces=await app.commands.go_on(user, course_id))


@router.post("/courses/{course_id}/resume", status_code=202, summary="Go on with a course")
async def resume(course_id: UUID, app: App, user: User) -> Continued:
    """Makes what was cancelled or has failed."""
    return Continued(pieces=await app.commands.resume(user, course_id))


@router.post("/courses/{course_id}/retry", status_code=202, summary="Try all failed pieces again")
async def retry(course_id: UUID, app: App, user: User) -> Continued:
    """Answers how many pieces are made again."""
    return Continued(pieces=await app.commands.retry(user, course_id))


@router.delete("/courses/{course_id}", status_code=204, summary="Delete a course")
async def delete(course_id: UUID, app: App, user: User) -> Response:
    """With everything in it. There is no way back."""
    await app.commands.delete(user, course_id)
    return Response(status_code=204)


async def _order(
    app: App,
    user: UUID,
    brief: Brief,
    documents: list[Document],
    request_key: str | None,
    *,
    upload_bytes: int = 0,
) -> Ordered:
    course_id = await app.commands.create(
        user, brief, documents, request_key=request_key, upload_bytes=upload_bytes
    )
    return Ordered(
        id=course_id,
        events=f"/api/courses/{course_id}/events",
        warnings=[
            f"{document.source.title}: {warning}"
            for document in documents
            for warning in document.warnings
        ],
    )


async def _read(app: App, file: UploadFile) -> Document:
    limit = app.gatherer.limits.max_bytes
    name = (file.filename or "upload").replace("\\", "/").rsplit("/", 1)[-1]
    if file.size is not None and file.size > limit:
        raise SourceError(
            f"{name} has {file.size / 1e6:,.0f} MB; at most {limit / 1e6:,.0f} MB are read",
            source=name,
            hint="Give the part that matters, or raise COURSEWRIGHT_MAX_SOURCE_MB.",
        )
    return await read_bytes(
        await file.read(),
        name=name,
        media_type=file.content_type,
        kind=SourceKind.FILE,
        origin=name,
        limits=app.gatherer.limits,
    )


async def _keep(app: App, user: UUID, course_id: UUID, chosen: list[UploadFile]) -> list[str]:
    """Keeps the originals; what cannot be kept is said, and the course is made all the same."""
    warnings: list[str] = []
    for file in chosen:
        await file.seek(0)
        name = file.filename or "upload"
        try:
            await app.files.keep(
                user, course_id, purpose="original", name=name, chunks=_chunks(file)
            )
        except CoursewrightError as error:
            warnings.append(f"{plain_name(name)}: the original is not kept: {error.message}")
    return warnings


async def _chunks(file: UploadFile) -> AsyncGenerator[bytes]:
    while chunk := await file.read(_CHUNK):
        yield chunk


def _brief(**fields: object) -> Brief:
    try:
        return Brief.model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = str(first["loc"][0]) if first["loc"] else "the order"
        raise BadRequest(f"{name}: {first['msg'].removeprefix('Value error, ')}") from None
