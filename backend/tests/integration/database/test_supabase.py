"""The migrations on a project of Supabase: pasted into its editor, or applied by the program."""

from pathlib import Path
from typing import LiteralString, cast
from uuid import uuid4

import psycopg
import pytest
from psycopg import AsyncConnection

from coursewright.course.errors import NotConfigured, NotSignedIn
from coursewright.database import migrate, users
from coursewright.database.embedded import EmbeddedPostgres
from coursewright.database.migrate import read_folder
from coursewright.database.pool import Database

AUTH = """
select 'schema' as what, nspname::text as name, nspacl::text as rights,
  nspowner::regrole::text as detail
from pg_namespace where nspname = 'auth'
union all
select 'table', relname, relacl::text, relowner::regrole || ' ' || relrowsecurity from pg_class
where relnamespace = 'auth'::regnamespace
union all
select 'column', attrelid::regclass || '.' || attname, attacl::text, atttypid::regtype::text
from pg_attribute where attrelid = 'auth.users'::regclass and attnum > 0
union all
select 'function', proname, proacl::text, prosrc from pg_proc
where pronamespace = 'auth'::regnamespace
order by 1, 2
"""

SCHEMA = """
select 'column' as what, table_name || '.' || column_name as name,
  concat_ws(' ', data_type, is_nullable, column_default, generation_expression, is_identity)
    as detail
from information_schema.columns where table_schema = 'public'
union all
select 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
from pg_constraint where connamespace = 'public'::regnamespace and contype <> 'n'
union all
select 'index', indexname, indexdef from pg_indexes where schemaname = 'public'
union all
select 'policy', tablename || '.' || policyname,
  concat_ws(' ', cmd, roles::text, qual, '/', with_check)
from pg_policies where schemaname = 'public'
union all
select 'trigger', tgrelid::regclass || '.' || tgname, pg_get_triggerdef(oid)
from pg_trigger where not tgisinternal and tgrelid in
  (select oid from pg_class where relnamespace = 'public'::regnamespace)
order by 1, 2
"""


def paste(url: str) -> None:
    """Runs every file as it stands, as somebody would who pastes them one after another."""
    with psycopg.connect(url, autocommit=True) as editor:
        for migration in read_folder(migrate.FOLDER):
            editor.execute(cast("LiteralString", migration.text))


def rows(url: str, query: LiteralString) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()


def test_the_files_can_be_pasted_in_order_twice(supabase_url: str) -> None:
    paste(supabase_url)
    once = rows(supabase_url, SCHEMA)
    paste(supabase_url)
    assert rows(supabase_url, SCHEMA) == once
    assert len(once) > 300


def test_auth_is_not_touched(supabase_url: str) -> None:
    before = rows(supabase_url, AUTH)
    paste(supabase_url)
    assert rows(supabase_url, AUTH) == before


async def test_the_program_goes_on_where_somebody_has_pasted(supabase_url: str) -> None:
    paste(supabase_url)
    pasted = rows(supabase_url, SCHEMA)
    await migrate.migrate(supabase_url)
    assert rows(supabase_url, SCHEMA) == pasted
    assert await migrate.migrate(supabase_url) == []


def test_both_kinds_of_database_have_the_same_tables(supabase_url: str, database_url: str) -> None:
    paste(supabase_url)
    assert rows(supabase_url, SCHEMA) == rows(
        database_url.replace("coursewright_app@", "postgres@"), SCHEMA
    )


async def test_users_are_left_to_supabase(supabase_url: str) -> None:
    await migrate.migrate(supabase_url)
    known, unknown = uuid4(), uuid4()
    async with await AsyncConnection.connect(supabase_url) as owner:
        await owner.execute("insert into auth.users (id) values (%s)", (known,))
    async with await Database.open(supabase_url) as database:
        await users.ensure(database, known, email="somebody@example.org")
        with pytest.raises(NotSignedIn, match="no user"):
            await users.ensure(database, unknown)
    assert rows(supabase_url, "select id, email from auth.users") == [(known, None)]


async def test_another_schema_auth_is_refused_with_a_reason(empty_url: str) -> None:
    with psycopg.connect(empty_url) as connection:
        connection.execute("create schema auth")
    with pytest.raises(Exception, match=r"no auth\.users"):
        await migrate.migrate(empty_url)


async def test_a_login_that_may_make_no_roles_is_told(supabase: EmbeddedPostgres) -> None:
    with psycopg.connect(supabase.admin_url("postgres"), autocommit=True) as admin:
        admin.execute("create role weak login")
        admin.execute("create database weak owner weak template supabase_bare")
    try:
        with pytest.raises(NotConfigured, match="refused"):
            await migrate.migrate(supabase.url("weak", user="weak"))
    finally:
        with psycopg.connect(supabase.admin_url("postgres"), autocommit=True) as admin:
            admin.execute("drop database weak with (force)")
            admin.execute("drop role weak")


def test_no_file_holds_what_only_psql_understands() -> None:
    for path in Path(migrate.FOLDER).glob("*.sql"):
        lines = path.read_text(encoding="utf-8").splitlines()
        assert not [line for line in lines if line.lstrip().startswith("\\")], path.name
        assert not [line for line in lines if line.split()[:1] in (["begin;"], ["commit;"])]
