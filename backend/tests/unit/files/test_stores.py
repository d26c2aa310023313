"""Every store does the same: a folder, obstore's own folder, and its memory."""

import errno
import os
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from obstore.store import LocalStore, MemoryStore

from coursewright.course.errors import Defect, NotConfigured
from coursewright.files import FileStore, new_name, open_store
from coursewright.files.folder import FolderStore
from coursewright.files.objects import ObjectFiles
from coursewright.files.store import FileGone, NoRoom, StoreGone

Stores = dict[str, Callable[[Path], FileStore]]
STORES: Stores = {
    "folder": lambda folder: FolderStore(folder / "files"),
    "objects in a folder": lambda folder: ObjectFiles(LocalStore(folder / "o", mkdir=True)),
    "objects in memory": lambda _: ObjectFiles(MemoryStore()),
}


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> FileStore:
    return STORES[request.param](tmp_path)


async def chunks(*parts: bytes) -> AsyncGenerator[bytes]:
    for part in parts:
        yield part


async def read(store: FileStore, name: str, start: int = 0, end: int | None = None) -> bytes:
    return b"".join([chunk async for chunk in store.get(name, start, end)])


def left(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_what_was_put_is_there_in_whole_and_in_parts(store: FileStore) -> None:
    name = new_name(uuid4())
    content = os.urandom(700_000)
    assert await store.size(name) is None
    size = await store.put(name, chunks(content[:10], b"", content[10:]))
    assert size == len(content) == await store.size(name)
    assert await read(store, name) == content
    assert await read(store, name, 5, 400_000) == content[5:400_000]
    assert await read(store, name, 699_999, 700_000) == content[-1:]
    assert await read(store, name, 699_000) == content[699_000:]
    assert await read(store, name, 7, 7) == b""


async def test_a_file_of_no_bytes_is_a_file(store: FileStore) -> None:
    name = new_name(uuid4())
    assert await store.put(name, chunks()) == 0
    assert await store.size(name) == 0
    assert await read(store, name, 0, 0) == b""


async def test_deleting_twice_is_harmless_and_reading_what_is_gone_is_told(
    store: FileStore,
) -> None:
    name = new_name(uuid4())
    await store.put(name, chunks(b"x"))
    await store.delete(name)
    await store.delete(name)
    assert await store.size(name) is None
    with pytest.raises(FileGone, match="missing"):
        await read(store, name)
    with pytest.raises(FileGone):
        await read(store, name, 0, 1)


@pytest.mark.parametrize(
    "name",
    ["", "..", "../x", "/etc/passwd", "ab/../../x", "ab/x", "a" * 5000, "AB/" + "A" * 36, "\x00"]
    + [f"{new_name(UUID(int=7))}{end}" for end in ("\n", "/", "/..", "\x00")],
)
async def test_no_name_but_ours_gets_through(store: FileStore, name: str) -> None:
    with pytest.raises(Defect):
        await store.put(name, chunks(b"x"))
    with pytest.raises(Defect):
        await read(store, name)
    with pytest.raises(Defect):
        await store.delete(name)
    with pytest.raises(Defect):
        await store.size(name)


async def test_an_upload_that_breaks_off_leaves_no_file(store: FileStore, tmp_path: Path) -> None:
    async def broken() -> AsyncGenerator[bytes]:
        yield b"x" * 100_000
        raise ConnectionResetError("the sender has left")

    name = new_name(uuid4())
    with pytest.raises((ConnectionResetError, StoreGone)):
        await store.put(name, broken())
    assert await store.size(name) is None
    assert left(tmp_path) == []


async def test_a_full_disk_is_told_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = FolderStore(tmp_path)
    kept, name = new_name(uuid4()), new_name(uuid4())
    await store.put(kept, chunks(b"kept"))
    real, written = os.write, 0

    def write(opened: int, data: memoryview) -> int:
        nonlocal written
        written += len(data)
        if written > 150_000:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(opened, data)

    monkeypatch.setattr(os, "write", write)
    with pytest.raises(NoRoom) as told:
        await store.put(name, chunks(b"x" * 100_000, b"x" * 100_000))
    monkeypatch.undo()

    assert "Make room" in told.value.hint
    assert await store.size(name) is None
    assert await read(store, kept) == b"kept"
    assert len(left(tmp_path)) == 1


async def test_a_real_file_system_that_is_full(tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mount = ["/bin/mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(small)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:  # noqa: ASYNC221 - quick
        pytest.skip("only root can mount a small file system")
    try:
        store = FolderStore(small / "files")
        name = new_name(uuid4())
        with pytest.raises(NoRoom):
            await store.put(name, chunks(*[b"x" * 100_000] * 30))
        assert await store.put(name, chunks(b"small")) == 5
        assert await read(store, name) == b"small"
    finally:
        subprocess.run(["/bin/umount", str(small)], check=True)  # noqa: ASYNC221 - quick


async def test_writing_is_short_by_short_until_all_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.write

    def write(opened: int, data: memoryview) -> int:
        return real(opened, data[:7])

    monkeypatch.setattr(os, "write", write)
    store, name = FolderStore(tmp_path), new_name(uuid4())
    await store.put(name, chunks(b"0123456789" * 10))
    assert await read(store, name) == b"0123456789" * 10


async def test_a_link_that_somebody_put_in_the_place_of_a_file_is_not_followed(
    tmp_path: Path,
) -> None:
    store, name = FolderStore(tmp_path), new_name(uuid4())
    place = tmp_path / name
    place.parent.mkdir()
    place.symlink_to("/etc/passwd")
    with pytest.raises(StoreGone):
        await read(store, name)
    await store.put(name, chunks(b"ours"))
    assert await read(store, name) == b"ours"
    assert not place.is_symlink()


async def test_files_are_for_our_account_alone(tmp_path: Path) -> None:
    store, name = FolderStore(tmp_path / "files"), new_name(uuid4())
    await store.put(name, chunks(b"x"))
    place = tmp_path / "files" / name
    assert place.stat().st_mode & 0o077 == 0
    assert place.parent.stat().st_mode & 0o077 == 0


async def test_what_a_crash_has_left_is_tidied_after_a_day(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    await store.tidy()  # where there is nothing yet
    folder = tmp_path / "unfinished"
    folder.mkdir()
    old, new = folder / "old", folder / "new"
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (0, time.time() - 90_000))
    await store.tidy()
    assert [path.name for path in folder.iterdir()] == ["new"]


async def test_a_folder_that_cannot_be_used_is_told_with_its_setting(tmp_path: Path) -> None:
    (tmp_path / "files").write_text("in the way")
    with pytest.raises(StoreGone) as told:
        await FolderStore(tmp_path / "files").put(new_name(uuid4()), chunks(b"x"))
    assert "COURSEWRIGHT_DATA_DIR" in told.value.hint


@pytest.mark.slow
def test_a_gigabyte_goes_in_and_out_with_flat_memory(tmp_path: Path) -> None:
    program = """
import asyncio, resource, sys
from pathlib import Path
from uuid import uuid4
from coursewright.files import open_store, new_name

async def main():
    store, name, size = open_store(None, Path(sys.argv[1])), new_name(uuid4()), 0
    async def much():
        for _ in range(1024):
            yield bytes(1 << 20)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert await store.put(name, much()) == 1 << 30
    async for chunk in store.get(name, 0, 1 << 30):
        size += len(chunk)
    assert size == 1 << 30
    await store.delete(name)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)

asyncio.run(main())
"""
    ran = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert int(ran.stdout) < 30_000  # kB


@pytest.mark.parametrize(
    "url",
    ["", "bucket", "http://host/x", "file:///etc", "memory:///", "s3://", "s3://key:secret@b/p"],
)
def test_an_address_that_is_no_bucket_is_refused_and_not_repeated(url: str, tmp_path: Path) -> None:
    with pytest.raises(NotConfigured, match="COURSEWRIGHT_FILES_URL") as told:
        open_store(url, tmp_path)
    assert "secret@" not in f"{told.value.message} {told.value.hint}"


def test_a_bucket_without_obstore_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(_: str) -> None: ...

    monkeypatch.setattr("importlib.util.find_spec", missing)
    with pytest.raises(NotConfigured) as told:
        open_store("s3://bucket/prefix", tmp_path)
    assert "coursewright[s3]" in told.value.hint


async def test_a_store_that_does_not_answer_is_told_without_its_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_ALLOW_HTTP": "true",
        "AWS_REGION": "eu-test-1",
        "AWS_ACCESS_KEY_ID": "made-up-id",
        "AWS_SECRET_ACCESS_KEY": "made-up-secret",
    }.items():
        monkeypatch.setenv(name, value)
    store = open_store("s3://bucket/prefix", tmp_path)
    with pytest.raises(StoreGone) as told:
        await store.size(new_name(uuid4()))
    assert "made-up" not in f"{told.value.message} {told.value.hint}"
