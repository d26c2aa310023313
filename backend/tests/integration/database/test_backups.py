"""Backup and restore: the same rows in every table, or a clear error and nothing changed."""

import asyncio
import gzip
import io
import json
import tarfile
from collections.abc import Callable
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


def rows_of(url: str) -> Rows:
    """Every row of every table there is, as text; by the catalog, not by a list of ours."""
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
