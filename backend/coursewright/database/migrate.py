"""Migrations: plain SQL files, applied in order, each once, each in a transaction.

A file is called `NNNN_name.sql`; the numbers run from 0001 without gaps. What was applied is
recorded, with a checksum, in the schema `coursewright_meta`: `public` holds only what people see.
"""

import hashlib
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, LiteralString, cast

import psycopg
from psycopg import AsyncConnection
from psycopg.pq import TransactionStatus
from psycopg.rows import DictRow, dict_row

from coursewright.course.base import Value
from coursewright.course.errors import Defect, NotConfigured
from coursewright.database.migrate_queue import migrate_queue
from coursewright.database.outage import translate

FOLDER = Path(__file__).parent / "migrations"
_NAME = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")
_LOCK = 6_072_026_112_301
"""The advisory lock's number: any, as long as nobody else in the database uses it."""

_META = """
create schema if not exists coursewright_meta;
create table if not exists coursewright_meta.coursewright_migrations (
  number integer primary key,
  name text not null,
  sha256 text not null,
  applied_at timestamptz not null default now()
)
"""


class Migration(Value):
    """A file of the folder."""

    number: int
    name: str
    """The file's name."""
    text: str

    @property
    def sha256(self) -> str:
        """Of the text with plain line ends, so that a checkout's settings do not matter."""
        return hashlib.sha256(self.text.encode()).hexdigest()


async def migrate(admin_url: str, *, folder: Path = FOLDER) -> list[str]:
    """Brings a database up to date; the names of what was applied now, in order.

    Two processes at once: one waits for the other. The queue's tables are brought up to date
    as the last step (`migrate_queue`), when their roles are there.

    Args:
        admin_url: the address, with a login that may make schemas, tables and roles.
        folder: where the files are.

    Raises:
        NotConfigured: an applied file was changed since, the database is newer than the program, or
            the login may not do it.
        Defect: the folder's files are not named and numbered as they should be, or one of them is
            no good SQL.
        DatabaseGone: the database does not answer.
    """
    known = read_folder(folder)
    async with _locked(admin_url) as connection:
        await connection.execute(cast("LiteralString", _META))
        todo = _pending(known, await _applied(connection))
        for migration in todo:
            await _apply(connection, migration)
        return [migration.name for migration in todo] + await migrate_queue(connection)


def read_folder(folder: Path = FOLDER) -> list[Migration]:
    """The folder's migrations in order.

    Raises:
        Defect: a name that does not fit, a number twice, or a gap.
    """
    found: list[Migration] = []
    for path in sorted(folder.glob("*.sql")):
        named = _NAME.fullmatch(path.name)
        if named is None:
            raise Defect(f"{path} is not called like a migration (0001_name.sql).")
        text = path.read_text(encoding="utf-8").replace("\r\n", "\n")
        found.append(Migration(number=int(named.group(1)), name=path.name, text=text))
    if [each.number for each in found] != list(range(1, len(found) + 1)):
        raise Defect(f"The migrations in {folder} are not numbered 0001, 0002 and so on.")
    return found


def _pending(known: list[Migration], applied: list[DictRow]) -> list[Migration]:
    if len(applied) > len(known):
        raise NotConfigured(
            f"The database is newer than this program: it has {applied[-1]['name']}.",
            hint="Upgrade coursewright to the version that was used with this database last.",
        )
    for row, migration in zip(applied, known, strict=False):
        if (row["number"], row["sha256"]) != (migration.number, migration.sha256):
            raise NotConfigured(
                f"The database was made with another {row['name']} than this program's "
                f"{migration.name}.",
                hint="A migration that was applied is never changed. Use the version of "
                "coursewright that made the database, or begin with an empty one.",
            )
    return known[len(applied) :]


async def _applied(connection: AsyncConnection[DictRow]) -> list[DictRow]:
    found = await connection.execute(
        "select number, name, sha256 from coursewright_meta.coursewright_migrations order by number"
    )
    return await found.fetchall()


async def _apply(connection: AsyncConnection[DictRow], migration: Migration) -> None:
    try:
        async with connection.transaction():
            await connection.execute("set local search_path to public")
            # Vouched for: it is a file of the program's own.
            await connection.execute(cast("LiteralString", migration.text))
            if connection.info.transaction_status is not TransactionStatus.INTRANS:
                raise Defect(f"{migration.name} ends the transaction that it runs in.")
            await connection.execute(
                "insert into coursewright_meta.coursewright_migrations (number, name, sha256) "
                "values (%s, %s, %s)",
                (migration.number, migration.name, migration.sha256),
            )
    except psycopg.errors.InsufficientPrivilege as error:
        raise _not_allowed(error, migration.name) from error
    except (psycopg.ProgrammingError, psycopg.DataError, psycopg.IntegrityError) as error:
        raise Defect(f"{migration.name} failed: {error}") from error


@asynccontextmanager
async def _locked(admin_url: str) -> AsyncGenerator[AsyncConnection[DictRow]]:
    """A connection of its own that holds the lock; closing it releases the lock."""
    try:
        async with await AsyncConnection[Any].connect(
            admin_url,
            autocommit=True,
            row_factory=dict_row,
            application_name="coursewright migrate",
        ) as connection:
            await connection.execute("set client_min_messages to warning")
            await connection.execute("select pg_advisory_lock(%s)", (_LOCK,))
            yield connection
    except psycopg.errors.InsufficientPrivilege as error:
        raise _not_allowed(error, "The preparation") from error
    except psycopg.Error as error:
        raise translate(error) or error from error


def _not_allowed(error: psycopg.Error, what: str) -> NotConfigured:
    return NotConfigured(
        f"{what} of the database's migrations was refused: {str(error).splitlines()[0]}.",
        hint="Migrations need a login that owns the database and may create roles.",
    )
