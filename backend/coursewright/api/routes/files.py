"""Files of courses: listed, linked to, sent in whole or in parts (RFC 9110, section 14)."""

import secrets
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import datetime
from email.utils import format_datetime
from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from coursewright.api.auth import signed_in
from coursewright.api.dependencies import App, User, application_of
from coursewright.bootstrap import Application
from coursewright.course.json import is_number
from coursewright.database.files import FileRow
from coursewright.files import kinds, ranges
from coursewright.files.ranges import Part
from coursewright.files.signatures import LONGEST

router = APIRouter(prefix="/api", tags=["files"])

_POLICY = "sandbox; default-src 'none'"
"""Whatever a file is, no browser runs it, and it reaches nothing of ours."""


class FileOut(BaseModel):
    """A file of a course."""

    id: UUID
    purpose: str = Field(description="`original` or `audio`.")
    name: str
    media_type: str = Field(description="What it was found to be.")
    size: int = Field(description="Bytes.")
    sha256: str
    created_at: datetime


class LinkOrder(BaseModel):
    """How long a link is to be valid."""

    seconds: Annotated[int, Field(ge=1, le=int(LONGEST.total_seconds())), is_number] = 3600


class Link(BaseModel):
    """A link that needs no sign-in."""

    url: str = Field(examples=["/api/files/...?ticket=..."])
    expires_at: datetime


async def _asked_for(
    file_id: UUID,
    request: Request,
    ticket: Annotated[
        str | None, Query(max_length=200, description="Of a link; else one signs in.")
    ] = None,
) -> FileRow:
    """The file, by a link or by its owner. Whoever has neither is told no more than "not found"."""
    files = application_of(request).files
    if ticket is not None:
        return await files.by_ticket(file_id, ticket)
    return await files.find(await signed_in(request), file_id)


AskedFor = Annotated[FileRow, Depends(_asked_for)]


@router.get("/courses/{course_id}/files", summary="The files of a course")
async def list_files(course_id: UUID, app: App, user: User) -> list[FileOut]:
    """Originals of uploads, where they are kept, and recordings."""
    rows = await app.files.of_course(user, course_id)
    return [FileOut.model_validate(row, from_attributes=True) for row in rows]


@router.post("/files/{file_id}/link", summary="Make a link to a file")
async def link(file_id: UUID, app: App, user: User, order: LinkOrder | None = None) -> Link:
    """Whoever has the link can read the file until it expires."""
    seconds = (order or LinkOrder()).seconds
    ticket, until = await app.files.ticket(user, file_id, seconds=seconds)
    return Link(url=f"/api/files/{file_id}?ticket={ticket}", expires_at=until)


@router.delete("/files/{file_id}", status_code=204, summary="Delete a file")
async def delete(file_id: UUID, app: App, user: User) -> Response:
    """There is no way back."""
    await app.files.delete(user, file_id)
    return Response(status_code=204)


@router.head("/files/{file_id}", include_in_schema=False)  # noqa: FAST003 - the same
@router.get(
    "/files/{file_id}",
    summary="Read a file",
    response_class=Response,
    responses={
        200: {"description": "The file.", "content": {"*/*": {}}},
        206: {
            "description": "What `Range` asked for.",
            "content": {"*/*": {}},
        },
        304: {"description": "It is as `If-None-Match` has it."},
        416: {"description": "Nothing of it is in the ranges that were asked for."},
    },
)
async def read(row: AskedFor, app: App, request: Request) -> Response:
    """The file, or with `Range` parts of it. Its type is what we found it to be."""
    etag = f'"{row.sha256}"'
    modified = format_datetime(row.created_at.replace(microsecond=0), usegmt=True)
    place = "inline" if kinds.is_shown(row.media_type) else "attachment"
    headers = {
        "Accept-Ranges": "bytes",
        "ETag": etag,
        "Last-Modified": modified,
        "Cache-Control": "private, no-cache",
        "Content-Disposition": f"{place}; filename*=UTF-8''{quote(row.name, safe='')}",
        "Content-Security-Policy": _POLICY,
        "X-Content-Type-Options": "nosniff",
    }
    known = request.headers.get("if-none-match")
    if known is not None and ranges.etag_matches(known, etag):
        return Response(status_code=304, headers=headers)
    head_only = request.method == "HEAD"
    unless_changed = request.headers.get("if-range")
    # Of HEAD there are no parts (RFC 9110, 14.2).
    heeded = not head_only and (
        unless_changed is None or unless_changed.strip() in {etag, modified}
    )
    parts = ranges.parse(request.headers.get("range") if heeded else None, row.size)
    if parts == []:
        return Response(
            status_code=416, headers={**headers, "Content-Range": f"bytes */{row.size}"}
        )
    if parts is None:
        whole = Part(0, row.size)
        return await _answer(app, row, [whole], 200, headers, row.media_type, head_only=head_only)
    if len(parts) == 1:
        headers["Content-Range"] = parts[0].content_range(row.size)
        return await _answer(app, row, parts, 206, headers, row.media_type, head_only=head_only)
    boundary = secrets.token_hex(16)
    kind = f"multipart/byteranges; boundary={boundary}"
    return await _answer(
        app, row, parts, 206, headers, kind, boundary=boundary, head_only=head_only
    )


async def _answer(
    app: Application,
    row: FileRow,
    parts: Sequence[Part],
    status: int,
    headers: dict[str, str],
    media_type: str,
    *,
    boundary: str | None = None,
    head_only: bool,
) -> Response:
    heads = [_part_head(row, part, boundary) if boundary else b"" for part in parts]
    end = f"\r\n--{boundary}--\r\n".encode() if boundary else b""
    size = sum(map(len, heads)) + sum(part.size for part in parts) + len(end)
    headers = {**headers, "Content-Length": str(size)}
    if head_only:
        return Response(status_code=status, headers=headers, media_type=media_type)
    stream = _stream(app, row, parts, heads, end)
    # What is missing or cannot be read is told by a status, while there still is one.
    first = await anext(stream, b"")

    async def body() -> AsyncGenerator[bytes]:
        # Closed here and now when the reader leaves, not whenever it is collected.
        async with aclosing(stream):
            yield first
            async for chunk in stream:
                yield chunk

    return StreamingResponse(body(), status, headers=headers, media_type=media_type)


async def _stream(
    app: Application, row: FileRow, parts: Sequence[Part], heads: Sequence[bytes], end: bytes
) -> AsyncGenerator[bytes]:
    for head, part in zip(heads, parts, strict=True):
        beginning = head
        async with aclosing(app.files.read(row, part.start, part.end)) as chunks:
            async for chunk in chunks:
                yield beginning + chunk
                beginning = b""
        if beginning:
            yield beginning
    if end:
        yield end


def _part_head(row: FileRow, part: Part, boundary: str) -> bytes:
    """What stands before a part of `multipart/byteranges` (RFC 9110, 14.6)."""
    return (
        f"\r\n--{boundary}\r\nContent-Type: {row.media_type}\r\n"
        f"Content-Range: {part.content_range(row.size)}\r\n\r\n"
    ).encode()
