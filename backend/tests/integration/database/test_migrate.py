"""Migrations: applied once, in order, whole, by one at a time; the queue's tables with them."""

import asyncio
import re
import shutil
import subprocess
from pathlib import Path

import procrastinate
import psycopg
import pytest
from procrastinate.schema import SchemaManager
from psycopg.rows import DictRow, dict_row

from coursewright.course.errors import Defect, NotConfigured
from coursewright.database import migrate as module
from coursewright.database.embedded import EmbeddedPostgres, binaries
from coursewright.database.embedded.place import Place
from coursewright.database.migrate import migrate, read_folder
from coursewright.database.migrate_queue import migrate_queue
from coursewright.database.outage import DatabaseGone
from coursewright.database.pool import Database

ROLES = (module.FOLDER / "0001_roles.sql").read_text()
ONE = "create table public.one (id int primary key);"
QUEUE_FILES = sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))
TWO = "alter table public.one add column name text;"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "0001_roles.sql").write_text(ROLES)
    (tmp_path / "0002_one.sql").write_text(ONE)
    return tmp_path


def fetch(url: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query.encode()).fetchall()


def schema_of(postgres: EmbeddedPostgres, url: str) -> str:
    """What pg_dump of the wheel says about a database, without its data."""
    programs = binaries.find(Place(data_dir=postgres.data_dir, account=None))
    done = subprocess.run(
        [programs.folder / "pg_dump", "--schema-only", f"--dbname={url}"],
        capture_output=True,
        text=True,
        check=True,
    )
    return re.sub(r"^\\(un)?restrict .*$", "", done.stdout, flags=re.MULTILINE)


async def test_applies_in_order_and_only_once(folder: Path, empty_url: str) -> None:
    assert await migrate(empty_url, folder=folder) == [
        "0001_roles.sql",
        "0002_one.sql",
        f"procrastinate {procrastinate.__version__}",
    ]
    assert await migrate(empty_url, folder=folder) == []
    (folder / "0003_two.sql").write_text(TWO)
    assert await migrate(empty_url, folder=folder) == ["0003_two.sql"]
    recorded = fetch(
        empty_url,
        "select number, name, length(sha256), applied_at is not null "
        "from coursewright_meta.coursewright_migrations order by number",
    )
    assert recorded == [
        (1, "0001_roles.sql", 64, True),
        (2, "0002_one.sql", 64, True),
        (3, "0003_two.sql", 64, True),
    ]


async def test_public_holds_only_what_the_migrations_put_there(
    folder: Path, empty_url: str
) -> None:
    await migrate(empty_url, folder=folder)
    tables = fetch(
        empty_url, "select table_name from information_schema.tables where table_schema = 'public'"
    )
    assert tables == [("one",)]


async def test_a_failing_migration_leaves_nothing_behind(folder: Path, empty_url: str) -> None:
    bad = folder / "0003_bad.sql"
    bad.write_text("create table public.half (id int); select no_such_column from public.one;")
    with pytest.raises(Defect, match=r"0003_bad\.sql.*no_such_column"):
        await migrate(empty_url, folder=folder)
    assert fetch(empty_url, "select to_regclass('public.half'), to_regclass('public.one')") == [
        (None, "one")
    ]
    bad.write_text("create table public.half (id int);")
    assert (await migrate(empty_url, folder=folder))[0] == "0003_bad.sql"


async def test_a_migration_may_not_end_its_transaction(folder: Path, empty_url: str) -> None:
    (folder / "0003_commit.sql").write_text("create table public.three (id int); commit;")
    with pytest.raises(Defect, match="ends the transaction"):
        await migrate(empty_url, folder=folder)


async def test_two_processes_at_once(folder: Path, empty_url: str) -> None:
    (folder / "0003_slow.sql").write_text("create table public.slow (id int); select pg_sleep(0.3)")
    results = await asyncio.gather(*(migrate(empty_url, folder=folder) for _ in range(4)))
    assert sorted(len(result) for result in results) == [0, 0, 0, 4]


async def test_refuses_a_changed_migration(folder: Path, empty_url: str) -> None:
    await migrate(empty_url, folder=folder)
    (folder / "0002_one.sql").write_text(ONE + " -- changed")
    with pytest.raises(NotConfigured, match=r"another 0002_one\.sql") as caught:
        await migrate(empty_url, folder=folder)
    assert "never changed" in caught.value.hint


async def test_line_ends_do_not_matter(folder: Path, empty_url: str) -> None:
    await migrate(empty_url, folder=folder)
    roles = folder / "0001_roles.sql"
    roles.write_bytes(roles.read_bytes().replace(b"\n", b"\r\n"))
    assert await migrate(empty_url, folder=folder) == []


