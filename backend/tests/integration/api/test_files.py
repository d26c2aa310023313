"""Files over HTTP: whose they are, links that expire, parts, what is left when a course goes."""

import asyncio
import hashlib
import os
from collections.abc import AsyncGenerator, AsyncIterator
from email import message_from_bytes
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx2
import psutil
import psycopg
import pytest

from coursewright.course.errors import NotFound
from coursewright.database.files import FileRow
from coursewright.files import open_store
from coursewright.files.store import NoRoom
from support.service import Service, open_service, settings_for

TIDES = b"""# Tides

A **tide** is the regular rise and fall of the sea that the Moon and the Sun cause together.
A **spring tide** is a tide of unusually great range that comes soon after a full moon.
A **neap tide** is a tide of unusually small range that comes soon after a half moon.
An **estuary** is the wide mouth of a river in which fresh water and sea water mix.
"""
AUDIO = b"OggS" + os.urandom(900_000)


@pytest.fixture
async def service(database_url: str, tmp_path: Path) -> AsyncIterator[Service]:
    async with open_service(
        settings_for(database_url, tmp_path, keep_originals=True, max_source_mb=2)
    ) as opened:
        yield opened


async def order(service: Service, *files: tuple[str, bytes, str]) -> dict[str, Any]:
    answer = await service.client.post(
        "/api/courses/from-files",
        data={"topic": "Tides", "chapters": "1"},
        files=[("files", file) for file in files],
    )
    assert answer.status_code == 202, answer.text
    return answer.json()


async def sent(*parts: bytes) -> AsyncGenerator[bytes]:
    for part in parts:
        yield part


async def keep(service: Service, content: bytes = AUDIO, name: str = "lecture.ogg") -> FileRow:
    """A course with a recording."""
    course = UUID(await service.order(chapters=1))
    application = service.application
    return await application.files.keep(
        application.owner, course, purpose="audio", name=name, chunks=sent(content)
    )


def stored(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "files").rglob("*") if path.is_file()]


async def test_originals_are_kept_and_come_back_byte_for_byte(service: Service) -> None:
    made = await order(
        service, ("../../etc/tides.md", TIDES, "text/html"), ("b.md", TIDES * 2, "image/svg+xml")
    )
    listed = (await service.client.get(f"/api/courses/{made['id']}/files")).json()
    assert [file["name"] for file in listed] == ["tides.md", "b.md"]
    assert {file["media_type"] for file in listed} == {"text/plain; charset=utf-8"}
    assert listed[0]["sha256"] == hashlib.sha256(TIDES).hexdigest()

    read = await service.client.get(f"/api/files/{listed[0]['id']}")
    assert read.content == TIDES
    assert read.headers["content-type"] == "text/plain; charset=utf-8"
    assert read.headers["content-disposition"] == "attachment; filename*=UTF-8''tides.md"
    assert read.headers["x-content-type-options"] == "nosniff"
    assert read.headers["content-security-policy"] == "sandbox; default-src 'none'"


async def test_an_order_that_is_sent_twice_keeps_its_originals_once(
    service: Service, tmp_path: Path
) -> None:
    answers = [
        await service.client.post(
            "/api/courses/from-files",
            data={"topic": "Tides"},
            files=[("files", ("a.md", TIDES))],
            headers={"Idempotency-Key": "one"},
        )
        for _ in range(2)
    ]
    assert [answer.json()["warnings"] for answer in answers] == [[], []]
    course = answers[1].json()["id"]
    assert len((await service.client.get(f"/api/courses/{course}/files")).json()) == 1
    async with service.application.database.as_system() as conn:
        await conn.execute("update coursewright_meta.file_deletions set due = now()")
    assert await service.application.files.sweep() == 1
    assert len(stored(tmp_path)) == 1


async def test_without_the_setting_no_original_is_kept(database_url: str, tmp_path: Path) -> None:
    async with open_service(settings_for(database_url, tmp_path)) as service:
        made = await order(service, ("a.md", TIDES, "text/plain"))
        assert (await service.client.get(f"/api/courses/{made['id']}/files")).json() == []
    assert not (tmp_path / "files").exists()


