"""The place of the embedded server: its data folder, the account it runs as, its socket.

Postgres refuses to run as root. Started by root, the server runs under the account that owns the
data folder, or else under a system account `coursewright` that is made once. That account has to
be able to enter the folder; the modes of folders that are not ours are never changed for it.
"""

import contextlib
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from coursewright.course.errors import NotConfigured

if sys.platform != "win32":
    import pwd

ACCOUNT = "coursewright"
ROOT_DATA_DIR = Path("/var/lib/coursewright")
_SOCKET_NAME = ".s.PGSQL.5432"
_SOCKET_PATH_MAX = 103
"""Bytes: `sun_path` holds 104 with the final zero on macOS and the BSDs, 108 on Linux (unix(7))."""
_ENTER_AS_OTHER = 0o011
_HINT = (
    "Set COURSEWRIGHT_DATA_DIR to a folder that you may write to, "
    "or DATABASE_URL to a Postgres 15 or newer."
)


@dataclass(frozen=True, kw_only=True)
class Account:
    """The account of the operating system that the server runs as, when we are root."""

    uid: int
    gid: int


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where an embedded server lives."""

    data_dir: Path
    """The program's folder, absolute, links resolved."""
    account: Account | None
    """None: the server runs as we do."""

    @property
    def cluster(self) -> Path:
        """What Postgres calls the data directory."""
        return self.data_dir / "postgres"

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.cluster / "server.log"


def default_data_dir() -> Path:
    """The user's data folder; for root one that the server's account can enter as well."""
    usual = platformdirs.user_data_path("coursewright", appauthor=False)
    if sys.platform == "win32" or os.geteuid() != 0:
        return usual
    nobody = Account(uid=-1, gid=-1)
    return usual if closed_parent(usual, nobody) is None else ROOT_DATA_DIR


def prepare(data_dir: Path) -> Place:
    """Makes the data folder where it is missing and finds who the server is to run as.

    Raises:
        NotConfigured: the folder cannot be made, or the server's account could not enter it.
    """
    if sys.platform == "win32":
        raise NotConfigured(
            "The embedded Postgres does not run on Windows.",
            hint="Use WSL, or set DATABASE_URL to a Postgres 15 or newer.",
        )
    folder = data_dir.expanduser().resolve()
    as_root = os.geteuid() == 0
    try:
        _make_folders(folder, mode=0o711 if as_root else 0o700)
        place = Place(data_dir=folder, account=_account_for(folder) if as_root else None)
        if place.account is not None:
            _let_in(folder, place.account)
    except OSError as error:
        raise NotConfigured(
            f"The data folder {folder} cannot be made: {error.strerror}.", hint=_HINT
        ) from error
    return place


def closed_parent(folder: Path, account: Account) -> Path | None:
    """The outermost existing folder above `folder` that `account` may not enter, or None."""
    for parent in reversed(folder.parents):
        if parent.is_dir() and not _may_enter(parent, account):
            return parent
    return None


def socket_dir(place: Place) -> Path:
    """A folder for the server's socket that only its account can enter.

    The data directory itself, unless its path is no good for a socket (too long, or with a comma)
    or its file system has none; then a folder in the temporary folder.

    Raises:
        NotConfigured: the folder in the temporary folder belongs to somebody else.
    """
    if _can_hold_socket(place.cluster):
        return place.cluster
    uid = place.account.uid if place.account else os.getuid()
    ours = Path(tempfile.gettempdir()).resolve() / f"coursewright-{uid}"
    folder = ours / hashlib.sha256(os.fsencode(place.cluster)).hexdigest()[:12]
    for made in (ours, folder):
        with contextlib.suppress(FileExistsError):
            made.mkdir(mode=0o700)
            give(made, place.account)
        found = made.lstat()
        if found.st_uid != uid or found.st_mode & 0o077 or made.is_symlink():
            raise NotConfigured(
                f"{made} is not a private folder of the account {uid}.",
                hint="Remove it, or set COURSEWRIGHT_DATA_DIR to a folder with a shorter path.",
            )
    return folder


def give(path: Path, account: Account | None) -> None:
    """Makes the server's account the owner, when we are root."""
    if account is not None:
        os.chown(path, account.uid, account.gid)


def _make_folders(folder: Path, *, mode: int) -> None:
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    for path in reversed(missing):
        path.mkdir(exist_ok=True)
        # Folders that we make are open to others only for passing through, whatever the umask is.
        path.chmod(mode)
    if not folder.is_dir():
        raise NotADirectoryError(20, "it is not a folder")


def _account_for(folder: Path) -> Account:
    """Who the server is to run as when we are root: never root."""
    for path in (folder / "postgres", folder):
        if path.exists() and path.stat().st_uid != 0:
            owner = path.stat()
            return Account(uid=owner.st_uid, gid=owner.st_gid)
    try:
        entry = pwd.getpwnam(ACCOUNT)
    except KeyError:
        _make_account()
        entry = pwd.getpwnam(ACCOUNT)
    return Account(uid=entry.pw_uid, gid=entry.pw_gid)


def _make_account() -> None:
    program = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    hint = f"Make it, run as an ordinary user, or set DATABASE_URL. {_HINT}"
    if program is None:
        raise NotConfigured(
            f"Postgres does not run as root, and there is no account `{ACCOUNT}` nor `useradd`.",
            hint=hint,
        )
    options = ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    made = subprocess.run(  # noqa: S603 - a fixed command
        [program, *options, "--shell", "/usr/sbin/nologin", ACCOUNT],
        capture_output=True,
        text=True,
        check=False,
    )
    name_in_use = 9  # useradd(8): another process was quicker
    if made.returncode not in (0, name_in_use):
        raise NotConfigured(
            f"Postgres does not run as root, and the account `{ACCOUNT}` cannot be made: "
            f"{made.stderr.strip()}.",
            hint=hint,
        )


def _let_in(folder: Path, account: Account) -> None:
    """Sees to it that `account` can enter the data folder; its parents are left as they are."""
    closed = closed_parent(folder, account)
    if closed is None and not _may_enter(folder, account):
        if any(folder.iterdir()):
            closed = folder
        else:  # nobody has put anything there yet: it was made for us
            folder.chmod(folder.stat().st_mode | _ENTER_AS_OTHER)
    if closed is not None:
        raise NotConfigured(
            f"Postgres does not run as root, and its account may not enter {closed}, "
            f"below which the data folder {folder} lies.",
            hint=f"Set COURSEWRIGHT_DATA_DIR to a folder that others can enter, "
            f"{ROOT_DATA_DIR} for instance, or run as an ordinary user.",
        )


def _may_enter(folder: Path, account: Account) -> bool:
    found = folder.stat()
    if found.st_uid == account.uid:
        return bool(found.st_mode & 0o100)
    return bool(found.st_mode & (0o010 if found.st_gid == account.gid else 0o001))


def _can_hold_socket(folder: Path) -> bool:
    if len(os.fsencode(folder / _SOCKET_NAME)) > _SOCKET_PATH_MAX:
        return False
    if "," in str(folder):  # libpq would read a list of hosts
        return False
    trial = folder / ".trial"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as tried:
        trial.unlink(missing_ok=True)
        try:
            tried.bind(str(trial))
        except OSError:
            return False
        trial.unlink()
    return True