async def test_refuses_a_database_that_is_newer_than_the_program(
    folder: Path, empty_url: str
) -> None:
    await migrate(empty_url, folder=folder)
    (folder / "0002_one.sql").unlink()
    with pytest.raises(NotConfigured, match=r"newer than this program: it has 0002_one\.sql"):
        await migrate(empty_url, folder=folder)


async def test_refuses_a_queue_that_is_newer_than_the_program(folder: Path, empty_url: str) -> None:
    await migrate(empty_url, folder=folder)
    with psycopg.connect(empty_url) as admin:
        admin.execute("insert into coursewright_meta.queue_migrations values ('99.00.00_01.sql')")
    with pytest.raises(NotConfigured, match=r"newer than Procrastinate.*99\.00\.00_01\.sql"):
        await migrate(empty_url, folder=folder)


@pytest.mark.parametrize(
    "names",
    [["0001_a.sql", "0003_c.sql"], ["0001_a.sql", "0001_b.sql"], ["0000_a.sql"], ["one.sql"]],
)
def test_refuses_names_and_numbers_that_do_not_fit(tmp_path: Path, names: list[str]) -> None:
    for name in names:
        (tmp_path / name).write_text("select 1")
    with pytest.raises(Defect, match=r"not (numbered|called)"):
        read_folder(tmp_path)


async def test_a_login_without_the_right(folder: Path, database_url: str) -> None:
    with pytest.raises(NotConfigured, match="refused") as caught:
        await migrate(database_url, folder=folder)
    assert "owns the database" in caught.value.hint


async def test_nobody_there(folder: Path) -> None:
    with pytest.raises(DatabaseGone):
        await migrate("postgresql://postgres@/x?host=/nowhere", folder=folder)


async def test_the_roles_must_be_there_before_the_queue(data_dir: Path, tmp_path: Path) -> None:
    from coursewright.database import embedded

    server = await embedded.start(data_dir)
    with pytest.raises(NotConfigured, match=r"roles .* are missing"):
        await migrate(server.admin_url(), folder=tmp_path)
    await server.stop()


async def test_a_fresh_database_and_an_upgraded_one_are_equal(
    postgres: EmbeddedPostgres, admin_url: str, empty_url: str, tmp_path: Path
) -> None:
    for migration in read_folder(module.FOLDER):
        shutil.copy(module.FOLDER / migration.name, tmp_path)
        assert (await migrate(empty_url, folder=tmp_path))[0] == migration.name
    fresh, upgraded = schema_of(postgres, admin_url), schema_of(postgres, empty_url)
    assert "CREATE TABLE public.course_audio" in fresh
    assert "CREATE TABLE procrastinate.procrastinate_jobs" in fresh
    assert upgraded == fresh


async def test_the_queue_of_an_older_version_is_upgraded_to_the_same(
    folder: Path, postgres: EmbeddedPostgres, empty_url: str
) -> None:
    """An empty queue is brought up file by file, as if each release had been installed in turn."""
    await migrate(empty_url, folder=folder)
    whole = schema_of(postgres, empty_url)
    with psycopg.connect(empty_url) as admin:
        admin.execute("drop schema procrastinate cascade")
        admin.execute("truncate coursewright_meta.queue_migrations")
        admin.execute("create schema procrastinate")
    files = QUEUE_FILES
    first = files[0]
    with psycopg.connect(empty_url) as admin:
        admin.execute("set local search_path to procrastinate")
        admin.execute(first.read_bytes())
        admin.execute("insert into coursewright_meta.queue_migrations values (%s)", (first.name,))
    async with await psycopg.AsyncConnection[DictRow].connect(
        empty_url, autocommit=True, row_factory=dict_row
    ) as admin:
        done = await migrate_queue(admin)
    assert done == [f"procrastinate/{path.name}" for path in files[1:]]
    # Columns stand in another order, and old functions stay: the tables and rights are the same.
    upgraded = schema_of(postgres, empty_url)
    for line in whole.splitlines():
        if line.startswith(("CREATE TABLE", "CREATE FUNCTION", "CREATE TYPE", "GRANT")):
            assert line in upgraded


async def test_users_cannot_reach_the_queue(database: Database, admin_url: str) -> None:
    from uuid import uuid4

    for query in (
        "select * from procrastinate.procrastinate_jobs",
        "select * from procrastinate_jobs",
        "select procrastinate.procrastinate_defer_jobs_v1(null)",
    ):
        with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedTable)):
            async with database.as_user(uuid4()) as connection:
                await connection.execute(query.encode())
    rights = fetch(
        admin_url,
        "select has_schema_privilege(name, 'procrastinate', 'usage') "
        "from unnest(array['anon', 'authenticated', 'service_role']) name",
    )
    assert rights == [(False,), (False,), (False,)]
