"""Files of courses: kept, read, linked to, deleted.

The row and the bytes cannot be written in one transaction. So a name is announced before its bytes
are written, and deleted rows leave theirs behind; `sweep` deletes what nobody holds. A crash
anywhere leaves no file without a row for longer than half a day, and no row without its file.
"""

import hashlib
import secrets
from collections.abc import AsyncGenerator, AsyncIterable, Callable
from contextlib import suppress
from datetime import datetime
from uuid import UUID

import structlog

from coursewright.course.errors import Conflict, CoursewrightError, NotFound
from coursewright.database import courses, files
from coursewright.database.files import FileRow
from coursewright.database.pool import Database
from coursewright.files import FileStore, kinds, new_name, signatures
from coursewright.files.signatures import SigningKey

log = structlog.get_logger()

_LONGEST_NAME = 200
_SECRET = 32
"""Bytes of a key: as many as SHA-256 gives."""


class Files:
    """Files as the person who asks: row-level security hides what belongs to others."""

    def __init__(
        self,
        database: Database,
        store: FileStore,
        *,
        now: Callable[[], datetime],
        new_id: Callable[[], UUID],
    ) -> None:
        """`now` is the clock, with a zone; `new_id` makes random ids."""
        self._database = database
        self._store = store
        self._now = now
        self._new_id = new_id

    async def keep(
        self,
        user_id: UUID,
        course_id: UUID,
        *,
        purpose: str,
        name: str,
        chunks: AsyncIterable[bytes],
    ) -> FileRow:
        """Stores a file of a course; one that is there already is given back.

        Args:
            user_id: whose course it is.
            course_id: the course.
            purpose: `original` or `audio`.
            name: what it is called, as somebody said; no folder of it is kept.
            chunks: its bytes.

        Raises:
            NotFound: there is no such course.
            NoRoom, StoreGone: it could not be stored, and nothing of it is.
        """
        async with self._database.as_user(user_id) as conn:
            if not await courses.exists(conn, course_id):
                raise NotFound(f"there is no course {course_id}")
        file_id = self._new_id()
        stored_as = new_name(file_id)
        async with self._database.as_system() as conn:
            await files.announce(conn, stored_as)
        seen = _Seen(chunks)
        size = await self._store.put(stored_as, seen.passing())
        row = FileRow(
            id=file_id,
            course_id=course_id,
            purpose=purpose,
            name=plain_name(name),
            media_type=kinds.media_type(bytes(seen.head)),
            size=size,
            sha256=seen.digest.hexdigest(),
            stored_as=stored_as,
            created_at=self._now(),
        )
        async with self._database.as_service(user_id) as conn:
            if await courses.lock(conn, course_id) is None:
                raise NotFound(f"there is no course {course_id} any more")
            if not await files.insert(conn, row):
                return await _same(conn, row)  # the second copy stays announced, and is swept
            if not await files.settle(conn, stored_as):
                raise Conflict("the file took too long to come", hint="Send it again.")
        return row

    async def of_course(self, user_id: UUID, course_id: UUID) -> list[FileRow]:
        """The files of a course, the oldest first. Raises `NotFound`."""
        async with self._database.as_user(user_id) as conn:
            if not await courses.exists(conn, course_id):
                raise NotFound(f"there is no course {course_id}")
            return await files.list_all(conn, course_id)

    async def everything(self, user_id: UUID) -> list[FileRow]:
        """The files of all courses of the person, the oldest first."""
        async with self._database.as_user(user_id) as conn:
            return await files.everything(conn)

    async def find(self, user_id: UUID, file_id: UUID) -> FileRow:
        """A file of the person's own. Raises `NotFound`."""
        async with self._database.as_user(user_id) as conn:
            row = await files.get(conn, file_id)
        if row is None:
            raise _no_file(file_id)
        return row

    async def by_ticket(self, file_id: UUID, ticket: str) -> FileRow:
        """The file that a ticket lets in to. Raises `NotFound`, which does not say why."""
        async with self._database.as_system() as conn:
            keys = await files.keys(conn)
        owner = signatures.owner_of(ticket, file_id, keys, now=self._now())
        if owner is None:
            raise NotFound(
                "this link to a file is not valid (any more)",
                hint="Ask for a new one where you got it.",
            )
        return await self.find(owner, file_id)

    async def ticket(self, user_id: UUID, file_id: UUID, *, seconds: int) -> tuple[str, datetime]:
        """A ticket to a file of the person's own, and when it ends. Raises `NotFound`."""
        await self.find(user_id, file_id)
        async with self._database.as_system() as conn:
            keys = await files.keys(conn)
        if not keys:
            await self.ensure_key()
            async with self._database.as_system() as conn:
                keys = await files.keys(conn)
        number = max(keys)
        until = signatures.expiry(self._now(), seconds)
        key = SigningKey(number, keys[number])
        return signatures.sign(key, file_id, user_id, until=until), until

    def read(self, row: FileRow, start: int, end: int) -> AsyncGenerator[bytes]:
        """The bytes of a file from `start` up to, not including, `end`."""
        return self._store.get(row.stored_as, start, end)

    async def delete(self, user_id: UUID, file_id: UUID) -> None:
        """Deletes a file. Its bytes follow with the next sweep. Raises `NotFound`."""
        async with self._database.as_service(user_id) as conn:
            if not await files.delete(conn, file_id):
                raise _no_file(file_id)

    async def ensure_key(self) -> None:
        """Sees to it that there is a key to sign with."""
        async with self._database.as_system() as conn:
            if not await files.keys(conn):
                await files.add_key(conn, secrets.token_bytes(_SECRET), only_first=True)

    async def rotate_key(self, *, end_links: bool) -> int:
        """Makes a new key. Links that were signed with older ones end by themselves, or now where
        `end_links` says so; how many keys ended.
        """
        async with self._database.as_system() as conn:
            await files.add_key(conn, secrets.token_bytes(_SECRET), only_first=False)
            return await files.drop_old_keys(conn) if end_links else 0

    async def sweep(self) -> int:
        """Deletes from the store what nobody holds any more; how many files that were.

        A name is taken off the list only when its bytes are gone: after a crash it is swept again.
        """
        swept = 0
        while True:
            async with self._database.as_system() as conn:
                stored_as = await files.take_due(conn)
                if stored_as is None:
                    break
                await self._store.delete(stored_as)
            swept += 1
        with suppress(CoursewrightError):
            await self._store.tidy()
        return swept


