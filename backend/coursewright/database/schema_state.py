"""Whether the database is in the state that this version of the program needs."""

from collections.abc import Sequence

import psycopg

from coursewright.course.errors import NotConfigured
from coursewright.database.migrate import Migration, read_folder
from coursewright.database.pool import Database

_UNKNOWN = (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName)


class Behind(NotConfigured):
    """The database lacks something that the program needs."""


class Ahead(NotConfigured):
    """The database was migrated by a newer version of the program."""


async def check(database: Database, *, known: Sequence[Migration] | None = None) -> None:
    """Raises `Behind`, `Ahead`, or `DatabaseGone`. `known`: by default those of the program."""
    names = [each.name for each in (read_folder() if known is None else known)]
    try:
        async with database.as_system() as conn:
            rows = await conn.execute(
                "select name from coursewright_meta.coursewright_migrations order by number"
            )
            applied = [row["name"] for row in await rows.fetchall()]
            await conn.execute("select from procrastinate.procrastinate_jobs limit 0")
    except (*_UNKNOWN, psycopg.errors.InsufficientPrivilege) as error:
        raise _behind("it has not been set up") from error
    lacking = [name for name in names if name not in applied]
    if lacking:
        raise _behind(f"it lacks {lacking[0]}" + (" and others" if lacking[1:] else ""))
    if unknown := [name for name in applied if name not in names]:
        raise Ahead(
            f"the database is newer than this program: it has {unknown[-1]}",
            hint="Upgrade coursewright to the version that migrated the database.",
        )


def _behind(what: str) -> Behind:
    return Behind(
        f"the database is older than this program: {what}",
        hint="Run `coursewright migrate` once, with a login that may create tables"
        " (COURSEWRIGHT_ADMIN_DATABASE_URL).",
    )
