"""1, 2 and 4 workers on one Postgres: how throughput grows, and what ends its growth.

    .venv/bin/python benchmarks/api/workers.py [--courses 8] [--only quota]

Processes of `coursewright worker`, the emulator in a process of its own, the contract's keys, each
a project of its own, the latencies of the real services. Three settings:

- quota: the limits of the free tiers, 8 courses of 6 chapters at once. More workers do not help,
  and must not hurt: the makespan stays by the lower bound (`generation/bound.py`), without a 429;
- workers: half as many courses, 40 times these limits, and 8 pieces at a time for each worker: what
  one worker can hold binds, so that two hold twice as much;
- cores: the built-in author, whose work is all processor: bound by the 2 cores.

The rows of `workers` mostly wait, and run at once. Those of the other two run one after another:
a quota that is used up to the last place asks for punctual processes. It ends with 1 when a bar is
broken.
"""

import argparse
import asyncio
import itertools
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from api.crew import CORES, HANDS_BIND, QUOTA, Setting, Shift, work
from coursewright.database import embedded
from generation.bound import lower_bound
from key_pools.workers import database
from machine import write

SETTINGS = {each.name: each for each in (QUOTA, HANDS_BIND, CORES)}
WORKERS = (1, 2, 4)
COURSES = 8
MOST_ABOVE_BOUND = 1.15
LEAST_GROWTH = {("workers", 2): 1.5, ("workers", 4): 1.25, ("cores", 2): 1.15}
"""Of courses an hour, from half as many workers to so many. 4 workers have one course each, which
takes its time; the 2 cores serve Postgres, too, and are busy with 2 workers: a third finds none."""
LEAST_KEPT = 0.85
"""Of throughput, where more workers cannot help: they must not hurt. (They know of each other with
a second's delay, and so take the next model, and with it more calls, a little too often.)"""
HOUR = 3600
console = Console(width=120)


def main() -> int:
    """Measures, prints and writes; 1 when a bar is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--courses", type=int, default=COURSES, help="at once, in each row")
    parser.add_argument("--workers", default=",".join(map(str, WORKERS)), help="of each row")
    parser.add_argument("--latency", type=float, default=1.0, help="factor")
    parser.add_argument("--only", choices=tuple(SETTINGS))
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    settings = [each for each in SETTINGS.values() if options.only in {None, each.name}]
    folder = Path(tempfile.mkdtemp(prefix="coursewright-bench-")).resolve()
    folder.chmod(0o711)  # Postgres does not run as root
    try:
        rows = asyncio.run(_measure(folder, settings, options))
    finally:
        shutil.rmtree(folder)
    bars = broken(rows)
    _print(rows)
    for each in bars:
        console.print(f"[red]broken:[/] {each}", soft_wrap=True)
    usual = parser.parse_args([])
    if vars(options) == {**vars(usual), "seed": options.seed}:
        write("api_workers", "python benchmarks/api/workers.py", rows)
    else:
        console.print("not written to benchmarks/results: not the usual measurement")
    return int(bool(bars))


async def _measure(
    folder: Path, settings: Sequence[Setting], options: argparse.Namespace
) -> list[dict[str, Any]]:
    server = await embedded.start(folder)
    rows: list[dict[str, Any]] = []
    try:
        for setting in settings:
            shifts = [
                Shift(
                    setting=setting,
                    workers=workers,
                    courses=max(1, options.courses // (2 if setting is HANDS_BIND else 1)),
                    latency=options.latency,
                    seed=options.seed,
                )
                for workers in map(int, options.workers.split(","))
            ]
            urls = [await database(server, f"{setting.name}_{each.workers}") for each in shifts]
            at_once = len(shifts) if setting is HANDS_BIND else 1
            with ProcessPoolExecutor(at_once, mp_context=get_context("spawn")) as apart:
                found = await asyncio.gather(
                    *(
                        asyncio.wrap_future(apart.submit(work, *each))
                        for each in zip(shifts, urls, strict=True)
                    )
                )
            rows += [_row(shift, each) for shift, each in zip(shifts, found, strict=True)]
            for row in rows[-len(shifts) :]:
                console.print(row, soft_wrap=True, style="dim")
    finally:
        await server.stop()
    return rows


def _row(shift: Shift, found: dict[str, Any]) -> dict[str, Any]:
    courses: list[dict[str, Any]] = found["rows"]
    seconds = max(each["seconds"] for each in courses)
    calls = found["calls"]
    bound = lower_bound(calls) if calls and not shift.setting.ample else None
    return {
        "setting": shift.setting.name,
        "workers": shift.workers,
        "courses": shift.courses,
        "complete": sum(each["complete"] for each in courses) / len(courses),
        "failed": [each["failed"] for each in courses if each["failed"]],
        "seconds": round(seconds, 1),
        "courses_an_hour": round(HOUR * len(courses) / seconds, 1),
        "lower_bound": None if bound is None else round(bound, 1),
        "above_bound": None if bound is None else round(seconds / bound, 3),
        "first_chapter": round(statistics.median(each["first_chapter"] for each in courses), 1),
        "last_first_chapter": round(max(each["first_chapter"] for each in courses), 1),
        "calls": found["requests"],
        "refusals": found["refused"],
        "worker_cpu_seconds_a_course": round(sum(found["worker_cpu"]) / len(courses), 2),
        "least_busy_worker": round(
            min(found["worker_cpu"]) / max(sum(found["worker_cpu"]), 1e-9), 3
        ),
    }


def broken(rows: Sequence[dict[str, Any]]) -> list[str]:
    """The bars that do not hold, in words."""
    found: list[str] = []
    for row in rows:
        name = f"{row['setting']}, {row['workers']} workers"
        if row["complete"] < 1:
            found.append(f"{name}: {row['complete']:.0%} of the courses complete")
        if row["refusals"]:
            found.append(f"{name}: {row['refusals']} 429s")
        if row["setting"] == QUOTA.name and row["above_bound"] > MOST_ABOVE_BOUND:
            found.append(f"{name}: {row['above_bound']} x the lower bound")
    for setting in SETTINGS:
        by_workers = {
            row["workers"]: row["courses_an_hour"] for row in rows if row["setting"] == setting
        }
        for fewer, more in itertools.pairwise(WORKERS):
            if not {fewer, more} <= by_workers.keys():
                continue
            grown = by_workers[more] / by_workers[fewer]
            least = LEAST_GROWTH.get((setting, more), LEAST_KEPT)
            if grown < least:
                found.append(
                    f"{setting}: {more} workers make {grown:.2f} x what {fewer} make, not {least}"
                )
    return found


def _print(rows: Sequence[dict[str, Any]]) -> None:
    table = Table(title="Courses by 1, 2 and 4 workers on one Postgres")
    names = {
        "setting": "What binds", "workers": "Workers", "courses_an_hour": "Courses/h",
        "seconds": "All s", "lower_bound": "Bound s", "above_bound": "All / bound",
        "first_chapter": "First chapter s", "last_first_chapter": "of the last s",
        "calls": "Calls", "refusals": "429s", "worker_cpu_seconds_a_course": "CPU s a course",
    }  # fmt: skip
    for name in names.values():
        table.add_column(name, justify="left" if name == "What binds" else "right")
    for row in rows:
        table.add_row(*("" if row[name] is None else str(row[name]) for name in names))
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
