"""Backup and restore: the same rows in every table, or a clear error and nothing changed."""

import asyncio
import errno
import gzip
import io
import json
import tarfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from coursewright import archive, backups
from coursewright.bootstrap import LOCAL_OWNER
from coursewright.course.errors import BadRequest, Conflict, CoursewrightError, NotConfigured
from coursewright.database import dump
from coursewright.database.embedded import EmbeddedPostgres
from coursewright.database.migrate import migrate
from coursewright.database.pool import Database
from support.workshop import open_workshop, primer

NOW = datetime(2026, 11, 25, tzinfo=UTC)
Rows = dict[str, list[str]]
Change = Callable[[dict[str, bytes]], object]
Spoil = Callable[[Path], bytes]


LET_IN = {"sessions", "sign_in_attempts", "file_keys"}
"""Tables of `coursewright_meta` that let somebody in, or keep them out, at this moment."""


def rows_of(url: str) -> Rows:
    """Every row of every table that is kept, as text; by the catalog, not by a list of ours."""
    with psycopg.connect(url) as conn:
        tables = conn.execute(
            "select schemaname, tablename from pg_tables where schemaname not in"
            " ('pg_catalog', 'information_schema') and tablename not like '%%migrations'"
        ).fetchall()
        return {
            f"{schema}.{table}": sorted(
                row[0]
                for row in conn.execute(
                    sql.SQL("select t::text from {} t").format(sql.Identifier(schema, table))
                )
            )
            for schema, table in tables
            if table not in LET_IN
        }


def listed(folder: Path, pattern: str) -> list[str]:
    return sorted(path.name for path in folder.glob(pattern))


def sequences_of(url: str) -> list[Any]:
    with psycopg.connect(url) as conn:
        return conn.execute(
            "select schemaname, sequencename, last_value from pg_sequences order by 1, 2"
        ).fetchall()


@pytest.fixture
async def made(database_url: str, admin_url: str, tmp_path: Path) -> str:
    """The admin address of a database with a finished course, and one that is not."""
    database = await Database.open(database_url)
    async with open_workshop(database) as workshop:
        course = await workshop.order(primer(), chapters=2)
        await workshop.settled(course)
        await workshop.dismiss()
        await workshop.order(primer(), chapters=1, topic="Tab\there, \\N and\nline \u2028 ends ü")
    await database.close()
    files = tmp_path / "from" / "files" / "audio"
    files.mkdir(parents=True)
    (files / "one.mp3").write_bytes(b"\0\xff" * 1_500_000)
    (files.parent / "empty").touch()
    (files.parent / "link").symlink_to("/etc/hostname")
    (files.parent / "unfinished").mkdir()
    (files.parent / "unfinished" / "half").write_bytes(b"half")
    with psycopg.connect(admin_url) as admin:
        admin.execute(
            """
            with one as (insert into auth.users (id) values (gen_random_uuid()) returning id),
            account as (
              insert into coursewright_meta.accounts (user_id, email, password_hash)
              select id, 'anna@example.org', 'planted' from one returning user_id
            )
            insert into coursewright_meta.sessions
            select sha256('token'), user_id, now(), now(), now() + '1 day', now() + '1 day'
            from account
            """
        )
        admin.execute(
            "insert into coursewright_meta.sign_in_attempts values (sha256('anna'), 9, now())"
        )
        admin.execute("insert into coursewright_meta.file_keys (secret) values (sha256('key'))")
    return admin_url


@pytest.fixture
async def target(empty_url: str) -> str:
    """A database that was set up and never used."""
    await migrate(empty_url)
    return empty_url


def backed_up(url: str, folder: Path, name: str = "backup.tar.gz") -> Path:
    file = folder / name
    backups.back_up(url, folder / "from", file, now=NOW)
    return file


@pytest.mark.parametrize("name", ["backup.tar", "backup.tar.gz"])
async def test_everything_comes_back(
    made: str, target: str, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "PART", 10_000)  # so that tables come in many parts
    file = backed_up(made, tmp_path, name)
    assert file.stat().st_mode & 0o077 == 0
    done = backups.restore(target, tmp_path / "to", file, owner=LOCAL_OWNER)

    before, after = rows_of(made), rows_of(target)
    assert sum(map(len, before.values())) > 300
    assert after == before
    assert sequences_of(target) == sequences_of(made)
    assert done.files == 2
    kept = tmp_path / "to" / "files"
    assert kept.stat().st_mode & 0o077 == 0
    assert all(p.stat().st_mode & 0o077 == 0 for p in kept.rglob("*") if p.is_file())
    assert sorted(p.name for p in kept.rglob("*") if p.is_file()) == ["empty", "one.mp3"]
    assert (kept / "audio" / "one.mp3").read_bytes() == b"\0\xff" * 1_500_000
    assert listed(tmp_path / "to", ".*") == []  # nothing is left lying about


