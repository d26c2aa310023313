"""The calls about files, as values."""

from uuid import UUID

from coursewright.client.answers import read_nothing, reader
from coursewright.client.calls import Call, CourseId, course_path, id_of
from coursewright.client.values import FileLink, StoredFile


def of_course(course_id: CourseId) -> Call[list[StoredFile]]:
    """The files of a course."""
    path = f"{course_path(course_id)}/files"
    return Call(method="GET", path=path, read=reader(list[StoredFile]))


def link(file_id: UUID | str, seconds: int) -> Call[FileLink]:
    """A link to a file; a second one does no harm."""
    return Call(
        method="POST",
        path=f"{_path(file_id)}/link",
        read=reader(FileLink),
        json={"seconds": seconds},
    )


def read(file_id: UUID | str) -> Call[None]:
    """The bytes of a file, for a stream."""
    return Call(method="GET", path=_path(file_id), read=read_nothing)


def delete(file_id: UUID | str) -> Call[None]:
    """Deletes a file. Not sent twice: after a lost answer the second would find nothing."""
    return Call(method="DELETE", path=_path(file_id), read=read_nothing, repeatable=False)


def _path(file_id: UUID | str) -> str:
    return f"/api/files/{id_of(file_id, 'file')}"
