"""Is a server running on this data directory? `postmaster.pid` says so, and may lie.

Its lines (src/include/utils/pidfile.h): pid, data directory, start time, port, socket folder,
listening address, shared memory, state. After a reboot, a crash or a restore the pid may be that
of any other process, or of a dead one that nobody has buried.
"""

import contextlib
import os
import re
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg

from coursewright.course.errors import Unavailable
from coursewright.database.embedded.place import Place

SUPERUSER = "postgres"
_PID_FILE = "postmaster.pid"
_POLL = 0.02


@dataclass(frozen=True, kw_only=True)
class Postmaster:
    """A server that answers."""

    pid: int
    socket_dir: Path
    version: str
    """Of Postgres, such as `18.4`."""
    databases: frozenset[str]


def find_running(place: Place, *, wait: float) -> Postmaster | None:
    """The server that runs on this place and answers, or None when there is none.

    One that is still starting, or going down, is waited for.

    Raises:
        Unavailable: a server is there, and does not answer within `wait` seconds.
    """
    deadline = time.monotonic() + wait
    while (pid := read_pid(place.cluster)) is not None:
        answered = _ask(place, patience=max(2, min(10, int(wait))))
        if answered is not None:
            return answered
        if not _is_server_of(pid, place.cluster):
            return None
        if time.monotonic() > deadline:
            raise Unavailable(
                f"Postgres (process {pid}) runs on {place.cluster} and does not answer.",
                hint=f"Look into {place.log}; as a last resort, `kill {pid}` and try again.",
            )
        time.sleep(_POLL)
    return None


def read_pid(cluster: Path) -> int | None:
    """The first line of `postmaster.pid`; None when there is no file, or no number in it."""
    lines = _lines(cluster)
    return int(lines[0]) if lines and lines[0].isascii() and lines[0].isdigit() else None


def clear_stale(place: Place, socket_dir: Path) -> None:
    """Makes the left-overs of a dead server harmless, so that a new one starts.

    Only for who has seen that no server runs. Postgres itself takes a foreign process that has the
    old one's pid for a living server. The pid file is not removed, since its line on shared memory
    is how Postgres finds surviving children of the dead one; it gets our own pid instead, which
    Postgres passes over, as `pg_ctl` tells it who called (CreateLockFile in miscinit.c).

    Raises:
        Unavailable: the file is damaged, and a server is running on the folder all the same.
    """
    pid_file = place.cluster / _PID_FILE
    if pid_file.exists():
        if read_pid(place.cluster) is None:
            _refuse_living(place.cluster)
            pid_file.unlink()
        else:
            rest = pid_file.read_text(encoding="utf-8", errors="replace").partition("\n")[2]
            pid_file.write_text(f"{os.getpid()}\n{rest}", encoding="utf-8")
    for left in socket_dir.glob(".s.PGSQL.*"):
        left.unlink(missing_ok=True)


def _ask(place: Place, *, patience: int) -> Postmaster | None:
    """Connects to what the pid file names; None when nobody answers, or somebody else does.

    `patience` is in seconds; libpq knows no less than 2.
    """
    lines = _lines(place.cluster)
    pid, folder = read_pid(place.cluster), lines[4:5]
    if pid is None or not folder or not folder[0]:
        return None
    query = (
        "select current_setting('data_directory'), current_setting('server_version'), "
        "array(select datname::text from pg_database)"
    )
    try:
        with psycopg.connect(
            host=folder[0],
            port=int(lines[3]),
            user=SUPERUSER,
            dbname=SUPERUSER,
            connect_timeout=patience,
        ) as connection:
            row = connection.execute(query).fetchone()
    except (psycopg.OperationalError, ValueError):
        return None
    if row is None or not _same(Path(row[0]), place.cluster):
        return None
    version = re.match(r"[\d.]+", str(row[1]))
    return Postmaster(
        pid=pid,
        socket_dir=Path(folder[0]),
        version=version.group() if version else str(row[1]),
        databases=frozenset(row[2]),
    )


def _lines(cluster: Path) -> list[str]:
    try:
        text = (cluster / _PID_FILE).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return [line.strip() for line in text.splitlines()]


def _same(one: Path, other: Path) -> bool:
    with contextlib.suppress(OSError):
        return one.samefile(other)
    return False


def _is_server_of(pid: int, cluster: Path) -> bool:
    """Whether `pid` is a living server process on this data directory.

    Every process of a server has its data directory as its working directory.
    """
    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and _same(Path(process.cwd()), cluster)
    except (psutil.Error, OSError):
        return False


def _refuse_living(cluster: Path) -> None:
    for pid in psutil.pids():
        if pid != os.getpid() and _is_server_of(pid, cluster):
            raise Unavailable(
                f"Process {pid} works on {cluster}, whose postmaster.pid is damaged.",
                hint=f"If it is a Postgres, end it with `kill {pid}` and try again.",
            )
