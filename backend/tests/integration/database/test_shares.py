"""Links to a course where the database belongs to Supabase, and to a login that policies hold."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql

from conftest import copied
from coursewright.database import shared_reader, shares, users
from coursewright.database.embedded import EmbeddedPostgres
from coursewright.database.migrate import migrate
from coursewright.database.pool import Database

DIGEST = sha256(b"a token").digest()
OWNER = "plain_owner"
"""Owns its database and is no superuser: `force row level security` holds it."""


@pytest.fixture
async def owned(postgres: EmbeddedPostgres, template: str) -> AsyncIterator[Database]:
    """A database that was migrated by a login that policies hold."""
    assert template  # the roles of the cluster are there
    with psycopg.connect(postgres.admin_url("postgres"), autocommit=True) as admin:
        known = admin.execute("select 1 from pg_roles where rolname = %s", (OWNER,)).fetchone()
        if known is None:
            admin.execute(f"create role {OWNER} login createrole".encode())
            admin.execute(
                "grant coursewright_app, coursewright_service, coursewright_reader, authenticated"
                f" to {OWNER} with admin option".encode()
            )
    with copied(postgres, "template0") as name:
        with psycopg.connect(postgres.admin_url("postgres"), autocommit=True) as admin:
            admin.execute(
                sql.SQL("alter database {} owner to {}").format(
                    sql.Identifier(name), sql.Identifier(OWNER)
                )
            )
        with psycopg.connect(postgres.admin_url(name), autocommit=True) as admin:
            admin.execute(f"alter schema public owner to {OWNER}".encode())
        url = postgres.url(name, user=OWNER)
        await migrate(url)
        async with await Database.open(url, max_size=3) as database:
            yield database


async def shared(database: Database) -> tuple[UUID, UUID]:
    """A user's course with a link; returns both."""
    user, course = uuid4(), uuid4()
    await users.ensure(database, user)
    async with database.as_service(user) as conn:
        await conn.execute(
            "insert into courses (id, user_id, title, topic, level, language, brief, author)"
            " values (%s, %s, 'T', 't', 'beginner', 'en', '{}', 'builtin')",
            (course, user),
        )
        link = await shares.insert(
            conn, course, token_sha256=DIGEST, expires_at=datetime.now(UTC) + timedelta(days=1)
        )
    return user, link


async def read(database: Database) -> str | None:
    async with database.as_reader(DIGEST) as conn:
        course_id = await shares.course_of(conn)
        course = await shared_reader.read(conn, course_id) if course_id else None
    return None if course is None else course.title


async def check(database: Database, user: UUID, link: UUID) -> None:
    assert await shares.note_use(database, DIGEST)
    assert await shares.note_use(database, DIGEST)
    assert await read(database) == "T"
    async with database.as_user(user) as conn:
        rows = await (await conn.execute("select course_id from course_shares")).fetchall()
        (listed,) = await shares.list_all(conn, rows[0]["course_id"])
        assert listed.last_used_at
    async with database.as_service(user) as conn:
        await shares.revoke(conn, rows[0]["course_id"], link, now=datetime.now(UTC))
    assert not await shares.note_use(database, DIGEST)
    assert await read(database) is None


async def test_an_owner_that_policies_hold_looks_links_up(owned: Database) -> None:
    async with owned.as_system() as conn:
        row = await (
            await conn.execute("select tableowner from pg_tables where tablename = 'course_shares'")
        ).fetchone()
        assert row == {"tableowner": OWNER}
    await check(owned, *await shared(owned))


async def test_a_project_of_supabase_has_links(ground: Any, grounded: Database) -> None:
    user, course = uuid4(), uuid4()
    with psycopg.connect(ground.admin_url) as admin:
        admin.execute("insert into auth.users (id) values (%s)", (user,))
    async with grounded.as_service(user) as conn:
        await conn.execute(
            "insert into courses (id, user_id, title, topic, level, language, brief, author)"
            " values (%s, %s, 'T', 't', 'beginner', 'en', '{}', 'builtin')",
            (course, user),
        )
        link = await shares.insert(
            conn, course, token_sha256=DIGEST, expires_at=datetime.now(UTC) + timedelta(days=1)
        )
    await check(grounded, user, link)


async def test_links_that_ended_long_ago_are_forgotten(database: Database) -> None:
    user, link = await shared(database)
    async with database.as_service(user) as conn:
        await conn.execute("update course_shares set expires_at = now() - interval '91 days'")
        row = await (await conn.execute("select id from courses")).fetchone()
        assert row is not None
        await shares.insert(
            conn, row["id"], token_sha256=sha256(b"other").digest(), expires_at=datetime.now(UTC)
        )
        assert link not in {each.id for each in await shares.list_all(conn, row["id"])}


async def test_only_the_program_opens_links(database: Database) -> None:
    await shared(database)
    claims = json.dumps({"share": DIGEST.hex()})
    for role in ("anon", "authenticated", "coursewright_service"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await _open_as(database, role, claims)


async def _open_as(database: Database, role: str, claims: str) -> None:
    async with database.as_system() as conn:
        await conn.execute(
            "select set_config('role', %s, true), set_config('request.jwt.claims', %s, true)",
            (role, claims),
        )
        await conn.execute("select coursewright_meta.open_share(%s)", (DIGEST,))
