"""Starting, sharing and stopping the embedded Postgres."""

import asyncio
import os
import shutil
import tempfile
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from coursewright.course.errors import NotConfigured, Unavailable
from coursewright.database.embedded import binaries, postmaster
from coursewright.database.embedded.binaries import Binaries, Failed
from coursewright.database.embedded.locks import FileLock
from coursewright.database.embedded.place import Place, give, prepare, socket_dir
from coursewright.database.embedded.postmaster import SUPERUSER, Postmaster

DATABASE = "coursewright"
APP_ROLE = "coursewright_app"

SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",  # a socket in a private folder; nothing on the network
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "64MB",
    # What is committed survives a crash of the machine: these are never relaxed for speed.
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "wal_level": "minimal",  # nobody replicates it
    "max_wal_senders": "0",
    "max_wal_size": "256MB",
    "min_wal_size": "32MB",
    # One person's machine: no helper processes, no compiler for queries
    "io_method": "sync",
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
}
_CONF = "coursewright.conf"
_UNFINISHED = ".postgres-unfinished-"
_START_SECONDS = 60.0
_LOG_BYTES = 5_000_000
_LOG_LINES = 12
_ORPHANS_SECONDS = 10.0
_LOGIN_LOCK = 6_072_026_112_302
"""The advisory lock's number: any, as long as nobody else in the cluster uses it."""
_HINT = "Set COURSEWRIGHT_DATA_DIR to another folder, or DATABASE_URL to a Postgres 15 or newer."


class EmbeddedPostgres:
    """A running server that this process uses, perhaps together with others."""

    def __init__(self, place: Place, settings: Mapping[str, str], *, wait: float) -> None:
        self._place = place
        self._settings = settings
        self._wait = wait
        self._users = FileLock(place.data_dir / "postgres.users")
        self._found: Postmaster | None = None

    @property
    def data_dir(self) -> Path:
        """The program's data folder."""
        return self._place.data_dir

    @property
    def log(self) -> Path:
        """The server's log file."""
        return self._place.log

    @property
    def version(self) -> str:
        """Of Postgres, such as `18.4`."""
        return self._running.version

    @property
    def pid(self) -> int:
        """The server's main process."""
        return self._running.pid

    @property
    def socket_dir(self) -> Path:
        """The folder of the server's socket; the same after a restart."""
        return self._running.socket_dir

    def url(self, database: str = DATABASE, *, user: str = APP_ROLE) -> str:
        """An address for psycopg and libpq."""
        host = quote(str(self.socket_dir), safe="")
        return f"postgresql://{quote(user, safe='')}@/{quote(database, safe='')}?host={host}"

    def admin_url(self, database: str = DATABASE) -> str:
        """The address for migrations: a superuser, whom row-level security does not hold."""
        return self.url(database, user=SUPERUSER)

    async def stop(self) -> None:
        """Leaves the server, and stops it when nobody else uses it. Harmless when repeated."""
        await asyncio.to_thread(self._stop)

    async def ensure_running(self) -> None:
        """Starts the server again if it has gone (killed, out of memory); its address stays."""
        await asyncio.to_thread(self._start)

    async def let_app_in(self) -> None:
        """Lets the role of the program log in, after the migrations have made it (NOLOGIN)."""
        try:
            async with await psycopg.AsyncConnection.connect(self.admin_url(SUPERUSER)) as admin:
                # Two processes that start at once would change the same row of the catalog.
                await admin.execute("select pg_advisory_xact_lock(%s)", (_LOGIN_LOCK,))
                await admin.execute(sql.SQL("alter role {} login").format(sql.Identifier(APP_ROLE)))
        except psycopg.errors.UndefinedObject as error:
            raise NotConfigured(
                f"The role {APP_ROLE} is missing.", hint="Apply the migrations first."
            ) from error

    @property
    def _running(self) -> Postmaster:
        if self._found is None:
            raise Unavailable("The embedded Postgres is stopped.", hint="Start it first.")
        return self._found

    def _busy(self) -> AbstractContextManager[None]:
        """Only one thread of one process at a time starts or stops the server."""
        lock = FileLock(self.data_dir / "postgres.lock")
        return lock.alone(wait=self._wait, who="starting or stopping Postgres")

    def _start(self) -> None:
        with self._busy():
            found = postmaster.find_running(self._place, wait=self._wait)
            self._found = found or _launch(self._place, self._settings, wait=self._wait)
            if not self._users.held:
                self._users.try_shared()
            if DATABASE not in self._found.databases:
                _create_database(self.admin_url(SUPERUSER))

    def _stop(self) -> None:
        if not self._users.held:
            return
        with self._busy():
            last = self._users.try_alone()
            self._users.release()
            self._found = None
            found = postmaster.find_running(self._place, wait=self._wait) if last else None
            if found is not None:
                _shut_down(self._place, wait=self._wait)
                if found.socket_dir != self._place.cluster:
                    with suppress(OSError):
                        found.socket_dir.rmdir()


async def start(
    data_dir: Path, *, settings: Mapping[str, str] | None = None, wait: float = _START_SECONDS
) -> EmbeddedPostgres:
    """Starts the server of a data folder, or joins the one that runs there already.

    Args:
        data_dir: the program's folder; the server's data lies in `postgres` below it.
        settings: of Postgres, over ours; tests use it.
        wait: seconds for others who start or stop it, and for recovery after a crash.

    Raises:
        NotConfigured: the folder or the platform is not usable; the hint says what to do.
        Unavailable: the server does not come up; the message ends with its last words.
    """
    place = await asyncio.to_thread(prepare, data_dir)
    server = EmbeddedPostgres(place, {**SETTINGS, **(settings or {})}, wait=wait)
    await server.ensure_running()
    return server


