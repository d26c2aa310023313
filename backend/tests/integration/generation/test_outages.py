"""The database goes away, or is full, in the middle of a course: it waits, says so, and goes on."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncGenerator
from uuid import UUID

import psycopg
import pytest
from psycopg import sql
from structlog.testing import capture_logs

from coursewright.course.course import CourseStatus
from coursewright.course.errors import Unavailable
from support.workshop import Workshop, primer

FULL = """
create table public.disk_is_full (yes boolean);
create function public.refuse() returns trigger language plpgsql as $$
begin
  if exists (select from public.disk_is_full) then
    raise exception using errcode = '53100', message = 'could not extend file';
  end if;
  return new;
end $$;
grant select on public.disk_is_full to public;
create trigger refuse before insert on public.course_chapters
  for each row execute function public.refuse();
insert into public.disk_is_full values (true);
"""
"""What Postgres says when a file cannot grow, for as long as the table has a row."""


@contextlib.asynccontextmanager
async def gone(admin_url: str) -> AsyncGenerator[None]:
    """Every connection to the database is cut, and none can be made."""
    name = admin_url.rsplit("/", 1)[-1].split("?", maxsplit=1)[0]
    allow = sql.SQL("alter database {} allow_connections {}")
    url = admin_url.replace(f"/{name}", "/postgres", 1)
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as admin:
        await admin.execute(allow.format(sql.Identifier(name), sql.SQL("false")))
        await admin.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (name,)
        )
        try:
            yield
        finally:
            await admin.execute(allow.format(sql.Identifier(name), sql.SQL("true")))


async def how_often(admin_url: str, course_id: UUID) -> Counter[str]:
    async with await psycopg.AsyncConnection.connect(admin_url) as admin:
        rows = await admin.execute(
            "select piece_key from course_events where course_id = %s and event = 'piece_done'",
            (course_id,),
        )
        return Counter(str(row[0]) for row in await rows.fetchall())


@pytest.mark.parametrize("moment", ["before the author has written", "while it writes"])
async def test_a_lost_database_is_waited_for(
    workshop: Workshop, admin_url: str, moment: str
) -> None:
    workshop.author.go_on.clear()
    course_id = await workshop.order(primer(), chapters=3)
    await workshop.until(course_id, "piece_running", piece="chapter/1")

    with capture_logs() as logs:
        async with gone(admin_url):
            if moment == "while it writes":
                workshop.author.go_on.set()
            await asyncio.sleep(1.5)
            with pytest.raises(Unavailable):
                await workshop.order(primer())
        workshop.author.go_on.set()
        course = await workshop.settled(course_id)

    assert course.status is CourseStatus.COMPLETED
    assert set((await how_often(admin_url, course_id)).values()) == {1}
    # What was written before is published, not written again.
    assert Counter(workshop.author.written)["chapter/1"] == 1
    if moment == "while it writes":
        assert any("database" in entry["event"] for entry in logs), logs


async def test_a_full_disk_is_waited_for_and_damages_nothing(
    workshop: Workshop, admin_url: str
) -> None:
    async with await psycopg.AsyncConnection.connect(admin_url, autocommit=True) as admin:
        await admin.execute(FULL)
        with capture_logs() as logs:
            course_id = await workshop.order(primer(), chapters=3)
            await workshop.until(course_id, "piece_done", piece="outline")
            await asyncio.sleep(1)
            early = await workshop.reading.course(workshop.user, course_id)
            assert early.status is CourseStatus.GENERATING
            assert not early.chapters
            assert not early.missing
            await admin.execute("delete from public.disk_is_full")
            course = await workshop.settled(course_id)

    assert course.status is CourseStatus.COMPLETED
    assert set((await how_often(admin_url, course_id)).values()) == {1}
    assert any("cannot store" in str(entry.get("reason", "")) for entry in logs), logs
