"""What is old is swept, and nothing else; by one process of all."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from coursewright.database.pool import Database
from coursewright.database.retention import Keep, Swept, is_due, sweep

MakeUser = Callable[..., Awaitable[UUID]]
NOW = datetime.now(UTC)
ALL = Keep(events_days=10, calls_days=20, ended_days=30)


@pytest.fixture
async def owner(make_user: MakeUser, admin_url: str) -> UUID:
    """Has courses in all states, changed 25 and 35 days ago, with events and calls of 9 to 35."""
    user = await make_user()
    with psycopg.connect(admin_url) as admin:
        admin.execute("alter table courses disable trigger user")
        for status in ("generating", "completed", "incomplete", "failed", "cancelled"):
            for age in (25, 35):
                row = admin.execute(
                    "insert into courses (user_id, title, topic, level, language, brief, author,"
                    " status, updated_at) values (%s, %s, 't', 'beginner', 'en', '{}', 'b', %s,"
                    " now() - %s * interval '1 day') returning id",
                    (user, f"{status} {age}", status, age),
                ).fetchone()
                assert row is not None
                for days in (9, 11, age):
                    admin.execute(
                        "insert into course_events (course_id, event, created_at)"
                        " values (%s, 'e', now() - %s * interval '1 day')",
                        (row[0], days),
                    )
                admin.execute(
                    "insert into model_calls (user_id, course_id, service, provider, model,"
                    " outcome, created_at) values (%s, %s, 's', 'p', 'm', 'ok',"
                    " now() - %s * interval '1 day')",
                    (user, row[0], age - 10),
                )
        admin.execute("alter table courses enable trigger user")
    return user


def count(admin_url: str, table: str) -> int:
    with psycopg.connect(admin_url) as admin:
        query = sql.SQL("select count(*) from {}").format(sql.Identifier(table))
        row = admin.execute(query).fetchone()
        assert row is not None
        return row[0]


async def test_what_is_too_old_goes_and_a_dry_run_only_says_so(
    owner: UUID, database: Database, admin_url: str
) -> None:
    assert owner
    tables = ("course_events", "model_calls", "courses")
    assert [count(admin_url, each) for each in tables] == [30, 10, 10]

    planned = await sweep(database, ALL, now=NOW, dry_run=True)
    assert planned == Swept(events=16, calls=5, courses=2)
    assert [count(admin_url, each) for each in tables] == [30, 10, 10]

    assert await sweep(database, ALL, now=NOW) == planned
    with psycopg.connect(admin_url) as admin:
        left = admin.execute("select title from courses order by 1").fetchall()
        events = admin.execute(
            "select c.status, count(*) from course_events e join courses c on c.id = e.course_id"
            " group by 1 order by 1"
        ).fetchall()
    assert [title for (title,) in left] == [
        "cancelled 25", "completed 25", "completed 35", "failed 25", "generating 25",
        "generating 35", "incomplete 25", "incomplete 35",
    ]  # fmt: skip
    # A course that is being made keeps all its events, for whoever comes back to it.
    assert dict(events) == {
        "cancelled": 1, "completed": 2, "failed": 1, "generating": 6, "incomplete": 2,
    }  # fmt: skip
    assert count(admin_url, "model_calls") == 5
    assert await sweep(database, ALL, now=NOW) == Swept()


async def test_nothing_goes_where_nothing_is_set(
    owner: UUID, database: Database, admin_url: str
) -> None:
    assert owner
    assert await sweep(database, Keep(), now=NOW) == Swept()
    assert count(admin_url, "course_events") == 30


async def test_more_than_one_batch(
    owner: UUID, database: Database, admin_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert owner
    monkeypatch.setattr("coursewright.database.retention._BATCH", 3)
    assert (await sweep(database, ALL, now=NOW)).events == 16
    assert count(admin_url, "course_events") == 12


async def test_while_another_sweeps_nothing_is_done(
    owner: UUID, database: Database, admin_url: str
) -> None:
    assert owner
    with psycopg.connect(admin_url) as other:
        other.execute("select pg_advisory_xact_lock(6072026112302)")
        assert await sweep(database, ALL, now=NOW) == Swept()


async def test_of_many_workers_one_is_to_sweep_and_again_in_an_hour(
    database: Database, admin_url: str
) -> None:
    hour = timedelta(hours=1)
    due = await asyncio.gather(*(is_due(database, every=hour) for _ in range(8)))
    assert sorted(due) == [False] * 7 + [True]
    with psycopg.connect(admin_url) as admin:
        admin.execute("update coursewright_meta.sweeps set swept_at = now() - interval '61 min'")
    assert await is_due(database, every=hour)


async def test_the_keeper_reads_no_word_of_any_course(owner: UUID, database: Database) -> None:
    assert owner
    for query in (
        "select title from courses",
        "select brief from courses",
        "select data from course_events",
        "select content from course_chapters",
        "select cost_usd from model_calls",
        "select * from auth.users",
        "update courses set title = 'x'",
        "insert into course_events (course_id, event) select id, 'x' from courses",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            async with database.as_keeper() as conn:
                await conn.execute(query.encode())