async def test_what_was_under_way_goes_on_where_it_is_restored(
    made: str, target: str, tmp_path: Path, postgres: EmbeddedPostgres
) -> None:
    backups.restore(target, tmp_path / "to", backed_up(made, tmp_path), owner=LOCAL_OWNER)
    await postgres.let_app_in()
    database = await Database.open(target.replace("postgres@", "coursewright_app@"))
    async with open_workshop(database) as workshop, asyncio.timeout(60):
        while True:
            with psycopg.connect(target) as admin:
                states = admin.execute("select distinct status from courses").fetchall()
            if states == [("completed",)]:
                break
            await asyncio.sleep(0.1)
        assert workshop.author.written
    await database.close()


@pytest.mark.parametrize("where", ["elsewhere", "where it was made"])
async def test_nobody_is_signed_in_where_it_is_restored(
    made: str, target: str, tmp_path: Path, where: str
) -> None:
    file = backed_up(made, tmp_path, "all.tar")
    with tarfile.open(file) as tar:
        assert not any(name in member for member in tar.getnames() for name in LET_IN)
    url = target if where == "elsewhere" else made
    backups.restore(url, tmp_path / "to", file, owner=LOCAL_OWNER, replace=True)
    with psycopg.connect(url) as admin:
        accounts = admin.execute("select email from coursewright_meta.accounts").fetchall()
        assert accounts == [("anna@example.org",)]
        for name in sorted(LET_IN):
            query = sql.SQL("select count(*) from coursewright_meta.{}").format(
                sql.Identifier(name)
            )
            assert admin.execute(query).fetchone() == (0,), name


async def test_the_owner_of_the_tables_may_be_called_otherwise(
    made: str, empty_url: str, tmp_path: Path, postgres: EmbeddedPostgres
) -> None:
    with psycopg.connect(postgres.admin_url("postgres"), autocommit=True) as admin:
        admin.execute("drop role if exists another_admin")
        admin.execute("create role another_admin superuser login")
    url = empty_url.replace("postgres@", "another_admin@")
    await migrate(url)
    backups.restore(url, tmp_path / "to", backed_up(made, tmp_path), owner=LOCAL_OWNER)
    assert rows_of(url) == rows_of(made)
    async with (
        await Database.open(empty_url.replace("postgres@", "coursewright_app@")) as database,
        database.as_system() as conn,
    ):
        found = await conn.execute("select coursewright_meta.has_accounts() as any")
        assert await found.fetchone() == {"any": True}


async def test_it_is_all_of_one_moment_though_others_write(made: str) -> None:
    with dump.connected(made) as connection, dump.snapshot(connection):
        built = dump.structure(connection)
        courses = next(table for table in built.tables if table.name == "courses")
        with psycopg.connect(made) as other:
            other.execute("delete from courses")
        assert b"".join(dump.copy_out(connection, courses)).count(b"\n") >= 2


async def test_into_what_is_not_empty_only_if_that_is_meant(
    made: str, target: str, tmp_path: Path
) -> None:
    file = backed_up(made, tmp_path)
    with psycopg.connect(target) as admin:
        user = uuid4()
        admin.execute("insert into auth.users (id) values (%s)", (user,))
        admin.execute("insert into auth.users (id) values (%s)", (LOCAL_OWNER,))
    before = rows_of(target)
    with pytest.raises(Conflict, match=r"auth\.users") as caught:
        backups.restore(target, tmp_path / "to", file, owner=LOCAL_OWNER)
    assert "--replace" in caught.value.hint
    assert rows_of(target) == before

    backups.restore(target, tmp_path / "to", file, owner=LOCAL_OWNER, replace=True)
    assert rows_of(target) == rows_of(made)


