"""Files in a folder of this machine: the default."""

import asyncio
import errno
import os
import time
from collections.abc import AsyncGenerator, AsyncIterable
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from coursewright.files.store import CHUNK, NoRoom, StoreGone, checked, gone

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_STALE = 24 * 3600.0
"""Seconds after which a file that was not finished is a leftover."""
UNFINISHED = "unfinished"
"""The folder of those that are being written; no backup needs it."""


class FolderStore:
    """A file is written beside its place, brought to the disk, and then put there in one step."""

    def __init__(self, root: Path) -> None:
        """`root` is made when it is needed, for our account alone."""
        self._root = root

    async def put(self, name: str, chunks: AsyncIterable[bytes]) -> int:
        """See `FileStore`."""
        place = self._root / checked(name)
        draft = self._root / UNFINISHED / uuid4().hex
        size = 0
        try:
            opened = await asyncio.to_thread(_create, draft)
            try:
                async for chunk in chunks:
                    await asyncio.to_thread(_write, opened, chunk)
                    size += len(chunk)
                await asyncio.to_thread(os.fsync, opened)
            finally:
                os.close(opened)
            await asyncio.to_thread(_move, draft, place)
        except OSError as error:
            raise _translated(error) from error
        finally:
            with suppress(OSError):
                draft.unlink()  # gone already where all went well
        return size

    async def get(self, name: str, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes]:
        """See `FileStore`. One who reads keeps the file, though it is deleted meanwhile."""
        try:
            opened = await asyncio.to_thread(_open, self._root / checked(name))
        except FileNotFoundError:
            raise gone(name) from None
        except OSError as error:
            raise _translated(error) from error
        try:
            at = start
            while end is None or at < end:
                wanted = CHUNK if end is None else min(CHUNK, end - at)
                chunk = await asyncio.to_thread(os.pread, opened, wanted, at)
                if not chunk:
                    break
                at += len(chunk)
                yield chunk
        except OSError as error:
            raise _translated(error) from error
        finally:
            os.close(opened)

    async def size(self, name: str) -> int | None:
        """See `FileStore`."""
        place = self._root / checked(name)
        try:
            return (await asyncio.to_thread(place.lstat)).st_size
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _translated(error) from error

    async def delete(self, name: str) -> None:
        """See `FileStore`."""
        place = self._root / checked(name)
        try:
            await asyncio.to_thread(place.unlink, missing_ok=True)
        except OSError as error:
            raise _translated(error) from error

    async def tidy(self) -> None:
        """See `FileStore`."""
        await asyncio.to_thread(self._tidy, time.time() - _STALE)

    def _tidy(self, before: float) -> None:
        folder = self._root / UNFINISHED
        for draft in folder.iterdir() if folder.is_dir() else ():
            with suppress(OSError):
                if draft.lstat().st_mtime < before:
                    draft.unlink()


def _create(draft: Path) -> int:
    draft.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return os.open(
        draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600
    )


def _open(place: Path) -> int:
    return os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)


def _write(opened: int, chunk: bytes) -> None:
    left = memoryview(chunk)
    while left:
        left = left[os.write(opened, left) :]


def _move(draft: Path, place: Path) -> None:
    place.parent.mkdir(mode=0o700, exist_ok=True)
    draft.replace(place)
    for folder in (place.parent, place.parent.parent):  # so that the name is on the disk too
        opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def _translated(error: OSError) -> StoreGone | NoRoom:
    if error.errno in _FULL:
        return NoRoom(
            f"there is no room for the file: {error.strerror}",
            hint="Make room on the disk of COURSEWRIGHT_DATA_DIR, then try again.",
        )
    return StoreGone(
        f"the folder of files cannot be used: {error.strerror}",
        hint="Is COURSEWRIGHT_DATA_DIR a folder on a working disk that the program may write to?",
    )