class _Seen:
    """What passes by: its digest, and how it begins."""

    def __init__(self, chunks: AsyncIterable[bytes]) -> None:
        self._chunks = chunks
        self.digest = hashlib.sha256()
        self.head = bytearray()

    async def passing(self) -> AsyncGenerator[bytes]:
        async for chunk in self._chunks:
            self.digest.update(chunk)
            if len(self.head) < kinds.HEAD:
                self.head += chunk[: kinds.HEAD - len(self.head)]
            yield chunk


def plain_name(name: str) -> str:
    """What a file is called, without folders and without what could hide in a line."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    printable = "".join(char for char in last if char.isprintable()).strip().lstrip(".")
    stem, dot, suffix = printable.rpartition(".")
    if dot and len(printable) > _LONGEST_NAME:
        return f"{stem[: _LONGEST_NAME - 20]}.{suffix[:19]}"
    return printable[:_LONGEST_NAME] or "file"


async def _same(conn: files.Connection, row: FileRow) -> FileRow:
    """The file that is there already, with the same purpose, name and bytes."""
    for found in await files.list_all(conn, row.course_id):
        if (found.purpose, found.name, found.sha256) == (row.purpose, row.name, row.sha256):
            return found
    raise Conflict("the file was deleted at this moment", hint="Send it again.")


def _no_file(file_id: UUID) -> NotFound:
    return NotFound(
        f"there is no file {file_id}", hint="The list of the course's files shows them."
    )
