"""`make run` in a fresh clone, from nothing to the course that can be read; then once more.

    .venv/bin/python benchmarks/start/run.py

"Nothing" is a clone without `.venv`, an empty cache of packages and an empty data folder. The clock
stops when the page of the course answers. Bound to 2 cores where the system can do that.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))

from machine import write  # noqa: E402 - found by the line above

FIRST, AGAIN = 90, 6
"""Bounds, in seconds."""


def main() -> int:
    """Measures, prints and writes; 1 when a bound is broken."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    folder = Path(tempfile.mkdtemp(prefix="coursewright-start-"))
    folder.chmod(0o711)
    try:
        clone = folder / "clone"
        command = ["git", "clone", "--quiet", f"file://{ROOT}", str(clone)]
        subprocess.run(command, check=True)
        rows: list[dict[str, Any]] = [
            {"start": "from nothing", "bound": FIRST, **_start(clone, folder)},
            {"start": "again", "bound": AGAIN, **_start(clone, folder)},
            {"start": "and again", "bound": AGAIN, **_start(clone, folder)},
        ]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    _print(rows)
    write("start", "make bench", rows)
    return int(any(float(row["seconds"]) > float(row["bound"]) for row in rows))


def _start(clone: Path, folder: Path) -> dict[str, Any]:
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in {"VIRTUAL_ENV", "PYTHONPATH", "DATABASE_URL"}
    }
    environment |= {
        "COURSEWRIGHT_DATA_DIR": str(folder / "data"),
        "UV_CACHE_DIR": str(folder / "uv-cache"),
        "PIP_NO_CACHE_DIR": "1",
        "COLUMNS": "200",
    }
    started = time.perf_counter()
    process = subprocess.Popen(
        ["make", "run", "ARGS=--port 0"],  # noqa: S607 - whichever make there is
        cwd=clone,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    said: list[str] = []
    address = ""
    assert process.stderr is not None  # noqa: S101 - it is a pipe
    for line in process.stderr:
        said.append(line)
        if found := re.search(r"Serving (http://\S+)", line):
            address = found.group(1)
            break
    if not address:
        raise SystemExit("make run failed:\n" + "".join(said))
    with urllib.request.urlopen(address, timeout=30) as answer:  # noqa: S310 - our own service
        page = answer.read()
    seconds = time.perf_counter() - started
    os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=60)
    return {"seconds": round(seconds, 1), "page_kb": len(page) // 1000}


def _print(rows: list[dict[str, Any]]) -> None:
    table = Table(title="make run, until the course can be read")
    for name in ("Start", "Seconds", "Bound", "Page, kB"):
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(row["start"], f"{row['seconds']:.1f}", str(row["bound"]), str(row["page_kb"]))
    Console(width=96).print(table)


if __name__ == "__main__":
    sys.exit(main())
