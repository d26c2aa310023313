"""Files in a real S3-compatible server on this machine, where there is one.

`moto` brings forty packages, some of which want older versions than ours: so it has an environment
of its own. To run these: python -m venv .venv-s3 && .venv-s3/bin/pip install 'moto[server]>=5'
"""

import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from coursewright.files import FileStore, new_name, open_store
from coursewright.files.store import FileGone, StoreGone

SERVER = Path(__file__).resolve().parents[4] / ".venv-s3" / "bin" / "moto_server"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """The address of a server with a bucket `files`."""
    if not SERVER.exists():
        pytest.skip(f"there is no {SERVER} (moto[server])")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        [SERVER, "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                bucket = urllib.request.Request(f"{address}/files", method="PUT")
                urllib.request.urlopen(bucket, timeout=5).close()
                break
            except (urllib.error.URLError, OSError):
                assert time.monotonic() < deadline
                time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        process.wait()


@pytest.fixture
def s3(endpoint: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FileStore:
    for name, value in {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ALLOW_HTTP": "true",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "made-up-id",
        "AWS_SECRET_ACCESS_KEY": "made-up-secret",
    }.items():
        monkeypatch.setenv(name, value)
    return open_store("s3://files/some/prefix", tmp_path)


async def chunks(*parts: bytes) -> AsyncGenerator[bytes]:
    for part in parts:
        yield part


async def read(store: FileStore, name: str, start: int = 0, end: int | None = None) -> bytes:
    return b"".join([chunk async for chunk in store.get(name, start, end)])


async def test_files_of_many_parts_go_in_and_out(s3: FileStore) -> None:
    name = new_name(uuid4())
    content = os.urandom(20_000_000)
    cut = [content[at : at + 777_777] for at in range(0, len(content), 777_777)]
    assert await s3.put(name, chunks(*cut)) == len(content) == await s3.size(name)
    assert await read(s3, name) == content
    assert await read(s3, name, 9_000_000, 17_000_000) == content[9_000_000:17_000_000]
    assert await read(s3, name, 19_999_990) == content[-10:]
    await s3.delete(name)
    await s3.delete(name)
    assert await s3.size(name) is None
    with pytest.raises(FileGone):
        await read(s3, name)


@pytest.mark.parametrize("content", [b"", b"x", b"x" * 8 * 1024 * 1024])
async def test_files_of_any_size_are_files(s3: FileStore, content: bytes) -> None:
    name = new_name(uuid4())
    assert await s3.put(name, chunks(content)) == len(content)
    assert await read(s3, name, 0, len(content)) == content
    assert await s3.size(name) == len(content)


async def test_an_upload_that_breaks_off_leaves_no_object(s3: FileStore) -> None:
    async def broken() -> AsyncGenerator[bytes]:
        yield b"x" * 12_000_000
        raise ConnectionResetError("the sender has left")

    name = new_name(uuid4())
    with pytest.raises((ConnectionResetError, StoreGone)):
        await s3.put(name, broken())
    assert await s3.size(name) is None


async def test_a_bucket_that_is_not_there_is_told(s3: FileStore, tmp_path: Path) -> None:
    assert await s3.size(new_name(uuid4())) is None
    other = open_store("s3://no-such-bucket", tmp_path)
    with pytest.raises(StoreGone):
        await other.put(new_name(uuid4()), chunks(b"x"))
