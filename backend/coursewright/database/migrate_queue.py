"""The queue's own tables: Procrastinate's schema, kept in a Postgres schema of its own.

A fresh database gets the whole schema at once. An older one gets those of Procrastinate's
migrations that came later; each is recorded by its file's name. Procrastinate's functions name
their tables without a schema, so who calls them needs `procrastinate` in the search path.
"""

from pathlib import Path
from typing import LiteralString, cast

from procrastinate import __version__
from procrastinate.schema import SchemaManager
from psycopg import AsyncConnection
from psycopg.rows import DictRow

from coursewright.course.errors import NotConfigured

SCHEMA = "procrastinate"
_META = """
create schema if not exists procrastinate;
create table if not exists coursewright_meta.queue_migrations (
  name text primary key,
  applied_at timestamptz not null default now()
)
"""
_RIGHTS = """
revoke all on schema procrastinate from public;
grant usage on schema procrastinate to coursewright_app, coursewright_service;
grant select, insert, update, delete on all tables in schema procrastinate
  to coursewright_app, coursewright_service;
grant usage, select on all sequences in schema procrastinate
  to coursewright_app, coursewright_service;
grant usage on schema coursewright_meta to coursewright_app;
do $$
declare
  listed text;
begin
  -- What was applied, for `doctor`. What else is in that schema guards itself.
  foreach listed in array array['coursewright_migrations', 'queue_migrations'] loop
    if to_regclass('coursewright_meta.' || listed) is not null then
      execute format('grant select on table coursewright_meta.%I to coursewright_app', listed);
    end if;
  end loop;
end
$$;
"""
_ROLES = """
select count(*) = 2 as there from pg_roles
where rolname in ('coursewright_app', 'coursewright_service')
"""


async def migrate_queue(
    connection: AsyncConnection[DictRow], *, folder: Path | None = None
) -> list[str]:
    """Brings the queue's tables up to date; what was done, as names for people.

    Raises:
        NotConfigured: the roles are missing, or the tables are newer than the installed package.
    """
    await connection.execute(_META)
    known = sorted(path.name for path in _folder(folder).glob("*.sql"))
    applied = await _applied(connection)
    if unknown := applied - set(known):
        raise NotConfigured(
            f"The queue's tables are newer than Procrastinate {__version__}: they have "
            f"{max(unknown)}.",
            hint="Install the version of coursewright that was used with this database last.",
        )
    if not applied:
        await _run(connection, SchemaManager.get_schema(), known)
        return [f"procrastinate {__version__}"]
    todo = [name for name in known if name not in applied]
    for name in todo:
        text = (_folder(folder) / name).read_text(encoding="utf-8")
        # Vouched for by Procrastinate, like its schema.
        await _run(connection, cast("LiteralString", text), [name])
    return [f"procrastinate/{name}" for name in todo]


async def _run(connection: AsyncConnection[DictRow], text: LiteralString, names: list[str]) -> None:
    """Runs SQL of Procrastinate's, gives the program its rights, records it: all or nothing."""
    async with connection.transaction():
        await connection.execute("set local search_path to procrastinate")
        await connection.execute(text)
        await _grant(connection)
        await connection.execute(
            "insert into coursewright_meta.queue_migrations (name) select unnest(%s::text[])",
            (names,),
        )


async def _applied(connection: AsyncConnection[DictRow]) -> set[str]:
    found = await connection.execute("select name from coursewright_meta.queue_migrations")
    return {row["name"] for row in await found.fetchall()}


async def _grant(connection: AsyncConnection[DictRow]) -> None:
    row = await (await connection.execute(_ROLES)).fetchone()
    if row is None or not row["there"]:
        raise NotConfigured(
            "The roles coursewright_app and coursewright_service are missing.",
            hint="Apply the program's own migrations first.",
        )
    await connection.execute(_RIGHTS)


def _folder(folder: Path | None) -> Path:
    return folder or Path(SchemaManager.get_migrations_path())
