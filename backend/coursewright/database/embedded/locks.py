"""Locks on files. The kernel releases them when a process ends, by `kill -9` as well.

Two different ones: everybody who uses the embedded server holds a *shared* lock on a file, so that
the last one out can tell that it is the last; and one process at a time holds the *service lock*,
which says that it is the one that works on the courses of this data folder.
"""

import contextlib
import json
import os
import sys
import time
from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

from coursewright.course.errors import Conflict, NotConfigured, Unavailable

if sys.platform != "win32":
    import fcntl

SERVICE_LOCK = "service.lock"
_POLL = 0.01


class FileLock:
    """An advisory lock (`flock`) on a file that is made when it is missing.

    Two objects exclude one another within a process as well as between processes.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: int | None = None

    @property
    def held(self) -> bool:
        """Whether this object holds the lock, shared or alone."""
        return self._file is not None

    def try_shared(self) -> bool:
        """Takes the lock together with others; False when somebody holds it alone."""
        return self._try(shared=True)

    def try_alone(self) -> bool:
        """Takes the lock alone, or turns a shared hold into one; False when others hold it.

        When turning a shared hold fails, the shared hold may be lost: release it then.
        """
        return self._try(shared=False)

    def release(self) -> None:
        """Lets go. Harmless when nothing is held."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    @contextlib.contextmanager
    def alone(self, *, wait: float, who: str) -> Generator[None]:
        """Holds the lock alone, after waiting up to `wait` seconds for others.

        Raises:
            Unavailable: others still hold it after that; `who` says what they do.
        """
        deadline = time.monotonic() + wait
        while not self.try_alone():
            if time.monotonic() > deadline:
                raise Unavailable(
                    f"Another process has been {who} for {wait:.0f} seconds ({self.path}).",
                    hint="Try again; if it stays so, end the processes of coursewright.",
                )
            time.sleep(_POLL)
        try:
            yield
        finally:
            self.release()

    def write(self, text: str) -> None:
        """Replaces what the file holds; only for who holds the lock."""
        if self._file is None:
            raise ValueError("the lock is not held")
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, text.encode(), 0)

    def _try(self, *, shared: bool) -> bool:
        if sys.platform == "win32":
            raise NotConfigured(
                "The embedded Postgres does not run on Windows.",
                hint="Use WSL, or set DATABASE_URL to a Postgres 15 or newer.",
            )
        opened = self._file if self._file is not None else _open(self.path)
        try:
            fcntl.flock(opened, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            if self._file is None:
                os.close(opened)
            return False
        except OSError as error:
            os.close(opened)
            self._file = None
            raise NotConfigured(
                f"The file system of {self.path.parent} has no file locks: {error.strerror}.",
                hint="Set COURSEWRIGHT_DATA_DIR to a folder on a local disk.",
            ) from error
        self._file = opened
        return True


def _open(path: Path) -> int:
    """Opens the lock's file; made by root it is given to the folder's owner, who needs it too."""
    try:
        opened = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if sys.platform != "win32" and os.geteuid() == 0:
            folder = path.parent.stat()
            os.fchown(opened, folder.st_uid, folder.st_gid)
    except OSError as error:
        raise NotConfigured(
            f"The data folder {path.parent} is not writable: {error.strerror}.",
            hint="Set COURSEWRIGHT_DATA_DIR to a folder that you may write to, "
            "or DATABASE_URL to a Postgres 15 or newer.",
        ) from error
    return opened


class ServiceLock:
    """Held by the one process that works on the courses of a data folder."""

    def __init__(self, lock: FileLock, holder: dict[str, Any]) -> None:
        self._lock = lock
        self._holder = holder

    def announce(self, address: str) -> None:
        """Adds the address once it is known; whoever comes second is told of it."""
        self._holder["address"] = address
        self._lock.write(json.dumps(self._holder))

    def release(self) -> None:
        """Lets the next one in."""
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def acquire_service_lock(
    data_dir: Path, what: str, *, address: str | None = None, since: datetime | None = None
) -> ServiceLock:
    """Says that this process now works on the courses of `data_dir`.

    Args:
        data_dir: the program's data folder; it must exist.
        what: the command, as a person would type it after `coursewright`.
        address: where the process can be reached, if it serves and knows already.
        since: the time to be told to others; this moment when it is not given.

    Raises:
        Conflict: another process holds it; the message says which, since when and where.
        NotConfigured: the folder is not writable or has no locks.
    """
    lock = FileLock(data_dir / SERVICE_LOCK)
    if not lock.try_alone():
        raise _conflict(data_dir, _read_holder(lock.path))
    started = (since or datetime.now(UTC)).astimezone(UTC)
    holder: dict[str, Any] = {
        "pid": os.getpid(),
        "command": what,
        "since": started.isoformat(timespec="seconds"),
        "address": address,
    }
    lock.write(json.dumps(holder))
    return ServiceLock(lock, holder)


def service_address(data_dir: Path) -> str | None:
    """Where the process that works on `data_dir` can be reached; None when it does not serve."""
    address = _read_holder(data_dir / SERVICE_LOCK).get("address")
    return address if isinstance(address, str) else None


def _read_holder(path: Path) -> dict[str, Any]:
    """What the holder wrote; empty in the moment between its taking the lock and writing."""
    try:
        found: object = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def _conflict(data_dir: Path, holder: dict[str, Any]) -> Conflict:
    pid, address = holder.get("pid"), holder.get("address")
    about = [f"process {pid}"] if pid else []
    if since := holder.get("since"):
        about.append(f"since {since}")
    if address:
        about.append(f"at {address}")
    command = f"`coursewright {holder['command']}`" if holder.get("command") else "Another process"
    known = f" ({', '.join(about)})" if about else ""
    stop = f"stop it with `kill {pid}`" if pid else "stop it"
    use = f"use it at {address}, " if address else "wait until it is done, "
    other = "or give this one a folder of its own with COURSEWRIGHT_DATA_DIR"
    return Conflict(
        f"{command}{known} already works on the data folder {data_dir}.",
        hint=f"You can {use}{stop}, {other}.",
    )
