"""A second server, set up like a project of Supabase, and databases on either of the two."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from coursewright.database import embedded
from coursewright.database.embedded import EmbeddedPostgres
from coursewright.database.migrate import migrate
from coursewright.database.pool import Database

OWNER = "project_owner"
"""What `postgres` is on Supabase: no superuser, but allowed to make roles, and above policies."""

# After the public set-up of Supabase: who owns what, who may do what, what new tables are given.
CLUSTER = """
create role anon nologin noinherit;
create role authenticated nologin noinherit;
create role service_role nologin noinherit bypassrls;
create role supabase_auth_admin login noinherit createrole;
create role project_owner login nosuperuser createdb createrole replication bypassrls;
grant anon, authenticated, service_role to project_owner with admin option;
"""
DATABASE = """
create schema auth authorization supabase_auth_admin;
set role supabase_auth_admin;
create table auth.users (
  instance_id uuid, id uuid primary key, aud varchar(255), role varchar(255),
  email varchar(255) unique, encrypted_password varchar(255), created_at timestamptz
);
alter table auth.users enable row level security;
create function auth.uid() returns uuid language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.sub', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'
  )::uuid
$$;
create function auth.role() returns text language sql stable as $$
  select nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role'
$$;
create function auth.jwt() returns jsonb language sql stable as $$
  select nullif(current_setting('request.jwt.claims', true), '')::jsonb
$$;
grant usage on schema auth to anon, authenticated, service_role, project_owner;
grant all on all tables in schema auth to project_owner;
grant all on all routines in schema auth to project_owner;
reset role;
grant usage on schema public to anon, authenticated, service_role;
alter default privileges for role project_owner in schema public
  grant all on tables to anon, authenticated, service_role;
alter default privileges for role project_owner in schema public
  grant all on functions to anon, authenticated, service_role;
alter default privileges for role project_owner in schema public
  grant all on sequences to anon, authenticated, service_role;
"""


@dataclass(frozen=True)
class Ground:
    """A database to test on."""

    kind: str
    """`plain` or `supabase`."""
    admin_url: str
    """Of a superuser, to look behind the policies."""
    app_url: str
    """Of the login that the program uses."""


@pytest.fixture(scope="session")
def supabase() -> Iterator[EmbeddedPostgres]:
    """The second server, with the roles of Supabase."""
    folder = Path(tempfile.mkdtemp(prefix="coursewright-test-")).resolve()
    folder.chmod(0o711)
    quick = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    server = asyncio.run(embedded.start(folder, settings=quick))
    with psycopg.connect(server.admin_url("postgres"), autocommit=True) as admin:
        admin.execute(CLUSTER)
        admin.execute("create database supabase_bare owner project_owner")
    with psycopg.connect(server.admin_url("supabase_bare")) as admin:
        admin.execute(DATABASE)
    yield server
    asyncio.run(server.stop())
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def supabase_template(supabase: EmbeddedPostgres) -> str:
    """The name of a database there with all migrations applied."""
    _create(supabase, "supabase_migrated", "supabase_bare")
    asyncio.run(migrate(supabase.url("supabase_migrated", user=OWNER)))
    return "supabase_migrated"


@pytest.fixture
def supabase_url(supabase: EmbeddedPostgres) -> Iterator[str]:
    """A new project of Supabase, for the login that migrates; nothing of ours is in it."""
    with _copied(supabase, "supabase_bare") as name:
        yield supabase.url(name, user=OWNER)


@pytest.fixture(params=["plain", "supabase"])
def ground(request: pytest.FixtureRequest) -> Iterator[Ground]:
    """A fresh, migrated database: once on a plain Postgres, once on a project of Supabase."""
    if request.param == "plain":
        url: str = request.getfixturevalue("database_url")
        yield Ground("plain", url.replace("coursewright_app@", "postgres@"), url)
        return
    server: EmbeddedPostgres = request.getfixturevalue("supabase")
    template: str = request.getfixturevalue("supabase_template")
    with _copied(server, template) as name:
        yield Ground("supabase", server.admin_url(name), server.url(name, user=OWNER))


@pytest.fixture
async def grounded(ground: Ground) -> AsyncIterator[Database]:
    """An open pool on `ground`."""
    async with await Database.open(ground.app_url, max_size=4) as database:
        yield database


@contextmanager
def _copied(server: EmbeddedPostgres, template: str) -> Generator[str]:
    name = f"test_{uuid4().hex}"
    _create(server, name, template)
    yield name
    with psycopg.connect(server.admin_url("postgres"), autocommit=True) as admin:
        admin.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def _create(server: EmbeddedPostgres, name: str, template: str) -> None:
    query = sql.SQL("create database {} template {} owner {}").format(
        *map(sql.Identifier, (name, template, OWNER))
    )
    with psycopg.connect(server.admin_url("postgres"), autocommit=True) as admin:
        admin.execute(query)
