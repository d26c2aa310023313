"""`coursewright serve`, or another command, as a program that can be killed."""

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")
_LOOK = 0.05
_STARTS_IN, _ENDS_IN = 60.0, 30.0
_SHOWN = 3000


class DidNotStart(Exception):
    """What the program said instead of its address."""


class Program:
    """One life of it. All lives on one folder write into one log, standard output included."""

    def __init__(
        self,
        folder: Path,
        settings: Mapping[str, str],
        *options: str,
        command: str = "serve",
        log: str = "serve.log",
    ) -> None:
        self.log = folder / log
        self._from = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "coursewright", command, "--port", "0", *options],
                env=environment(folder, settings),
                cwd=folder,
                stdout=out,
                stderr=out,
            )

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    async def address(self) -> str:
        """Where it serves, as soon as it does. Raises `DidNotStart`."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_STARTS_IN):
                while self._process.poll() is None:
                    if found := _ADDRESS.search(self._said()):
                        return found.group()
                    await asyncio.sleep(_LOOK)
        raise DidNotStart(self._said()[-_SHOWN:])

    def kill(self) -> None:
        """As the system does when memory runs out."""
        self._process.kill()
        self._process.wait()

    async def stop(self) -> None:
        """As Ctrl-C does."""
        self._process.send_signal(signal.SIGINT)
        await asyncio.to_thread(self._process.wait, _ENDS_IN)

    def _said(self) -> str:
        with self.log.open("rb") as log:
            log.seek(self._from)
            return log.read().decode(errors="replace")


def environment(folder: Path, settings: Mapping[str, str]) -> dict[str, str]:
    """Nothing of this machine's settings and keys but where Python is."""
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    return {**kept, "HOME": str(folder), "COURSEWRIGHT_DATA_DIR": str(folder), **settings}


def kill_postgres(folder: Path) -> None:
    """As a power cut does. The pid is that of the server which was started on `folder`."""
    with suppress(FileNotFoundError, ProcessLookupError, IndexError, ValueError):
        pid = int((folder / "postgres" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)
