"""What goes wrong on real machines: stale files, foreign processes, root, full disks."""

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Generator, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from coursewright.course.errors import NotConfigured, Unavailable
from coursewright.database import embedded
from coursewright.database.embedded import place

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can do this")
not_as_root = pytest.mark.skipif(os.geteuid() == 0, reason="root may do everything")


@pytest.fixture
def foreign() -> Iterator[int]:
    """The pid of a living process that has nothing to do with Postgres."""
    with subprocess.Popen(["/bin/sleep", "60"]) as process:
        yield process.pid
        process.kill()


@pytest.fixture
def zombie() -> Iterator[int]:
    """The pid of a dead process that nobody has buried."""
    with subprocess.Popen(["/bin/true"]) as process:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert psutil.Process(process.pid).status() == psutil.STATUS_ZOMBIE
        yield process.pid


@contextlib.contextmanager
def sleeping_as(uid: int) -> Generator[int]:
    """The pid of a living process of another account."""
    with subprocess.Popen(["/bin/sleep", "60"], user=uid) as process:
        yield process.pid
        process.kill()


@pytest.fixture(scope="module")
def crashed() -> Iterator[Path]:
    """A data folder with what a crash of the machine leaves: data, and files with a pid."""
    folder = Path(tempfile.mkdtemp(prefix="coursewright-crashed-"))
    folder.chmod(0o711)

    async def make() -> None:
        server = await embedded.start(folder)
        files = [folder / "postgres/postmaster.pid", server.socket_dir / ".s.PGSQL.5432.lock"]
        texts = [path.read_text() for path in files]
        with psycopg.connect(server.admin_url()) as connection:
            connection.execute("create table kept as select 1 as one")
        await server.stop()
        owner = (folder / "postgres").stat()
        for path, text in zip(files, texts, strict=True):
            path.write_text(text)
            os.chown(path, owner.st_uid, owner.st_gid)

    asyncio.run(make())
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def left(crashed: Path, data_dir: Path) -> Path:
    """A copy of it."""
    copy = ["/bin/cp", "-a", str(crashed / "postgres"), str(data_dir)]
    subprocess.run(copy, check=True)
    return data_dir


def name_pid(data_dir: Path, pid: int) -> None:
    """Makes the files of a crash name this process."""
    cluster = data_dir / "postgres"
    for path in (cluster / "postmaster.pid", cluster / ".s.PGSQL.5432.lock"):
        path.write_text(f"{pid}\n" + path.read_text().partition("\n")[2])


def owner_of(data_dir: Path) -> int:
    return (data_dir / "postgres").stat().st_uid


def read_pid_file(data_dir: Path) -> str:
    return (data_dir / "postgres" / "postmaster.pid").read_text()


def write_pid_file(data_dir: Path, text: str) -> None:
    (data_dir / "postgres" / "postmaster.pid").write_text(text)


async def starts(data_dir: Path) -> None:
    server = await embedded.start(data_dir)
    with psycopg.connect(server.admin_url()) as connection:
        assert connection.execute("select one from kept").fetchone() == (1,)
    await server.stop()


async def test_pid_file_after_a_reboot_naming_a_foreign_process(left: Path, foreign: int) -> None:
    name_pid(left, foreign)
    await starts(left)
    assert psutil.Process(foreign).name() == "sleep", "it is left alone"


async def test_pid_file_naming_a_foreign_process_of_the_servers_own_account(left: Path) -> None:
    with sleeping_as(owner_of(left)) as pid:
        name_pid(left, pid)
        await starts(left)
        assert psutil.Process(pid).name() == "sleep", "it is left alone"


async def test_pid_file_naming_a_zombie(left: Path, zombie: int) -> None:
    name_pid(left, zombie)
    await starts(left)


async def test_pid_file_naming_another_server(left: Path) -> None:
    other = await embedded.start(left / "other")
    text = read_pid_file(left / "other")
    write_pid_file(left, text)
    await starts(left)
    assert psutil.pid_exists(other.pid), "it is left alone"
    await other.stop()


@pytest.mark.parametrize("text", ["", "no number\n", "\x00\xff\n", "1", "99999999999999999999\n"])
async def test_damaged_pid_file(left: Path, text: str) -> None:
    write_pid_file(left, text)
    await starts(left)