async def test_a_store_that_is_full_costs_the_original_and_not_the_course(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object) -> int:
        raise NoRoom("there is no room for the file", hint="Make room.")

    monkeypatch.setattr(service.application.files._store, "put", full)
    made = await order(service, ("a.md", TIDES, "text/plain"))
    assert made["warnings"] == ["a.md: the original is not kept: there is no room for the file"]
    course = (await service.client.get(f"/api/courses/{made['id']}")).json()
    assert [source["origin"] for source in course["sources"]] == ["a.md"]


async def test_parts_are_sent_as_they_are_asked_for(service: Service) -> None:
    row = await keep(service)
    url = f"/api/files/{row.id}"
    whole = await service.client.get(url)
    assert (whole.status_code, whole.content) == (200, AUDIO)
    assert whole.headers["content-type"] == "audio/ogg"
    assert whole.headers["content-disposition"].startswith("inline")
    assert whole.headers["accept-ranges"] == "bytes"
    etag, modified = whole.headers["etag"], whole.headers["last-modified"]
    size = len(AUDIO)

    async def get(**headers: str) -> httpx2.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await service.client.get(url, headers=named)

    part = await get(Range="bytes=100-299999")
    assert (part.status_code, part.content) == (206, AUDIO[100:300_000])
    assert part.headers["content-range"] == f"bytes 100-299999/{size}"
    assert part.headers["content-length"] == "299900"
    assert (await get(Range="bytes=-5")).content == AUDIO[-5:]
    assert (await get(Range=f"bytes={size - 1}-{size * 9}")).content == AUDIO[-1:]

    beyond = await get(Range=f"bytes={size}-")
    assert (beyond.status_code, beyond.content) == (416, b"")
    assert beyond.headers["content-range"] == f"bytes */{size}"
    assert (await get(Range="bytes=9-2")).status_code == 200
    assert (await get(Range="bytes=" + ",".join(["0-"] * 100))).status_code == 200

    for known in (etag, modified):
        assert (await get(Range="bytes=0-1", If_Range=known)).status_code == 206
    for other in ('"other"', f"W/{etag}", "Wed, 21 Oct 2015 07:28:00 GMT", ""):
        changed = await get(Range="bytes=0-1", If_Range=other)
        assert (changed.status_code, len(changed.content)) == (200, size)
    same = await get(If_None_Match=f'"x", {etag}')
    assert (same.status_code, same.content) == (304, b"")

    head = await service.client.head(url, headers={"Range": "bytes=0-9"})
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(size)
    assert "content-range" not in head.headers
    assert (await service.client.head(url)).headers["content-length"] == str(size)


async def test_several_parts_come_as_one_message_of_parts(service: Service) -> None:
    row = await keep(service)
    answer = await service.client.get(
        f"/api/files/{row.id}", headers={"Range": "bytes=0-9,500000-799999,-1"}
    )
    assert answer.status_code == 206
    assert int(answer.headers["content-length"]) == len(answer.content)
    kind = answer.headers["content-type"]
    assert kind.startswith("multipart/byteranges; boundary=")
    message = message_from_bytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + answer.content)
    size = len(AUDIO)
    assert [part["content-range"] for part in message.walk()][1:] == [
        f"bytes 0-9/{size}",
        f"bytes 500000-799999/{size}",
        f"bytes {size - 1}-{size - 1}/{size}",
    ]
    boundary = kind.partition("boundary=")[2].encode()
    bodies = [
        piece.partition(b"\r\n\r\n")[2] for piece in answer.content.split(b"\r\n--" + boundary)[1:]
    ]
    assert bodies[:3] == [AUDIO[:10], AUDIO[500_000:800_000], AUDIO[-1:]]


async def test_a_file_of_no_bytes_is_sent_and_has_no_parts(service: Service) -> None:
    row = await keep(service, b"", "")
    whole = await service.client.get(f"/api/files/{row.id}")
    assert (whole.status_code, whole.content, whole.headers["content-length"]) == (200, b"", "0")
    part = await service.client.get(f"/api/files/{row.id}", headers={"Range": "bytes=0-"})
    assert part.status_code == 416
    assert part.headers["content-range"] == "bytes */0"