def _launch(place: Place, settings: Mapping[str, str], *, wait: float) -> Postmaster:
    programs = binaries.find(place)
    if not (place.cluster / "PG_VERSION").exists():
        _initialise(place, programs)
    for left in place.data_dir.glob(f"{_UNFINISHED}*"):
        shutil.rmtree(left, ignore_errors=True)
    _check_version(place)
    sockets = socket_dir(place)
    _configure(place, {**settings, "unix_socket_directories": f'"{sockets}"'})
    postmaster.clear_stale(place, sockets)
    _keep_log_small(place.log)
    deadline = time.monotonic() + min(wait, _ORPHANS_SECONDS)
    options = ("-D", str(place.cluster), "-l", str(place.log), "-w", "-t", str(int(wait)))
    while True:
        begin = place.log.stat().st_size if place.log.exists() else 0
        try:
            programs.run("pg_ctl", "start", *options)
            break
        except Failed as failure:
            said = _last_words(place.log, begin) or str(failure)
            # Children of a server that was killed live on for a moment; Postgres waits for nobody.
            if "still in use" not in said or time.monotonic() > deadline:
                raise _not_started(place, said) from failure
            time.sleep(0.1)
    found = postmaster.find_running(place, wait=wait)
    if found is None:
        raise _not_started(place, _last_words(place.log, begin))
    return found


def _initialise(place: Place, programs: Binaries) -> None:
    """Makes the data directory: elsewhere first, so that a kill leaves no half-made one."""
    cluster = place.cluster
    if cluster.exists() and any(cluster.iterdir()):
        raise NotConfigured(
            f"{cluster} holds files, but it is no data directory of Postgres.",
            hint=f"Move it away. {_HINT}",
        )
    unfinished: Path | None = None
    try:
        # A name of its own each time: the initdb of a killed process may still be writing.
        unfinished = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=place.data_dir))
        give(unfinished, place.account)
        programs.run(
            "initdb",
            f"--pgdata={unfinished}",
            f"--username={SUPERUSER}",
            "--auth=trust",  # who can enter the socket's folder owns the data anyway
            "--encoding=UTF8",
            # Sorting that is the same on every machine and in every version of its libraries
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--text-search-config=english",
        )
        with (unfinished / "postgresql.conf").open("a", encoding="utf-8") as conf:
            conf.write(f"\ninclude = '{_CONF}'\n")
        unfinished.rename(cluster)
    except (Failed, OSError) as error:
        if unfinished is not None:
            shutil.rmtree(unfinished, ignore_errors=True)
        said = error.strerror or str(error) if isinstance(error, OSError) else str(error)
        if "No space left" in said:
            raise Unavailable(
                f"The disk of {place.data_dir} is full; Postgres needs about 50 MB to begin with.",
                hint=f"Free some space. {_HINT}",
            ) from error
        raise Unavailable(
            f"The data directory {cluster} could not be made:\n{_tail(said)}", hint=_HINT
        ) from error


def _check_version(place: Place) -> None:
    found = (place.cluster / "PG_VERSION").read_text(encoding="utf-8").strip()
    if found != str(binaries.MAJOR):
        raise NotConfigured(
            f"The data in {place.cluster} is of Postgres {found or '(unknown)'}; "
            f"this version of coursewright brings Postgres {binaries.MAJOR}.",
            hint="Use the version of coursewright that wrote it, or carry the data over with "
            f"pg_dump of Postgres {found} and pg_restore. {_HINT}",
        )


def _configure(place: Place, settings: Mapping[str, str]) -> None:
    quoted = {name: value.replace("'", "''") for name, value in settings.items()}
    text = "".join(f"{name} = '{value}'\n" for name, value in quoted.items())
    path = place.cluster / _CONF
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    try:
        path.write_text(text, encoding="utf-8")
        give(path, place.account)
    except OSError as error:
        raise Unavailable(f"{path} cannot be written: {error.strerror}.", hint=_HINT) from error


def _create_database(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(sql.SQL("create database {}").format(sql.Identifier(DATABASE)))


def _shut_down(place: Place, *, wait: float) -> None:
    options = ("-D", str(place.cluster), "-m", "fast", "-w", "-t", str(int(wait)))
    try:
        binaries.find(place).run("pg_ctl", "stop", *options)
    except Failed as failure:
        raise Unavailable(
            f"The embedded Postgres does not stop:\n{_tail(str(failure))}",
            hint=f"Look into {place.log}.",
        ) from failure


def _not_started(place: Place, said: str) -> Unavailable:
    hint = f"The whole log is {place.log}. {_HINT}"
    if "No space left" in said:
        hint = f"Free some space on the disk of {place.data_dir}; nothing stored is damaged."
    return Unavailable(f"The embedded Postgres does not start:\n{_tail(said)}", hint=hint)


def _keep_log_small(log: Path) -> None:
    if log.exists() and log.stat().st_size > _LOG_BYTES:
        log.replace(log.with_suffix(".log.1"))


def _last_words(log: Path, begin: int) -> str:
    try:
        with log.open("rb") as opened:
            opened.seek(begin)
            return opened.read(200_000).decode("utf-8", errors="replace")
    except OSError:
        return ""


def _tail(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return os.linesep.join(lines[-_LOG_LINES:])
