"""Two hundred courses while 5 % of all calls fail and the program is killed twenty times.

    .venv/bin/python benchmarks/generation/faults.py [--courses 200] [--kills 20] [--seed 1]

Faults of all kinds: bursts of 503, 500, stalls, broken connections, answers that are no JSON, empty
or blocked; two dead keys and a leaked one. It ends with 1 when a bar is broken. How it goes is said
in `crashing.py`.
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

from generation.crashing import Trial, broken, judged, survive
from machine import write

COURSES, KILLS = 200, 20
_LISTS = ("failed_pieces", "places_with_keys")
console = Console(width=120)


def main() -> int:
    """Measures, prints and writes; 1 when a bar is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--courses", type=int, default=COURSES)
    parser.add_argument("--kills", type=int, default=KILLS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--latency", type=float, default=0.1, help="factor")
    options = parser.parse_args()
    trial = Trial(
        courses=options.courses, kills=options.kills, seed=options.seed, latency=options.latency
    )
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)  # Postgres does not run as root
        row = judged(asyncio.run(survive(trial, folder)), trial.courses)
    _print(row)
    if (trial.courses, trial.kills) == (COURSES, KILLS):
        write("generation_faults", "python benchmarks/generation/faults.py", [row])
    else:
        console.print(f"not written to benchmarks/results: not {COURSES} courses, {KILLS} kills")
    found = broken(row)
    for each in found:
        console.print(f"[red]broken:[/] {each}", soft_wrap=True)
    return int(bool(found))


def _print(row: dict[str, Any]) -> None:
    table = Table(title=f"{row['courses']} courses, 5 % faults, {row['kills']} kills")
    table.add_column("What")
    table.add_column("Figure", justify="right", overflow="fold")
    for name, value in row.items():
        lines = "\n".join(value) if name in _LISTS else str(value)
        table.add_row(name.replace("_", " "), lines)
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