async def test_a_link_lets_in_to_one_file_until_it_ends(service: Service) -> None:
    row, other = await keep(service), await keep(service, b"OggS other")
    made = await service.client.post(f"/api/files/{row.id}/link", json={"seconds": 1})
    url = made.json()["url"]
    assert (await service.client.get(url)).content == AUDIO
    assert (await service.client.get(url.replace(str(row.id), str(other.id)))).status_code == 404
    for broken in (url[:-1], url + "A", url.replace("ticket=", "ticket=x"), url[:-5] + "AAAAA"):
        refused = await service.client.get(broken)
        assert refused.status_code == 404
        assert "not valid" in refused.json()["title"]
    assert (await service.client.get(url + "A" * 5000)).status_code == 422
    await asyncio.sleep(1.1)
    assert (await service.client.get(url)).status_code == 404

    for seconds in (0, -1, 10**9, "x"):
        bad = await service.client.post(f"/api/files/{row.id}/link", json={"seconds": seconds})
        assert bad.status_code == 422


async def test_links_outlive_a_new_key_unless_they_are_to_end(service: Service) -> None:
    row = await keep(service)
    url = (await service.client.post(f"/api/files/{row.id}/link")).json()["url"]
    files = service.application.files
    await files.rotate_key(end_links=False)
    assert (await service.client.get(url)).status_code == 200
    newer = (await service.client.post(f"/api/files/{row.id}/link")).json()["url"]
    assert await files.rotate_key(end_links=True) == 2
    for ended in (url, newer):
        assert (await service.client.get(ended)).status_code == 404
    newest = (await service.client.post(f"/api/files/{row.id}/link")).json()["url"]
    assert (await service.client.get(newest)).status_code == 200


async def test_services_that_start_at_once_have_one_key(service: Service) -> None:
    files = service.application.files
    async with service.application.database.as_system() as conn:
        await conn.execute("delete from coursewright_meta.file_keys")
    await asyncio.gather(*[files.ensure_key() for _ in range(5)])
    async with service.application.database.as_system() as conn:
        row = await (
            await conn.execute("select number from coursewright_meta.file_keys")
        ).fetchall()
    assert len(row) == 1


async def test_nobody_reads_links_or_deletes_what_belongs_to_another(
    service: Service, admin_url: str
) -> None:
    row = await keep(service)
    stranger = uuid4()
    async with await psycopg.AsyncConnection.connect(admin_url) as admin:
        await admin.execute("insert into auth.users (id) values (%s)", (stranger,))
    files = service.application.files
    for refused in (
        files.find(stranger, row.id),
        files.ticket(stranger, row.id, seconds=60),
        files.delete(stranger, row.id),
        files.of_course(stranger, row.course_id),
        files.keep(stranger, row.course_id, purpose="audio", name="x", chunks=sent(b"x")),
    ):
        with pytest.raises(NotFound):
            await refused
    assert (await service.client.get(f"/api/files/{row.id}")).status_code == 200
    for unknown in (str(uuid4()), "x", "..%2f..%2fetc%2fpasswd", "%00"):
        assert (await service.client.get(f"/api/files/{unknown}")).status_code in {404, 422}


async def test_a_deleted_course_takes_its_files_with_it(service: Service, tmp_path: Path) -> None:
    row, other = await keep(service), await keep(service, b"OggS other")
    assert len(stored(tmp_path)) == 2
    assert (await service.client.delete(f"/api/courses/{row.course_id}")).status_code == 204
    assert (await service.client.get(f"/api/files/{row.id}")).status_code == 404
    assert await service.application.files.sweep() == 1
    assert [path.name for path in stored(tmp_path)] == [str(other.id)]

    assert (await service.client.delete(f"/api/files/{other.id}")).status_code == 204
    assert (await service.client.delete(f"/api/files/{other.id}")).status_code == 404
    assert await service.application.files.sweep() == 1
    assert stored(tmp_path) == []


