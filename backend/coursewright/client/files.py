"""`client.files`: recordings and originals. The two classes differ in their waiting alone."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import UUID

from coursewright.client import file_calls
from coursewright.client.calls import AsyncSend, Call, CourseId, Send
from coursewright.client.values import FileLink, StoredFile


class Files:
    """Files of courses."""

    def __init__(self, send: Send, save: Callable[[Call[None], Path], int]) -> None:
        """`send` carries a call to the service; `save` puts what is answered on the disk."""
        self._send = send
        self._save = save

    def of(self, course_id: CourseId) -> list[StoredFile]:
        """The files of a course: recordings, and originals where they are kept."""
        return self._send(file_calls.of_course(course_id))

    def link(self, file_id: UUID | str, *, seconds: int = 3600) -> FileLink:
        """A link to a file that needs no sign-in, until it expires."""
        return self._send(file_calls.link(file_id, seconds))

    def download(self, file_id: UUID | str, to: Path | str) -> int:
        """Saves a file at that path, whole or not at all; how many bytes. It is never in memory as
        a whole.
        """
        return self._save(file_calls.read(file_id), Path(to))

    def delete(self, file_id: UUID | str) -> None:
        """Deletes a file. There is no way back."""
        self._send(file_calls.delete(file_id))


class AsyncFiles:
    """Files of courses."""

    def __init__(self, send: AsyncSend, save: Callable[[Call[None], Path], Awaitable[int]]) -> None:
        """`send` carries a call to the service; `save` puts what is answered on the disk."""
        self._send = send
        self._save = save

    async def of(self, course_id: CourseId) -> list[StoredFile]:
        """The files of a course: recordings, and originals where they are kept."""
        return await self._send(file_calls.of_course(course_id))

    async def link(self, file_id: UUID | str, *, seconds: int = 3600) -> FileLink:
        """A link to a file that needs no sign-in, until it expires."""
        return await self._send(file_calls.link(file_id, seconds))

    async def download(self, file_id: UUID | str, to: Path | str) -> int:
        """Saves a file at that path, whole or not at all; how many bytes. It is never in memory as
        a whole.
        """
        return await self._save(file_calls.read(file_id), Path(to))

    async def delete(self, file_id: UUID | str) -> None:
        """Deletes a file. There is no way back."""
        await self._send(file_calls.delete(file_id))