async def test_files_that_are_deleted_meanwhile_do_not_break_it_off(
    made: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy_out = dump.copy_out

    def deleting(*arguments: Any) -> Any:
        (tmp_path / "from" / "files" / "audio" / "one.mp3").unlink(missing_ok=True)
        return copy_out(*arguments)

    folder = tmp_path / "from" / "files"
    listing = [folder / "audio" / "one.mp3", folder / "empty"]

    def listed_before(_: Path) -> Iterator[Path]:
        return iter(listing)

    monkeypatch.setattr(backups, "_files", listed_before)
    monkeypatch.setattr(dump, "copy_out", deleting)
    done = backups.back_up(made, tmp_path / "from", tmp_path / "b.tar", now=NOW)
    assert (done.files, done.bytes_of_files) == (1, 0)


async def test_where_files_cannot_be_put_nothing_is_changed(
    made: str, target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = backed_up(made, tmp_path)
    old = tmp_path / "to" / "files"
    old.mkdir(parents=True)
    (old / "mine").write_bytes(b"mine")
    before = rows_of(target)
    rename = Path.rename

    def refused(self: Path, to: Path) -> Path:
        if to == old and self.name == "files":
            raise OSError(errno.EBUSY, "Device or resource busy")
        return rename(self, to)

    monkeypatch.setattr(Path, "rename", refused)
    with pytest.raises(NotConfigured, match="Device or resource busy") as caught:
        backups.restore(target, tmp_path / "to", file, owner=LOCAL_OWNER, replace=True)
    assert "Nothing was changed" in caught.value.hint
    assert rows_of(target) == before
    assert (old / "mine").read_bytes() == b"mine"
    assert listed(tmp_path / "to", ".*") == []


async def test_files_are_as_before_where_the_rows_cannot_be_kept(
    made: str, target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = backed_up(made, tmp_path)
    old = tmp_path / "to" / "files"
    old.mkdir(parents=True)
    (old / "mine").write_bytes(b"mine")
    execute = psycopg.Connection[Any].execute

    def gone(self: Any, query: Any, *more: Any, **named: Any) -> Any:
        if query == "set constraints all immediate":
            raise psycopg.OperationalError("the server has gone")
        return execute(self, query, *more, **named)

    monkeypatch.setattr(psycopg.Connection, "execute", gone)
    with pytest.raises(CoursewrightError, match="gone"):
        backups.restore(target, tmp_path / "to", file, owner=LOCAL_OWNER, replace=True)
    assert listed(old, "*") == ["mine"]
    assert listed(tmp_path / "to", ".*") == []


async def test_whoever_uses_the_database_is_not_waited_for_for_ever(
    made: str, target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dump, "_LOCK_SECONDS", 1)
    file = backed_up(made, tmp_path)
    with psycopg.connect(target) as reader:
        reader.execute("select from courses")
        with pytest.raises(Conflict, match="uses the database"):
            backups.restore(target, tmp_path / "to", file, owner=LOCAL_OWNER)


async def test_a_file_is_never_written_over(made: str, tmp_path: Path) -> None:
    file = backed_up(made, tmp_path)
    size = file.stat().st_size
    with pytest.raises(Conflict, match="is there already"):
        backed_up(made, tmp_path)
    assert file.stat().st_size == size


async def test_a_backup_that_breaks_off_leaves_no_file(
    made: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> Any:
        raise psycopg.OperationalError("the server has gone")

    monkeypatch.setattr(dump, "copy_out", broken)
    with pytest.raises(CoursewrightError, match="gone"):
        backed_up(made, tmp_path)
    assert listed(tmp_path, "*backup*") == []


def changed(file: Path, change: Change) -> Path:
    """The same archive with other members, its manifest made to fit."""
    with tarfile.open(file) as tar:
        members = {i.name: f.read() for i in tar if (f := tar.extractfile(i))}
    del members["manifest.json"]
    change(members)
    other = file.with_name("changed.tar")
    with archive.written(other, check=lambda: None) as writer:
        for name, data in members.items():
            writer.add(name, data)
    return other


def header(members: dict[str, bytes], **fields: object) -> None:
    members["header.json"] = json.dumps({**json.loads(members["header.json"]), **fields}).encode()


def _newer(members: dict[str, bytes]) -> None:
    structure = json.loads(members["header.json"])["structure"]
    structure["migrations"].append("0999_later.sql abc")
    header(members, structure=structure, version="9.9.9")


MISFITS: list[tuple[Change, type[CoursewrightError], str]] = [
    (_newer, NotConfigured, r"9\.9\.9.*0999_later"),
    (lambda m: header(m, form=2), NotConfigured, "form that this version does not know"),
    (lambda m: header(m, kind="other"), BadRequest, "no backup of coursewright"),
    (lambda m: header(m, sequences="x"), BadRequest, "header is not complete"),
    (lambda m: m.pop("header.json"), BadRequest, "no header"),
    (lambda m: m.update({"rows/public.nothing/0": b"x\n"}), BadRequest, "unknown table"),
    (lambda m: m.update({"rows/public.courses/0": b"x\n"}), BadRequest, "do not fit"),
    (lambda m: m.pop("rows/auth.users/0"), BadRequest, "do not fit"),
    (lambda m: m.update({"../outside": b"x"}), BadRequest, "no place"),
    (lambda m: m.update({"/etc/outside": b"x"}), BadRequest, "no place"),
    (lambda m: m.update({"files/../../outside": b"x"}), BadRequest, "no place"),
    (lambda m: m.update({"files/a\\..\\b": b"x"}), BadRequest, "no place"),
    (lambda m: m.update({"files": b"x"}), BadRequest, "no place"),
    (lambda m: m.update({"else/where": b"x"}), BadRequest, "no place"),
    (lambda m: m.update({"rows/coursewright_meta.sessions/0": b"x"}), BadRequest, "unknown table"),
]


@pytest.mark.parametrize(("change", "error", "said"), MISFITS)
async def test_what_does_not_fit_changes_nothing(
    made: str,
    target: str,
    tmp_path: Path,
    change: Change,
    error: type[CoursewrightError],
    said: str,
) -> None:
    before = rows_of(target)
    file = changed(backed_up(made, tmp_path), change)
    with pytest.raises(error, match=said):
        backups.restore(target, tmp_path / "to", file, owner=LOCAL_OWNER)
    assert rows_of(target) == before
    assert listed(tmp_path, "outside") + listed(tmp_path / "to", "*") == []


def _link(file: Path) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        info = tarfile.TarInfo("files/link")
        info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(info)
    del file
    return data.getvalue()


SPOILT: dict[str, Spoil] = {
    "empty": lambda _: b"",
    "other": lambda _: b"no archive at all" * 100,
    "cut off": lambda file: gzip.decompress(file.read_bytes())[:-30_000],
    "one bit": lambda file: _flipped(gzip.decompress(file.read_bytes())),
    "link": _link,
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
async def test_a_file_that_is_damaged_is_refused(
    made: str, target: str, tmp_path: Path, spoil: Spoil
) -> None:
    bad = tmp_path / "bad.tar"
    bad.write_bytes(spoil(backed_up(made, tmp_path)))
    before = rows_of(target)
    with pytest.raises(BadRequest, match="no usable backup"):
        backups.restore(target, tmp_path / "to", bad, owner=LOCAL_OWNER)
    assert rows_of(target) == before


def _sparse() -> tarfile.TarInfo:
    """A file of one byte that says it has a terabyte."""
    info = tarfile.TarInfo("files/large")
    info.size = 1
    info.pax_headers = {"GNU.sparse.map": "0,1", "GNU.sparse.size": "1000000000000"}
    return info


@pytest.mark.parametrize(
    ("info", "said"),
    [
        (_sparse(), "has no place"),
        # It would be read as a whole before anybody can look at it.
        (tarfile.TarInfo("files/" + "x" * 200_000), "a name is too long"),
    ],
    ids=["sparse", "endless name"],
)
def test_what_is_larger_than_it_looks_is_not_read(
    info: tarfile.TarInfo, said: str, tmp_path: Path
) -> None:
    with tarfile.open(tmp_path / "bad.tar", "w", format=tarfile.PAX_FORMAT) as tar:
        tar.addfile(info, io.BytesIO(b"x"))
    with pytest.raises(BadRequest, match=said):
        archive.checked(tmp_path / "bad.tar", check=lambda: None)


def test_a_backup_of_more_than_can_be_read_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "_LARGEST_JSON", 100)

    def write() -> None:
        with archive.written(tmp_path / "b.tar", check=lambda: None) as writer:
            writer.add("files/a", b"")
            writer.add("files/b", b"")

    with pytest.raises(NotConfigured, match="more than it can name"):
        write()
    assert listed(tmp_path, "*") == []


def _flipped(data: bytes) -> bytes:
    at = data.index(b"rows/public.courses/0") + 600
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


async def test_a_login_that_may_not_see_everything_is_told_so(
    database_url: str, made: str, tmp_path: Path
) -> None:
    assert made
    with pytest.raises(NotConfigured, match="may not read") as caught:
        backed_up(database_url, tmp_path)
    assert "COURSEWRIGHT_ADMIN_DATABASE_URL" in caught.value.hint


async def test_nobody_restores_beneath_a_worker(made: str, target: str, tmp_path: Path) -> None:
    file = backed_up(made, tmp_path)
    with psycopg.connect(target) as admin:
        admin.execute("insert into procrastinate.procrastinate_workers default values")
    with pytest.raises(Conflict, match="make courses in this database"):
        backups.restore(target, tmp_path / "to", file, owner=LOCAL_OWNER, replace=True)


@pytest.mark.parametrize("name", ["backup", "backup.zip", "backup.tar.zst"])
async def test_a_name_that_says_no_form_is_refused(made: str, tmp_path: Path, name: str) -> None:
    with pytest.raises(BadRequest, match="packed"):
        backed_up(made, tmp_path, name)


def test_tables_come_after_what_they_refer_to() -> None:
    assert dump.in_order({"c": {"b", "elsewhere"}, "b": {"a"}, "a": set()}) == ["a", "b", "c"]
