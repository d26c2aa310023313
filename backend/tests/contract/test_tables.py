"""The tables of the contract: S1, S11 and the list under them."""

from typing import LiteralString

import psycopg
import pytest
from psycopg import errors

# The names, types and defaults of S1, word for word as information_schema tells them.
COURSE_AUDIO = [
    ("id", "uuid", "NO", "gen_random_uuid()"),
    ("course_id", "uuid", "NO", None),
    ("audio_type", "text", "NO", None),
    ("script_text", "text", "NO", None),
    ("audio_url", "text", "YES", None),
    ("transcript", "text", "YES", None),
    ("voice_used", "text", "YES", "'Aria'::text"),
    ("duration_seconds", "integer", "YES", None),
    ("created_at", "timestamp with time zone", "YES", "now()"),
    ("updated_at", "timestamp with time zone", "YES", "now()"),
]
TABLES = {
    "courses": {"id", "user_id"},
    "course_chapters": {"id", "course_id"},
    "course_flashcards": {"id", "course_id"},
    "course_mcqs": {"id", "course_id"},
    "course_articles": {"id", "course_id", "article_type"},
    "course_word_games": {"id", "course_id"},
    "course_suggestions": {"id", "course_id"},
    "course_resources": {"id", "course_id"},
    "course_generation_jobs": {
        "id",
        "course_id",
        "status",
        "progress_percentage",
        "current_step",
        "error_message",
    },
    "chapter_completion": {"user_id", "course_id", "chapter_id", "completed_at"},
}


def query(url: str, text: LiteralString) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(text).fetchall()


def test_course_audio_has_exactly_the_columns_of_the_contract(admin_url: str) -> None:
    columns = query(
        admin_url,
        "select column_name, data_type, is_nullable, column_default from information_schema.columns"
        " where table_schema = 'public' and table_name = 'course_audio' order by ordinal_position",
    )
    assert columns == COURSE_AUDIO


def test_course_audio_has_its_key_and_goes_with_the_course(admin_url: str) -> None:
    constraints = query(
        admin_url,
        "select pg_get_constraintdef(oid) from pg_constraint"
        " where conrelid = 'course_audio'::regclass and contype in ('p', 'f', 'u', 'c') order by 1",
    )
    assert constraints == [
        ("FOREIGN KEY (course_id) REFERENCES courses(id) ON DELETE CASCADE",),
        ("PRIMARY KEY (id)",),
    ]


def test_course_audio_has_the_policy_of_the_contract(admin_url: str) -> None:
    policies = query(
        admin_url,
        "select cmd, permissive, qual from pg_policies where tablename = 'course_audio'"
        " and policyname = 'Users can view audio for their courses'",
    )
    ((command, permissive, condition),) = policies
    assert (command, permissive) == ("SELECT", "PERMISSIVE")
    assert " ".join(str(condition).split()) == (
        "(course_id IN ( SELECT courses.id FROM courses WHERE (courses.user_id = auth.uid())))"
    )


def test_course_audio_has_the_indexes_of_the_contract(admin_url: str) -> None:
    indexes = query(
        admin_url,
        "select indexname, substring(indexdef from '\\(.*\\)') from pg_indexes"
        " where tablename = 'course_audio'",
    )
    assert ("idx_course_audio_course", "(course_id)") in indexes
    assert ("idx_course_audio_type", "(course_id, audio_type)") in indexes


def test_every_other_table_of_the_contract_is_there(admin_url: str) -> None:
    found = query(
        admin_url,
        "select table_name, column_name from information_schema.columns"
        " where table_schema = 'public'",
    )
    for table, columns in TABLES.items():
        assert columns <= {column for name, column in found if name == table}, table


def test_articles_are_of_the_three_types(admin_url: str) -> None:
    with psycopg.connect(admin_url) as connection:
        course = _course(connection)
        for article_type in ("deep_dive", "key_takeaways", "faq"):
            _article(connection, course, article_type)
        with pytest.raises(errors.CheckViolation):
            _article(connection, course, "listicle")


def test_progress_is_a_percentage(admin_url: str) -> None:
    for progress in (-1, 101):
        with psycopg.connect(admin_url) as connection:
            course = _course(connection)
            with pytest.raises(errors.CheckViolation):
                connection.execute(
                    "insert into course_generation_jobs (course_id, progress_percentage)"
                    " values (%s, %s)",
                    (course, progress),
                )


def test_a_chapter_is_completed_once_by_each_user(admin_url: str) -> None:
    keys = query(
        admin_url,
        "select pg_get_constraintdef(oid) from pg_constraint"
        " where conrelid = 'chapter_completion'::regclass and contype = 'p'",
    )
    assert keys == [("PRIMARY KEY (user_id, chapter_id)",)]


def _course(connection: psycopg.Connection) -> object:
    row = connection.execute(
        "with owner as (insert into auth.users default values returning id)"
        " insert into courses (user_id, title, topic, level, language, brief, author)"
        " select id, 't', 't', 'beginner', 'en', '{}', 'builtin' from owner returning id"
    ).fetchone()
    assert row is not None
    return row[0]


def _article(connection: psycopg.Connection, course: object, article_type: str) -> None:
    connection.execute(
        "insert into course_articles (course_id, article_type, title, content, body)"
        " values (%s, %s, 't', 'c', '{}')",
        (course, article_type),
    )
