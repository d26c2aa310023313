"""Workers killed every three seconds, Postgres restarted twice, the services gone for a while.

    .venv/bin/python benchmarks/api/chaos.py [--courses 30] [--seconds 120] [--seed 1]

It ends with 1 when a bar is broken. How it goes is said in `storm.py`.
"""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from api.storm import Weather, broken, judged, survive
from machine import write

COURSES, SECONDS, WORKERS = 30, 120.0, 4
console = Console(width=120)


def main() -> int:
    """Measures, prints and writes; 1 when a bar is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--courses", type=int, default=COURSES)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--workers", type=int, default=WORKERS)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    weather = Weather(
        courses=options.courses,
        seconds=options.seconds,
        workers=options.workers,
        seed=options.seed,
        down=min(20.0, options.seconds / 4),
    )
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)  # Postgres does not run as root
        row = judged(asyncio.run(survive(weather, folder)), weather)
    _print(row)
    if (weather.courses, weather.seconds, weather.workers) == (COURSES, SECONDS, WORKERS):
        write("chaos", "python benchmarks/api/chaos.py", [row])
    else:
        console.print("not written to benchmarks/results: other options than the usual ones")
    found = broken(row)
    for each in found:
        console.print(f"[red]broken:[/] {each}", soft_wrap=True)
    return int(bool(found))


def _print(row: dict[str, Any]) -> None:
    table = Table(title=f"{row['courses']} courses, {row['workers']} workers, a storm")
    table.add_column("What")
    table.add_column("Figure", justify="right", overflow="fold")
    for name, value in row.items():
        table.add_row(name.replace("_", " "), str(value))
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
