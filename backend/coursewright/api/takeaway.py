"""All rows of a user as one zip, made on disk: its size is not held in memory."""

import json
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import datetime
from typing import IO

from coursewright.api.auth import Who
from coursewright.database import personal
from coursewright.database.pool import Database

_IN_MEMORY = 4_000_000
_CHUNK = 64 * 1024


def spooled() -> Iterator[IO[bytes]]:
    """A dependency: a file that is gone when the answer is sent, or nobody waits for it."""
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as spool:
        yield spool


async def take_away(
    database: Database, who: Who, spool: IO[bytes], *, at: datetime
) -> Iterator[bytes]:
    """The zip in chunks: `account.json`, and a JSON array of rows for each table.

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
    return _chunks(spool)


def _chunks(spool: IO[bytes]) -> Iterator[bytes]:
    spool.seek(0)
    while chunk := spool.read(_CHUNK):
        yield chunk