async def test_damaged_pid_file_of_a_living_server_is_not_overrun(data_dir: Path) -> None:
    server = await embedded.start(data_dir)
    text = read_pid_file(data_dir)
    write_pid_file(data_dir, "")
    with pytest.raises(Unavailable, match=f"Process {server.pid} works on") as caught:
        await embedded.start(data_dir)
    assert f"kill {server.pid}" in caught.value.hint
    write_pid_file(data_dir, text)
    await server.stop()


async def test_a_server_that_hangs_is_told_of(left: Path) -> None:
    server = await embedded.start(left)
    os.kill(server.pid, signal.SIGSTOP)
    try:
        with pytest.raises(Unavailable, match="does not answer"):
            await embedded.start(left, wait=0.1)
    finally:
        os.kill(server.pid, signal.SIGCONT)
    await server.stop()


@as_root
async def test_as_root_no_folder_is_opened_to_others(data_dir: Path) -> None:
    private = data_dir / "home"
    private.mkdir(mode=0o700)
    with pytest.raises(NotConfigured, match="may not enter") as caught:
        await embedded.start(private / "coursewright")
    assert "/var/lib/coursewright" in caught.value.hint
    assert private.stat().st_mode & 0o777 == 0o700


@as_root
async def test_as_root_a_folder_with_things_in_it_is_not_opened_either(data_dir: Path) -> None:
    home = data_dir / "home"
    home.mkdir(mode=0o700)
    (home / "letters.txt").write_text("private")
    with pytest.raises(NotConfigured, match="may not enter"):
        await embedded.start(home)
    assert home.stat().st_mode & 0o777 == 0o700


@as_root
async def test_as_root_modes_of_all_parents_stay(data_dir: Path) -> None:
    package = embedded.__file__
    watched = [*data_dir.parents, *Path(package).parents, *Path(sys.executable).parents]
    modes = [path.stat().st_mode for path in watched]
    server = await embedded.start(data_dir / "below")
    assert [path.stat().st_mode for path in watched] == modes
    assert psutil.Process(server.pid).uids().real != 0
    await server.stop()


