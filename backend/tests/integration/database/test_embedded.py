"""One server, several processes: start, share, kill, stop."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from pathlib import Path

import psutil
import psycopg
import pytest

from coursewright.course.errors import NotConfigured, Unavailable
from coursewright.database import embedded
from coursewright.database.migrate import migrate

PROGRAM = """
import asyncio, sys
from pathlib import Path
from coursewright.database import embedded
from coursewright.database.migrate import migrate
async def main():
    server = await embedded.start(Path(sys.argv[1]))
    print(server.pid, flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    await server.stop()
asyncio.run(main())
"""


@contextlib.contextmanager
def starting(data_dir: Path) -> Generator[subprocess.Popen[str]]:
    """Another process of ours that starts the server."""
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(data_dir)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.kill()


@contextlib.contextmanager
def another_process(data_dir: Path) -> Generator[tuple[subprocess.Popen[str], int]]:
    """Another process of ours that uses the server, and the server's pid."""
    with starting(data_dir) as process:
        assert process.stdout is not None
        yield process, int(process.stdout.readline())


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def store(url: str, text: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("create table if not exists kept (text text)")
        connection.execute("insert into kept values (%s)", (text,))


def stored(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [row[0] for row in connection.execute("select text from kept").fetchall()]


async def test_starts_from_nothing_and_again_with_what_was_stored(data_dir: Path) -> None:
    began = time.perf_counter()
    server = await embedded.start(data_dir)
    assert time.perf_counter() - began < 8, "cold start; 0.9 s on an idle machine"
    assert server.version.startswith("18.")
    store(server.admin_url(), "kept")
    first, log = server.pid, server.log
    await server.stop()
    assert not alive(first)
    assert log.exists()

    began = time.perf_counter()
    server = await embedded.start(data_dir)
    assert time.perf_counter() - began < 3, "warm start; 0.13 s on an idle machine"
    assert stored(server.admin_url()) == ["kept"]
    await server.stop()
    await server.stop()
    with pytest.raises(Unavailable, match="stopped"):
        server.url()


async def test_nothing_is_reachable_from_the_network_or_by_others(data_dir: Path) -> None:
    server = await embedded.start(data_dir)
    assert psutil.Process(server.pid).net_connections(kind="inet") == []
    for child in psutil.Process(server.pid).children():
        with contextlib.suppress(psutil.NoSuchProcess):  # the server's helpers come and go
            assert child.net_connections(kind="inet") == []
    assert server.socket_dir.stat().st_mode & 0o077 == 0
    sockets = list(server.socket_dir.glob(".s.PGSQL.????"))
    assert sockets
    assert sockets[0].stat().st_mode & 0o077 == 0
    await server.stop()


async def test_what_is_committed_is_on_the_disk(data_dir: Path) -> None:
    server = await embedded.start(data_dir)
    with psycopg.connect(server.admin_url()) as connection:
        for name in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums"):
            assert connection.execute("select current_setting(%s)", (name,)).fetchone() == ("on",)
    await server.stop()


async def test_two_processes_share_a_server_and_the_last_one_stops_it(data_dir: Path) -> None:
    server = await embedded.start(data_dir)
    with another_process(data_dir) as (other, pid):
        assert pid == server.pid
        await server.stop()
        assert alive(pid)
        assert other.stdin is not None
        other.stdin.write("\n")
        other.stdin.flush()
        assert await asyncio.to_thread(other.wait, 20) == 0
    assert not alive(pid)


async def test_processes_that_start_at_once_get_the_same_server(data_dir: Path) -> None:
    servers = await asyncio.gather(*(embedded.start(data_dir) for _ in range(5)))
    assert len({server.pid for server in servers}) == 1
    for server in servers[:-1]:
        await server.stop()
    assert alive(servers[-1].pid)
    last = servers[-1].pid
    await servers[-1].stop()
    assert not alive(last)


async def test_a_killed_process_does_not_keep_the_server_alive_for_ever(data_dir: Path) -> None:
    with another_process(data_dir) as (other, pid):
        other.kill()
        await asyncio.to_thread(other.wait, 20)
    assert alive(pid), "a killed process leaves the server running"
    began = time.perf_counter()
    server = await embedded.start(data_dir)
    assert time.perf_counter() - began < 1, "joining; 0.006 s on an idle machine"
    assert server.pid == pid
    await server.stop()
    assert not alive(pid)


async def test_a_killed_server_comes_back_with_its_data_at_the_same_address(
    data_dir: Path,
) -> None:
    server = await embedded.start(data_dir)
    url = server.admin_url()
    with psycopg.connect(url) as idle:
        store(url, "before")
        killed = server.pid
        os.kill(killed, signal.SIGKILL)
        with pytest.raises(psycopg.OperationalError):
            idle.execute("select pg_sleep(5)")
    await server.ensure_running()
    assert server.pid != killed
    assert server.admin_url() == url
    assert stored(url) == ["before"]
    await server.stop()


async def test_a_whole_family_killed_in_the_middle_of_writing_loses_nothing_committed(
    data_dir: Path,
) -> None:
    server = await embedded.start(data_dir)
    url = server.admin_url()
    committed: list[str] = []
    for number in range(50):
        store(url, f"row {number}")
        committed.append(f"row {number}")
    open_transaction = psycopg.connect(url)
    open_transaction.execute("insert into kept values ('never committed')")
    family = psutil.Process(server.pid).children()
    for process in (psutil.Process(server.pid), *family):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    open_transaction.close()
    await server.ensure_running()
    assert stored(url) == committed
    await server.stop()


@pytest.mark.parametrize("seconds", [0.5, 0.8, 1.1])
async def test_killed_while_it_starts_for_the_first_time(data_dir: Path, seconds: float) -> None:
    with starting(data_dir) as process:
        await asyncio.sleep(seconds)
        process.kill()
    server = await embedded.start(data_dir)
    store(server.admin_url(), "works")
    await server.stop()
    server = await embedded.start(data_dir)
    assert stored(server.admin_url()) == ["works"]
    assert {path.name for path in os.scandir(data_dir)} == {
        "postgres",
        "postgres.lock",
        "postgres.users",
    }
    await server.stop()


async def test_tasks_that_revive_the_server_at_once(data_dir: Path) -> None:
    server = await embedded.start(data_dir)
    os.kill(server.pid, signal.SIGKILL)
    await asyncio.gather(*(server.ensure_running() for _ in range(4)))
    store(server.admin_url(), "works")
    await server.stop()


@pytest.mark.parametrize(
    "name",
    [
        "d" * 120 + "/" + "e" * 60,
        "it's got spaces, a comma, % and ünï-%41",
    ],
)
async def test_any_path_of_the_data_folder_will_do(data_dir: Path, name: str) -> None:
    server = await embedded.start(data_dir / name)
    store(server.admin_url(), "here")
    await server.ensure_running()
    assert server.socket_dir.stat().st_mode & 0o077 == 0
    await server.stop()


async def test_the_app_role_is_let_in_only_when_it_is_there(data_dir: Path) -> None:
    server = await embedded.start(data_dir)
    with pytest.raises(NotConfigured, match="role coursewright_app is missing"):
        await server.let_app_in()
    with psycopg.connect(server.admin_url()) as admin:
        admin.execute("create role coursewright_app nologin")
    with pytest.raises(psycopg.OperationalError, match="not permitted to log in"):
        psycopg.connect(server.url())
    await server.let_app_in()
    with psycopg.connect(server.url()) as connection:
        row = connection.execute("select rolsuper, rolbypassrls from pg_roles where rolname = user")
        assert row.fetchone() == (False, False)
    await server.stop()


async def test_processes_that_start_at_once_all_let_the_program_in(data_dir: Path) -> None:
    server = await embedded.start(data_dir)
    try:
        await migrate(server.admin_url())
        for _ in range(5):
            await asyncio.gather(*[server.let_app_in() for _ in range(8)])
    finally:
        await server.stop()
