"""What a store of files can do."""

import re
from collections.abc import AsyncGenerator, AsyncIterable
from typing import Protocol
from uuid import UUID

from coursewright.course.errors import Defect, Unavailable

CHUNK = 256 * 1024
"""Bytes that are held in memory at a time, roughly."""
_NAME = re.compile(r"[0-9a-f]{2}/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class FileStore(Protocol):
    """Files by names of our own making (`new_name`); never by names that people give."""

    async def put(self, name: str, chunks: AsyncIterable[bytes]) -> int:
        """Stores what comes, and returns its bytes; it is there as a whole or not at all.

        Raises:
            NoRoom: the store is full; nothing is left of the file.
            StoreGone: the store does not answer or refuses us.
        """
        ...

    def get(self, name: str, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes]:
        """The bytes from `start` up to, not including, `end`.

        Raises:
            FileGone: there is no such file.
            StoreGone: the store does not answer or refuses us.
        """
        ...

    async def size(self, name: str) -> int | None:
        """How many bytes a file has; None where there is none. Raises `StoreGone`."""
        ...

    async def delete(self, name: str) -> None:
        """Deletes a file. Harmless where there is none. Raises `StoreGone`."""
        ...

    async def tidy(self) -> None:
        """Removes what a crash in the middle of `put` has left."""
        ...


class StoreGone(Unavailable):
    """The store of files does not answer, or refuses us."""


class NoRoom(Unavailable):
    """The store of files is full."""


class FileGone(Unavailable):
    """The database knows of a file that the store does not have."""


def new_name(file_id: UUID) -> str:
    """The name of a file in any store. The first two digits spread files over folders."""
    text = str(file_id)
    return f"{text[:2]}/{text}"


def checked(name: str) -> str:
    """The name, which must be of our making. Raises `Defect`: no path gets through, ever."""
    if not _NAME.fullmatch(name):
        raise Defect(f"{name[:60]!r} is not the name of a stored file.")
    return name


def gone(name: str) -> FileGone:
    """A file that should be there."""
    return FileGone(
        f"the stored file {name[3:]} is missing",
        hint="Was the data folder or the bucket restored without its files? Upload it again.",
    )
