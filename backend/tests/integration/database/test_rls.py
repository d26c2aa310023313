"""Row-level security, on a plain Postgres and on one that is set up like Supabase."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg import AsyncConnection, errors, sql
from psycopg.rows import DictRow, dict_row

from coursewright.database import accounts, personal
from coursewright.database.pool import Database

# One row for each table, written for a user and a course. A new table must be added here: the
# tests compare this list with the tables that there are.
ROWS = {
    "courses": "insert into courses (user_id, title, topic, level, language, brief, author)"
    " values (%(user)s, 'secret', 't', 'beginner', 'en', '{}', 'builtin')",
    "course_chapters": "insert into course_chapters (id, course_id, chapter_number, title,"
    " content, body) values (%(chapter)s, %(course)s, %(number)s, 't', 'c', '{}')",
    "course_generation_jobs": "insert into course_generation_jobs (course_id) values (%(course)s)",
    "course_flashcards": "insert into course_flashcards (id, course_id, chapter_id, position,"
    " front, back) values (%(card)s, %(course)s, %(chapter)s, 0, 'f', 'b')",
    "course_mcqs": "insert into course_mcqs (course_id, chapter_id, position, question, options,"
    " correct_answer, correct_index) values (%(course)s, %(chapter)s, 0, 'q', '[\"a\"]', 'a', 0)",
    "course_glossary_terms": "insert into course_glossary_terms (course_id, chapter_id, position,"
    " term, definition) values (%(course)s, %(chapter)s, 0, 't', 'd')",
    "course_articles": "insert into course_articles (course_id, article_type, title, content, body)"
    " values (%(course)s, 'faq', 't', 'c', '{}')",
    "course_word_games": "insert into course_word_games (course_id, game_type, data)"
    " values (%(course)s, 'hangman', '{}')",
    "course_suggestions": "insert into course_suggestions (course_id, position, topic)"
    " values (%(course)s, %(number)s, 't')",
    "course_resources": "insert into course_resources (course_id, position, title, url, kind)"
    " values (%(course)s, %(number)s, 't', 'https://example.org', 'url')",
    "course_audio_scripts": "insert into course_audio_scripts (course_id, audio_type, title, body)"
    " values (%(course)s, 'short_podcast', 't', '{}')",
    "course_audio": "insert into course_audio (course_id, audio_type, script_text)"
    " values (%(course)s, 'short_podcast', 's')",
    "course_files": "insert into course_files (course_id, purpose, name, media_type, size, sha256,"
    " stored_as) values (%(course)s, 'original', 'n', 'text/plain', 1, repeat('0', 64),"
    " gen_random_uuid()::text)",
    "course_sources": "insert into course_sources (course_id, source_id, position, kind, title,"
    " origin, media_type) values (%(course)s, %(source)s, 0, 'file', 't', 'o', 'text/plain')",
    "source_passages": "insert into source_passages (course_id, source_id, passage_id, ordinal,"
    " kind, text, place, language) values (%(course)s, %(source)s,"
    " %(source)s, 0, 'paragraph', 't', '{}', 'en')",
    "course_pieces": "insert into course_pieces (course_id, key, kind, position)"
    " values (%(course)s, %(source)s, 'outline', 0)",
    "course_events": "insert into course_events (course_id, event) values (%(course)s, 'e')",
    "model_calls": "insert into model_calls (user_id, course_id, service, provider, model, outcome)"
    " values (%(user)s, %(course)s, 'chapter', 'p', 'm', 'ok')",
    "model_answers": "insert into model_answers (course_id, piece_key, request_hash, answer)"
    " values (%(course)s, 'outline', 'h', '{}')",
    "course_revisions": "insert into course_revisions (course_id, user_id, piece_key, cause,"
    " version, edited, content) values (%(course)s, %(user)s, 'outline', 'edit', 1, false, '{}')",
    "course_shares": "insert into course_shares (course_id, token_sha256, expires_at)"
    " values (%(course)s, sha256(%(course)s::text::bytea), now() + interval '1 day')",
    "chapter_completion": "insert into chapter_completion (user_id, course_id, chapter_id)"
    " values (%(user)s, %(course)s, %(chapter)s)",
    "review_cards": "insert into review_cards (user_id, item_id, course_id, kind, identity)"
    " values (%(user)s, %(card)s, %(course)s, 'flashcard', 'f')",
    "review_log": "insert into review_log (user_id, id, item_id, course_id, rating, reviewed_at,"
    " day) values (%(user)s, %(card)s, %(card)s, %(course)s, 3, now(), '2026-11-25')",
    "word_game_results": "insert into word_game_results (user_id, id, course_id, game_type, score,"
    " total, milliseconds) values (%(user)s, %(card)s, %(course)s, 'hangman', 1, 2, 3)",
    "reading_positions": "insert into reading_positions (user_id, course_id, chapter_id, position,"
    " read_at) values (%(user)s, %(course)s, %(chapter)s, 0.5, now())",
    "reading_sittings": "insert into reading_sittings (user_id, id, course_id, milliseconds)"
    " values (%(user)s, %(card)s, %(course)s, 5)",
    "study_settings": "insert into study_settings (user_id, time_zone) values (%(user)s, 'UTC')",
    "study_days": "insert into study_days (user_id, day) values (%(user)s, '2026-11-25')",
    "quiz_attempts": "insert into quiz_attempts (user_id, course_id) values (%(user)s, %(course)s)",
}
IDS = {"chapter": uuid4(), "card": uuid4(), "source": uuid4()}
"""A stranger who writes knows them: secrecy of ids is not what guards the rows."""
WRITTEN_BY_USERS = {
    "chapter_completion": {"SELECT", "INSERT", "DELETE"},
    "review_cards": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "review_log": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "word_game_results": {"SELECT", "INSERT", "DELETE"},
    "reading_positions": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "reading_sittings": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "study_settings": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "study_days": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "quiz_attempts": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "courses": {"SELECT", "DELETE"},
}

WITHOUT_COURSE = {"courses", "study_settings", "study_days"}
"""Tables whose rows hang on a user alone."""


@dataclass(frozen=True)
class World:
    """Two users, one of whom has a course with a row in every table."""

    database: Database
    admin_url: str
    owner: UUID
    stranger: UUID
    course: UUID

    @asynccontextmanager
    async def behind(self) -> AsyncGenerator[AsyncConnection[DictRow]]:
        """A connection that no policy holds."""
        async with await AsyncConnection[DictRow].connect(
            self.admin_url, row_factory=dict_row
        ) as conn:
            yield conn

    async def all_rows(self, sql_text: str, *values: Any) -> list[DictRow]:
        async with self.behind() as conn:
            return await (await conn.execute(sql_text.encode(), values)).fetchall()


def _values(user: UUID, course: UUID, number: int = 1) -> dict[str, Any]:
    return {"user": user, "course": course, "number": number, **IDS}


async def _count(conn: AsyncConnection[DictRow], table: str) -> int:
    query = sql.SQL("select count(*) as n from {}").format(sql.Identifier(table))
    row = await (await conn.execute(query)).fetchone()
    assert row is not None
    return row["n"]


@pytest.fixture
async def world(ground: Any, grounded: Database) -> World:
    owner, stranger = uuid4(), uuid4()
    async with await AsyncConnection.connect(ground.admin_url) as admin:
        await admin.execute("insert into auth.users (id) values (%s), (%s)", (owner, stranger))
    async with grounded.as_service(owner) as conn:
        await conn.execute(ROWS["courses"].encode(), _values(owner, uuid4()))
        row = await (await conn.execute("select id from courses")).fetchone()
        assert row is not None
        course = row["id"]
        for table, insert in ROWS.items():
            if table != "courses":
                await conn.execute(insert.encode(), _values(owner, course))
    return World(grounded, ground.admin_url, owner, stranger, course)


async def test_the_list_above_names_every_table(world: World) -> None:
    rows = await world.all_rows(
        "select relname from pg_class where relkind in ('r', 'p')"
        " and relnamespace = 'public'::regnamespace"
    )
    assert {row["relname"] for row in rows} == set(ROWS)


async def test_every_table_is_guarded_even_against_its_owner(world: World) -> None:
    rows = await world.all_rows(
        """
        select relname, relrowsecurity and relforcerowsecurity as forced,
          (select count(*) from pg_policy where polrelid = c.oid) as policies
        from pg_class c where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace
        """
    )
    assert len(rows) == len(ROWS)
    assert [row for row in rows if not row["forced"] or row["policies"] < 1] == []


async def test_no_view_or_function_in_public_goes_round_the_policies(world: World) -> None:
    rows = await world.all_rows(
        "select relname::text as name from pg_class where relkind in ('v', 'm')"
        " and relnamespace = 'public'::regnamespace"
        " union all select proname::text from pg_proc where pronamespace = 'public'::regnamespace"
    )
    assert rows == []


@pytest.mark.parametrize("role", ["anon", "authenticated", "coursewright_service"])
async def test_nobody_sees_nothing(world: World, role: str) -> None:
    async with world.behind() as conn:
        await conn.execute(sql.SQL("set role {}").format(sql.Identifier(role)))
        for table in ROWS:
            if role == "anon":
                with pytest.raises(errors.InsufficientPrivilege):
                    async with conn.transaction():
                        await _count(conn, table)
            else:
                assert await _count(conn, table) == 0, table


async def test_the_program_itself_may_read_no_table(world: World) -> None:
    async with world.database.as_system() as conn:
        for table in ROWS:
            with pytest.raises(errors.InsufficientPrivilege):
                async with conn.transaction():
                    await _count(conn, table)


async def test_the_owner_sees_every_row(world: World) -> None:
    for transaction in (world.database.as_user, world.database.as_service):
        async with transaction(world.owner) as conn:
            for table in ROWS:
                assert await _count(conn, table) == 1, table


async def test_a_stranger_sees_nothing(world: World) -> None:
    for transaction in (world.database.as_user, world.database.as_service):
        async with transaction(world.stranger) as conn:
            for table in ROWS:
                assert await _count(conn, table) == 0, table


async def test_a_stranger_cannot_write_into_a_course(world: World) -> None:
    pretending = _values(world.owner, world.course, number=2)
    honest = _values(world.stranger, world.course, number=2)
    for table, insert in ROWS.items():
        # What is one's own and hangs on no course is no harm.
        for values in (pretending,) if table in WITHOUT_COURSE else (pretending, honest):
            for transaction in (world.database.as_user, world.database.as_service):
                with pytest.raises(errors.InsufficientPrivilege):
                    async with transaction(world.stranger) as conn:
                        await conn.execute(insert.encode(), values)


async def test_a_stranger_changes_and_deletes_nothing(world: World) -> None:
    for table in ROWS:
        column = "user_id" if table in WITHOUT_COURSE else "course_id"
        update = sql.SQL("update {table} set {column} = {column}").format(
            table=sql.Identifier(table), column=sql.Identifier(column)
        )
        delete = sql.SQL("delete from {}").format(sql.Identifier(table))
        for statement in (update, delete):
            async with world.database.as_service(world.stranger) as conn:
                assert (await conn.execute(statement)).rowcount == 0, table
    for table in ROWS:
        async with world.behind() as conn:
            assert await _count(conn, table) == 1


async def test_a_user_writes_only_what_is_theirs_to_write(world: World) -> None:
    rows = await world.all_rows(
        "select table_name, privilege_type from information_schema.role_table_grants"
        " where table_schema = 'public' and grantee = 'authenticated'"
    )
    granted = {table: set[str]() for table in ROWS}
    for row in rows:
        granted[row["table_name"]].add(row["privilege_type"])
    assert granted == {table: WRITTEN_BY_USERS.get(table, {"SELECT"}) for table in ROWS}


async def test_nothing_is_granted_to_anon_or_to_everybody(world: World) -> None:
    rows = await world.all_rows(
        "select grantee, table_name, privilege_type from information_schema.role_table_grants"
        " where table_schema = 'public' and grantee in ('anon', 'PUBLIC', 'coursewright_app')"
    )
    assert rows == []


async def test_a_user_keeps_track_of_their_own_study(world: World) -> None:
    async with world.database.as_user(world.owner) as conn:
        # The log last: it goes with its cards.
        for table in sorted(WRITTEN_BY_USERS.keys() - {"courses"}, key="review_log".__eq__):
            delete = sql.SQL("delete from {}").format(sql.Identifier(table))
            assert (await conn.execute(delete)).rowcount == (table != "review_log"), table
            await conn.execute(ROWS[table].encode(), _values(world.owner, world.course))


async def test_a_course_cannot_be_given_away(world: World) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        async with world.database.as_service(world.owner) as conn:
            await conn.execute("update courses set user_id = %s", (world.stranger,))


async def test_deleting_a_course_leaves_what_was_spent_and_the_days_of_study(world: World) -> None:
    async with world.database.as_user(world.owner) as conn:
        assert (await conn.execute("delete from courses")).rowcount == 1
    async with world.behind() as conn:
        left = {table: await _count(conn, table) for table in ROWS}
    kept = {"model_calls", "study_settings", "study_days"}
    assert left == {table: int(table in kept) for table in ROWS}


async def test_claims_that_are_no_user_are_refused(world: World) -> None:
    for sub in ("' or true --", "00000000", "null"):
        async with world.database.as_user(world.owner) as conn:
            claims = json.dumps({"sub": sub})
            await conn.execute("select set_config('request.jwt.claims', %s, true)", (claims,))
            with pytest.raises(errors.InvalidTextRepresentation):
                await _count(conn, "courses")


async def test_the_roles_of_the_program_own_nothing_and_bypass_nothing(world: World) -> None:
    rows = await world.all_rows(
        """
        select rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication,
          (select count(*) from pg_shdepend where refobjid = r.oid and deptype = 'o') as owned
        from pg_roles r
        where rolname in ('anon', 'authenticated', 'coursewright_app', 'coursewright_service')
        """
    )
    assert len(rows) == 4
    for row in rows:
        assert not any(value for name, value in row.items() if name != "rolname"), row


async def test_only_the_program_makes_users(world: World) -> None:
    for transaction in (world.database.as_user, world.database.as_service):
        with pytest.raises(errors.InsufficientPrivilege):
            async with transaction(world.owner) as conn:
                await conn.execute("select coursewright_meta.ensure_user(%s)", (uuid4(),))


async def test_users_cannot_read_the_list_of_users(world: World) -> None:
    for transaction in (world.database.as_user, world.database.as_service):
        with pytest.raises(errors.InsufficientPrivilege):
            async with transaction(world.owner) as conn:
                await conn.execute("select * from auth.users")


async def test_every_foreign_key_has_an_index(world: World) -> None:
    rows = await world.all_rows(
        """
        select conrelid::regclass::text as table, conname from pg_constraint c
        where contype = 'f' and connamespace = 'public'::regnamespace and not exists (
          select from pg_index i
          where i.indrelid = c.conrelid
            and (i.indkey::int2[])[0 : cardinality(c.conkey) - 1] @> c.conkey
        )
        """
    )
    assert rows == []


OF_THE_SERVICE = {"file_deletions", "queue_turns", "user_usage"}
"""What the service settles itself: names of files that are no more; whose turn it is, and what a
user has ordered today, in the name of that user (`test_meta_guards.py`).
"""


async def test_what_the_program_keeps_for_itself_is_nobodys_to_read(world: World) -> None:
    """Password hashes, sessions, quotas: in a schema of their own, behind functions."""
    tables = await world.all_rows(
        """
        select relname::text as name, relrowsecurity and relforcerowsecurity as forced,
          (select count(*) from pg_policy where polrelid = c.oid) as policies
        from pg_class c where relkind in ('r', 'p')
          and relnamespace = 'coursewright_meta'::regnamespace
          and relname not in ('coursewright_migrations', 'queue_migrations')
        """
    )
    assert {"accounts", "sessions", "sign_in_attempts"} <= {row["name"] for row in tables}
    assert [row for row in tables if not row["forced"] or row["policies"] < 1] == []
    for role in ("anon", "authenticated", "coursewright_service", "service_role"):
        for privilege in ("select", "insert", "update", "delete"):
            rows = await world.all_rows(
                "select relname::text as name from pg_class where relkind in ('r', 'p')"
                " and relnamespace = 'coursewright_meta'::regnamespace"
                " and has_table_privilege(%s, oid, %s)",
                role,
                privilege,
            )
            known = OF_THE_SERVICE if role == "coursewright_service" else set[str]()
            assert {row["name"] for row in rows} <= known, (role, privilege)


async def test_not_even_the_program_reads_hashes_and_sessions_as_tables(world: World) -> None:
    for transaction in (
        world.database.as_user(world.owner),
        world.database.as_service(world.owner),
        world.database.as_system(),
    ):
        async with transaction as conn:
            for table in ("accounts", "sessions", "sign_in_attempts"):
                query = sql.SQL("select * from coursewright_meta.{}").format(sql.Identifier(table))
                with pytest.raises(errors.InsufficientPrivilege):
                    async with conn.transaction():
                        await conn.execute(query)


async def test_functions_that_run_with_more_rights_are_only_the_programs(world: World) -> None:
    rows = await world.all_rows(
        """
        select p.oid::regprocedure::text as name, p.proconfig as settings,
          has_function_privilege('authenticated', p.oid, 'execute')
            or has_function_privilege('anon', p.oid, 'execute')
            or has_function_privilege('coursewright_service', p.oid, 'execute') as open
        from pg_proc p where p.prosecdef and p.pronamespace in
          ('coursewright_meta'::regnamespace, 'public'::regnamespace)
        """
    )
    assert len(rows) > 10
    assert [row["name"] for row in rows if row["open"]] == []
    assert [row["name"] for row in rows if row["settings"] != ['search_path=""']] == []


async def test_who_takes_their_data_away_gets_a_row_of_every_table(world: World) -> None:
    for user, count in ((world.owner, 1), (world.stranger, 0)):
        async with world.database.as_user(user) as conn:
            assert set(await personal.tables(conn)) == set(ROWS)
            for table in ROWS:
                rows = [json.loads(row) async for row in personal.rows_of(conn, table)]
                assert len(rows) == count, table


async def test_deleting_a_user_leaves_nothing_in_any_table(world: World, ground: Any) -> None:
    now = datetime.now(UTC)
    async with world.database.as_system() as conn:
        await accounts.add(conn, world.owner, email="a@example.org", password_hash="h", at=now)
        secret = await accounts.by_email(conn, "a@example.org")
        assert secret is not None
        assert await accounts.begin_session(
            conn,
            secret,
            token=b"t" * 32,
            at=now,
            idle=timedelta(hours=1),
            longest=timedelta(days=1),
        )
    async with world.database.as_service(world.stranger) as conn:
        await conn.execute(ROWS["courses"].encode(), _values(world.stranger, uuid4()))

    # On Supabase the user itself is Supabase's to delete.
    assert await personal.delete(world.database, world.owner) == (ground.kind == "plain")

    async with world.behind() as conn:
        left = {table: await _count(conn, table) for table in ROWS}
    assert left == {table: int(table == "courses") for table in ROWS}, "the stranger's is kept"
    for table in ("coursewright_meta.accounts", "coursewright_meta.sessions"):
        assert await world.all_rows(f"select 1 from {table}") == []  # noqa: S608 - of this test
    users = await world.all_rows("select id from auth.users where id = %s", world.owner)
    assert len(users) == (ground.kind != "plain")
