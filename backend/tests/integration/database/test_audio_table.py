"""`create_course_audio_table.sql`: the table of the contract, alone."""

import json
from pathlib import Path
from typing import LiteralString, cast
from uuid import uuid4

import psycopg
import pytest
from psycopg import errors

from coursewright.database import migrate

FILE = Path(__file__).parents[3] / "create_course_audio_table.sql"

# A system that others have built on Supabase: courses and nothing of ours.
COURSES = """
create table courses (id uuid primary key default gen_random_uuid(), user_id uuid not null);
"""


@pytest.fixture
def pasted_url(supabase_url: str) -> str:
    with psycopg.connect(supabase_url) as editor:
        editor.execute(COURSES)
        editor.execute(_text())
        editor.execute(_text())
    return supabase_url


def _text() -> LiteralString:
    return cast("LiteralString", FILE.read_text(encoding="utf-8"))


def test_the_file_is_one_of_the_migrations() -> None:
    (migration,) = migrate.FOLDER.glob("*_course_audio.sql")
    assert migration.read_bytes() == FILE.read_bytes()


def test_it_needs_nothing_of_ours(pasted_url: str) -> None:
    owner, stranger = uuid4(), uuid4()
    with psycopg.connect(pasted_url) as editor:
        row = editor.execute(
            "insert into courses (user_id) values (%s) returning id", (owner,)
        ).fetchone()
        assert row is not None
        editor.execute(
            "insert into course_audio (course_id, audio_type, script_text)"
            " values (%s, 'short_podcast', 'Hello.')",
            row,
        )
        editor.execute("grant select on courses to authenticated")
    for user, seen in ((owner, 1), (stranger, 0), (None, 0)):
        with psycopg.connect(pasted_url) as conn:
            conn.execute("set local role authenticated")
            if user is not None:
                claims = json.dumps({"sub": str(user)})
                conn.execute("select set_config('request.jwt.claims', %s, true)", (claims,))
            rows = conn.execute("select voice_used, audio_url from course_audio").fetchall()
        assert rows == [("Aria", None)] * seen


@pytest.mark.parametrize("role", ["anon", "authenticated"])
def test_nobody_writes_it_from_a_browser(pasted_url: str, role: str) -> None:
    for statement in (
        "insert into course_audio (audio_type) values ('x')",
        "update course_audio set audio_url = 'https://example.org'",
        "delete from course_audio",
        "truncate course_audio",
    ):
        with psycopg.connect(pasted_url) as conn:
            conn.execute(cast("LiteralString", f"set local role {role}"))
            with pytest.raises(errors.InsufficientPrivilege):
                conn.execute(cast("LiteralString", statement))


def test_the_audio_goes_with_the_course(pasted_url: str) -> None:
    with psycopg.connect(pasted_url) as editor:
        row = editor.execute(
            "insert into courses (user_id) values (gen_random_uuid()) returning id"
        ).fetchone()
        editor.execute(
            "insert into course_audio (course_id, audio_type, script_text) values (%s, 'x', 'x')",
            row,
        )
        editor.execute("delete from courses")
        assert editor.execute("select count(*) from course_audio").fetchone() == (0,)


def test_a_course_that_does_not_exist_has_no_audio(pasted_url: str) -> None:
    with (
        psycopg.connect(pasted_url) as editor,
        pytest.raises(errors.ForeignKeyViolation),
    ):
        editor.execute(
            "insert into course_audio (course_id, audio_type, script_text)"
            " values (gen_random_uuid(), 'x', 'x')"
        )