@as_root
async def test_as_root_the_programs_are_copied_out_of_a_private_home(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from coursewright.database.embedded import binaries

    private = data_dir / "root"
    private.mkdir(mode=0o700)

    def closed_parent(path: Path, _: place.Account) -> Path | None:
        return None if path.is_relative_to(data_dir) else private

    monkeypatch.setattr(binaries, "closed_parent", closed_parent)
    server = await embedded.start(data_dir / "data")
    copies = list((data_dir / "data").glob("postgres-programs-18-*"))
    assert len(copies) == 1
    assert Path(psutil.Process(server.pid).exe()).is_relative_to(copies[0])
    assert private.stat().st_mode & 0o777 == 0o700
    await server.stop()


@as_root
async def test_as_root_on_a_users_folder_it_runs_as_that_user(data_dir: Path) -> None:
    owned = data_dir / "theirs"
    owned.mkdir(mode=0o700)
    os.chown(owned, 65534, 65534)
    server = await embedded.start(owned)
    assert psutil.Process(server.pid).uids().real == 65534
    assert {path.stat().st_uid for path in owned.iterdir()} == {65534}
    await server.stop()


@as_root
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
async def test_two_accounts_do_not_get_in_each_others_way(data_dir: Path) -> None:
    ours = await embedded.start(data_dir / "ours")
    other = data_dir / "other"
    other.mkdir(mode=0o700)
    os.chown(other, 65534, 65534)

    failures: list[BaseException] = []

    def as_other() -> None:
        try:
            server = asyncio.run(embedded.start(other))
            asyncio.run(server.stop())
        except BaseException as error:  # noqa: BLE001 - told by the exit code
            failures.append(error)

    child = os.fork()
    if child == 0:  # the interpreter may lie in a private folder, so it cannot be started anew
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
        thread = threading.Thread(target=as_other)  # this one has a loop already
        thread.start()
        thread.join()
        os.write(2, repr(failures).encode())
        os._exit(len(failures))
    _, status = await asyncio.to_thread(os.waitpid, child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    await ours.stop()


@not_as_root
async def test_a_folder_that_may_not_be_written(data_dir: Path) -> None:
    os.chmod(data_dir, 0o500)  # noqa: PTH101 - it does not block
    with pytest.raises(NotConfigured, match="not writable") as caught:
        await embedded.start(data_dir)
    assert "COURSEWRIGHT_DATA_DIR" in caught.value.hint


@pytest.mark.parametrize("folder", ["/proc/coursewright", "/dev/null", "/dev/null/below"])
async def test_a_folder_that_cannot_be_made(folder: str) -> None:
    with pytest.raises(NotConfigured, match="data folder") as caught:
        await embedded.start(Path(folder))
    assert "COURSEWRIGHT_DATA_DIR" in caught.value.hint
    assert "DATABASE_URL" in caught.value.hint


async def test_a_folder_with_something_else_in_it_is_left_alone(data_dir: Path) -> None:
    (data_dir / "postgres").mkdir()
    (data_dir / "postgres" / "novel.txt").write_text("chapter one")
    with pytest.raises(NotConfigured, match="no data directory"):
        await embedded.start(data_dir)
    assert (data_dir / "postgres" / "novel.txt").read_text() == "chapter one"


async def test_data_of_another_major_version(left: Path) -> None:
    (left / "postgres" / "PG_VERSION").write_text("16\n")
    with pytest.raises(NotConfigured, match="is of Postgres 16") as caught:
        await embedded.start(left)
    assert "pg_dump" in caught.value.hint


async def test_a_server_that_does_not_start_shows_its_last_words(left: Path) -> None:
    with pytest.raises(Unavailable, match="shared_buffers") as caught:
        await embedded.start(left, settings={"shared_buffers": "a lot"})
    assert "server.log" in caught.value.hint
    await starts(left)


async def starts_again(data_dir: Path) -> None:
    await (await embedded.start(data_dir)).stop()


async def test_a_platform_without_programs(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from coursewright.database.embedded import binaries

    monkeypatch.setattr(binaries, "MAJOR", 99)
    with pytest.raises(NotConfigured, match="no Postgres 99 for this platform") as caught:
        await embedded.start(data_dir)
    assert "DATABASE_URL" in caught.value.hint


@as_root
def test_the_default_folder_of_root_is_one_that_others_can_enter(
    monkeypatch: pytest.MonkeyPatch, data_dir: Path
) -> None:
    private = data_dir / "root"
    private.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_DATA_HOME", str(private / "share"))
    assert embedded.default_data_dir() == place.ROOT_DATA_DIR
    monkeypatch.setenv("XDG_DATA_HOME", str(data_dir))
    assert embedded.default_data_dir() == data_dir / "coursewright"


@pytest.fixture
def small_disk(data_dir: Path) -> Iterator[Path]:
    """A disk of 90 MB."""
    disk = data_dir / "disk"
    disk.mkdir()
    mount = shutil.which("mount")
    if os.geteuid() != 0 or mount is None:
        pytest.skip("only root can mount a small disk")
    made = subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=90m,mode=0711", "none", str(disk)],
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode != 0:
        pytest.skip(f"no disk can be mounted here: {made.stderr.strip()}")
    yield disk
    subprocess.run(["/bin/umount", "--lazy", str(disk)], check=True)


def make_bigger(disk: Path) -> None:
    command = ["/bin/mount", "-o", "remount,size=300m", str(disk)]
    subprocess.run(command, check=True)


async def test_disk_full_from_the_start(small_disk: Path) -> None:
    filler = small_disk / "filler"
    filler.write_bytes(b"\0" * 80_000_000)
    with pytest.raises(Unavailable, match="is full") as caught:
        await embedded.start(small_disk / "data")
    assert "Free some space" in caught.value.hint
    assert list((small_disk / "data").glob(".postgres*")) == []
    filler.unlink()
    await starts_again(small_disk / "data")


async def test_disk_full_while_writing_damages_nothing(small_disk: Path) -> None:
    server = await embedded.start(small_disk / "data")
    url = server.admin_url()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("create table kept (number int primary key, text text)")
    written = 0
    with pytest.raises(psycopg.Error):  # noqa: PT012 - fills the disk step by step
        while written < 200:
            with psycopg.connect(url) as connection:
                connection.execute(
                    "insert into kept select %s, string_agg(md5(random()::text), '') "
                    "from generate_series(1, 40000)",
                    (written,),
                )
            written += 1
    assert 0 < written < 200
    make_bigger(small_disk)
    await server.ensure_running()
    with psycopg.connect(url) as connection:
        row = connection.execute("select count(*), min(length(text)) from kept").fetchone()
    assert row == (written, 32 * 40_000)
    await server.stop()
