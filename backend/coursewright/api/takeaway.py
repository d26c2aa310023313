"""All rows and files of a user as one zip, made on disk: its size is not held in memory."""

import json
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import datetime
from typing import IO

from coursewright.api.auth import Who
from coursewright.database import personal
from coursewright.database.pool import Database
from coursewright.files.store import FileGone
from coursewright.generation.files import Files

_IN_MEMORY = 4_000_000
_CHUNK = 64 * 1024


def spooled() -> Iterator[IO[bytes]]:
    """A dependency: a file that is gone when the answer is sent, or nobody waits for it."""
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as spool:
        yield spool


async def take_away(
    database: Database, files: Files, who: Who, spool: IO[bytes], *, at: datetime
) -> Iterator[bytes]:
    """The zip in chunks: `account.json`, a JSON array of rows for each table, and what was uploaded
    or recorded (`files/`), as it is. What the store has lost is listed in `files/missing.json`.

    It is complete before the first chunk is sent, so that a fault is an error and no torn file,
    and a slow reader keeps no connection to the database.
    """
    with zipfile.ZipFile(spool, "w", zipfile.ZIP_DEFLATED) as archive:
        about = {**who.model_dump(mode="json"), "exported_at": at.isoformat()}
        archive.writestr("account.json", json.dumps(about, indent=2))
        async with database.as_user(who.user_id) as conn:
            for table in await personal.tables(conn):
                with archive.open(f"{table}.json", "w", force_zip64=True) as file:
                    before = b"[\n"
                    async for row in personal.rows_of(conn, table):
                        file.write(before + row.encode())
                        before = b",\n"
                    file.write(b"[]\n" if before == b"[\n" else b"\n]\n")
        await _add_files(archive, files, who)
    return _chunks(spool)


async def _add_files(archive: zipfile.ZipFile, files: Files, who: Who) -> None:
    missing: list[str] = []
    for row in await files.everything(who.user_id):
        # Recordings and documents are packed already.
        entry = zipfile.ZipInfo(
            f"files/{row.id}/{row.name}", date_time=row.created_at.timetuple()[:6]
        )
        chunks = files.read(row, 0, row.size)
        try:
            first = await anext(chunks, b"")
        except FileGone:
            missing.append(f"{row.id}/{row.name}")
            continue
        with archive.open(entry, "w", force_zip64=True) as file:
            file.write(first)
            async for chunk in chunks:
                file.write(chunk)
    if missing:
        archive.writestr("files/missing.json", json.dumps(missing, indent=2))


def _chunks(spool: IO[bytes]) -> Iterator[bytes]:
    spool.seek(0)
    while chunk := spool.read(_CHUNK):
        yield chunk
