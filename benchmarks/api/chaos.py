"""Workers killed every three seconds, Postgres restarted twice, the services gone for a while.

    .venv/bin/python benchmarks/api/chaos.py [--seconds 120] [--workers 4] [--kill-every 3]
                                             [--courses 12] [--seed 1]

It ends with 1 when a bar is broken. How it goes is said in `storm.py`, what counts as broken in
`verdict.py` and `repeats.py`.
"""

import argparse
import asyncio
import sys
import tempfile
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from api.storm import Weather, survive
from api.verdict import bounds, broken, judged
from machine import write

USUAL = Weather(courses=12)
DOWN = 6
"""The services are gone for the sixth part of the time."""
console = Console(width=120)


def main() -> int:
    """Measures, prints and writes; 1 when a bar is broken."""
    weather = _asked_for()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)  # Postgres does not run as root
        seen = asyncio.run(survive(weather, folder))
    row = judged(seen)
    _print(row, weather)
    if weather == replace(USUAL, seed=weather.seed):
        conditions = asdict(weather)
        write("chaos", "python benchmarks/api/chaos.py", [{"weather": conditions, **row}])
    else:
        console.print("not written to benchmarks/results: other options than the usual ones")
    found = broken(row, weather.courses)
    for each in found:
        console.print(f"[red]broken:[/] {each}", soft_wrap=True)
    return int(bool(found))


def _asked_for() -> Weather:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--courses", type=int, default=USUAL.courses)
    parser.add_argument("--seconds", type=float, default=USUAL.seconds)
    parser.add_argument("--workers", type=int, default=USUAL.workers)
    parser.add_argument("--kill-every", type=float, default=USUAL.kill_every)
    parser.add_argument("--seed", type=int, default=USUAL.seed)
    options = vars(parser.parse_args())
    return replace(USUAL, **options, down=options["seconds"] / DOWN)


def _print(row: dict[str, Any], weather: Weather) -> None:
    title = (
        f"{weather.courses} courses, {weather.workers} workers, one killed every"
        f" {weather.kill_every:g} s for {weather.seconds:g} s; services gone for {weather.down:g} s"
    )
    table = Table(title=title)
    table.add_column("What")
    table.add_column("Figure", justify="right", overflow="fold")
    table.add_column("Bound", justify="right")
    bound = bounds(courses=weather.courses)
    for name, value in row.items():
        table.add_row(name.replace("_", " "), str(value), bound.get(name, ""))
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
