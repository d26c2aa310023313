"""The program's own tables are guarded, too: by the catalog, so that a new one cannot be missed."""

import psycopg
import pytest

from coursewright.database.pool import Database

UNGUARDED = {"coursewright_migrations", "queue_migrations"}
"""Which files were applied: nobody's secret."""


def test_every_table_of_the_program_has_forced_row_level_security(admin_url: str) -> None:
    with psycopg.connect(admin_url) as admin:
        rows = admin.execute(
            """
            select relname::text from pg_class c
            where relkind in ('r', 'p') and relnamespace = 'coursewright_meta'::regnamespace
              and not (
                relrowsecurity and relforcerowsecurity
                and exists (select from pg_policy where polrelid = c.oid)
              )
            """
        ).fetchall()
    assert {name for (name,) in rows} == UNGUARDED


@pytest.mark.parametrize("table", ["user_usage", "queue_turns", "sweeps"])
async def test_a_user_reads_nothing_of_them(database: Database, admin_url: str, table: str) -> None:
    with psycopg.connect(admin_url) as admin:
        row = admin.execute("insert into auth.users default values returning id").fetchone()
    assert row is not None
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        async with database.as_user(row[0]) as conn:
            await conn.execute(f"select from coursewright_meta.{table}".encode())


async def test_the_keeper_bypasses_nothing_and_owns_nothing(admin_url: str) -> None:
    with psycopg.connect(admin_url) as admin:
        row = admin.execute(
            "select rolsuper or rolbypassrls or rolcanlogin or rolcreaterole or rolcreatedb,"
            " (select count(*) from pg_shdepend where refobjid = r.oid and deptype = 'o')"
            " from pg_roles r where rolname = 'coursewright_keeper'"
        ).fetchone()
    assert row == (False, 0)