async def test_a_sweep_that_breaks_off_is_taken_up_again(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, store = service.application.files, service.application.files._store
    for content in (b"OggS a", b"OggS b"):
        row = await keep(service, content)
        await service.client.delete(f"/api/files/{row.id}")
    real = store.delete

    async def crashing(name: str) -> None:
        await real(name)
        raise KeyboardInterrupt

    monkeypatch.setattr(store, "delete", crashing)
    with pytest.raises(KeyboardInterrupt):
        await files.sweep()
    monkeypatch.undo()
    # Both names are still on the list: that of the file that is gone already as well.
    assert await files.sweep() == 2
    assert await files.sweep() == 0
    assert stored(tmp_path) == []


async def test_a_crash_between_the_bytes_and_their_row_leaves_nothing_for_good(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = service.application.files
    course = UUID(await service.order(chapters=1))

    async def crashing(*_: object) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr("coursewright.database.files.insert", crashing)
    with pytest.raises(KeyboardInterrupt):
        await files.keep(
            service.application.owner, course, purpose="audio", name="a", chunks=sent(b"OggS")
        )
    monkeypatch.undo()
    assert len(stored(tmp_path)) == 1
    assert await files.sweep() == 0  # it may still be under way
    async with service.application.database.as_system() as conn:
        await conn.execute("update coursewright_meta.file_deletions set due = now()")
    assert await files.sweep() == 1
    assert stored(tmp_path) == []


async def test_a_course_that_is_deleted_while_a_file_comes_gets_no_file(
    service: Service, tmp_path: Path
) -> None:
    course = UUID(await service.order(chapters=1))

    async def slow() -> AsyncGenerator[bytes]:
        yield b"OggS"
        await service.client.delete(f"/api/courses/{course}")
        yield b"more"

    with pytest.raises(NotFound, match="any more"):
        await service.application.files.keep(
            service.application.owner, course, purpose="audio", name="a", chunks=slow()
        )
    async with service.application.database.as_system() as conn:
        await conn.execute("update coursewright_meta.file_deletions set due = now()")
    await service.application.files.sweep()
    assert stored(tmp_path) == []


async def test_a_file_whose_bytes_are_missing_is_told_by_a_status(
    service: Service, tmp_path: Path
) -> None:
    row = await keep(service)
    (path,) = stored(tmp_path)
    path.unlink()
    answer = await service.client.get(f"/api/files/{row.id}")
    assert answer.status_code == 503
    assert "missing" in answer.json()["title"]


async def test_files_lie_in_a_bucket_where_one_is_set(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from obstore.store import MemoryStore

    from coursewright.files.objects import ObjectFiles

    monkeypatch.setattr(service.application.files, "_store", ObjectFiles(MemoryStore()))
    row = await keep(service)
    part = await service.client.get(f"/api/files/{row.id}", headers={"Range": "bytes=5-8"})
    assert part.content == AUDIO[5:9]
    assert (await service.client.get(f"/api/files/{row.id}")).content == AUDIO
    await service.client.delete(f"/api/files/{row.id}")
    assert await service.application.files.sweep() == 1
    assert await service.application.files._store.size(row.stored_as) is None
    assert stored(tmp_path) == []


@pytest.mark.slow
async def test_a_gigabyte_is_kept_and_sent_with_flat_memory(service: Service) -> None:
    size = 1 << 30

    async def much() -> AsyncGenerator[bytes]:
        for _ in range(size >> 20):
            yield bytes(1 << 20)

    process = psutil.Process()
    course = UUID(await service.order(chapters=1))
    await service.settled(str(course))
    before, most, received = process.memory_info().rss, 0, 0
    row = await service.application.files.keep(
        service.application.owner, course, purpose="audio", name="long", chunks=much()
    )
    assert row.size == size
    async with service.client.stream("GET", f"/api/files/{row.id}") as stream:
        async for chunk in stream.aiter_raw():
            received += len(chunk)
            most = max(most, process.memory_info().rss)
    assert received == size
    assert most - before < 60_000_000


def test_the_default_store_is_in_the_data_folder(tmp_path: Path) -> None:
    assert open_store(None, tmp_path)._root == tmp_path / "files"  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
