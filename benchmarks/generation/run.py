"""Courses on the contract's keys, at the limits of free tiers: ours, and the plain way beside it.

    .venv/bin/python benchmarks/generation/run.py [--courses 1,5,20] [--seeds 5] [--only ours]

Against our emulator in a process of its own, in real time: each key is a project of its own,
latency is drawn by call (a chapter takes some 15 seconds). 5 seeds for a single course, one for
more at once; each seed has other topics, and so other latencies. The plain way waits nearly all of
the time: all its rows run at once, in a process of their own, beside ours, which run one after
another.
The lower bound is described in `bound.py`.
"""

import argparse
import asyncio
import statistics
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from generation import ours, plain
from generation.bound import Made, lower_bound
from generation.scene import emulator
from machine import write

ABOVE_BOUND, FASTER, OVER_CHAPTER = 1.15, 2.5, 0.5
Planned = tuple[int, int, float, bool]
"""A row: courses at once, seeds, the factor of latency, whether there are faults."""
console = Console(width=150)


def main() -> int:
    """Measures, prints and writes; 1 when a bar is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--courses", default="1,5,20", help="how many at once, for each row")
    parser.add_argument("--seeds", type=int, default=5, help="of the row with one course")
    parser.add_argument("--latency", type=float, default=1.0, help="factor")
    parser.add_argument("--only", choices=("ours", "plain"))
    parser.add_argument("--faults", choices=("off", "on", "both"), default="both")
    options = parser.parse_args()
    plan = [
        (courses, options.seeds if courses == 1 else 1, options.latency, faults)
        for faults in {"off": (False,), "on": (True,), "both": (False, True)}[options.faults]
        for courses in map(int, options.courses.split(","))
    ]
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as apart:
        others = apart.submit(_plain_rows, plan) if options.only != "ours" else None
        mine = [_our_row(each) for each in plan] if options.only != "plain" else []
        rows = [*mine, *(others.result() if others else [])]
    rows.sort(key=lambda row: (row["faults"], row["courses"], row["way"]))
    _print(rows)
    if options.only is None and options.latency == 1 and options.faults == "both":
        write("generation", "python benchmarks/generation/run.py", rows)
    broken = _broken(rows)
    for each in broken:
        console.print(f"[red]broken:[/] {each}")
    return int(bool(broken))


def _our_row(planned: Planned) -> dict[str, Any]:
    async def measure() -> dict[str, Any]:
        return _row(
            "ours", planned, [await _one("ours", planned, seed) for seed in range(planned[1])]
        )

    row = asyncio.run(measure())
    console.print(row, soft_wrap=True, style="dim")
    return row


def _plain_rows(plan: Sequence[Planned]) -> list[dict[str, Any]]:
    async def one(planned: Planned) -> dict[str, Any]:
        runs = (_one("plain", planned, seed) for seed in range(planned[1]))
        row = _row("plain", planned, await asyncio.gather(*runs))
        console.print(row, soft_wrap=True, style="dim")
        return row

    async def all_of_them() -> list[dict[str, Any]]:
        return await asyncio.gather(*map(one, plan))

    return asyncio.run(all_of_them())


def _row(way: str, planned: Planned, found: Sequence[dict[str, Any]]) -> dict[str, Any]:
    courses, seeds, _, faults = planned
    every = [row for each in found for row in each["rows"]]
    row: dict[str, Any] = {
        "way": way,
        "courses": courses,
        "faults": faults,
        "seeds": seeds,
        "outline": _median(each["outline"] for each in every),
        "first_chapter": _median(each["first_chapter"] for each in every),
        "course": _median(each["seconds"] for each in every),
        "slowest": round(max(each["seconds"] for each in every), 3),
        "all": _median(max(each["seconds"] for each in run["rows"]) for run in found),
        "requests": _median(each["requests"] / courses for each in found),
        "refused": max(each["refused"] for each in found),
        "complete": sum(each["complete"] for each in every) / len(every),
        "failed": [each["failed"] for each in every if each["failed"]],
    }
    if way == "ours":
        ratios = [
            max(each["seconds"] for each in run["rows"]) / lower_bound(run["calls"])
            for run in found
        ]
        row |= {
            "lower_bound": _median(lower_bound(each["calls"]) for each in found),
            "above_bound": _median(ratios),
            "above_bound_each": [round(each, 3) for each in ratios],
            "after_outline": _median(
                run["rows"][at]["first_chapter"]
                - run["rows"][at]["outline"]
                - _shortest_chapter(run["calls"])
                for run in found
                for at in range(len(run["rows"]))
            ),
            "tokens": _median(sum(c.tokens for c in each["calls"]) / courses for each in found),
            "cpu": _median(each["cpu"] for each in found),
        }
    return row


async def _one(way: str, planned: Planned, seed: int) -> dict[str, Any]:
    courses, _, latency, faults = planned
    numbers = range(seed, seed + courses)
    async with emulator(seed=seed, latency=latency, faults=faults) as served:
        if way == "ours":
            return await ours.make(served.url, numbers)
        return await plain.make(served.url, numbers, seed)


def _shortest_chapter(calls: list[Made]) -> float:
    return min((each.seconds for each in calls if each.piece.startswith("chapter/")), default=0.0)


def _median(values: Any) -> float:
    return round(statistics.median(values), 3)


def _print(rows: list[dict[str, Any]]) -> None:
    names = {
        "way": "Way", "courses": "Courses", "faults": "Faults", "outline": "Outline s",
        "first_chapter": "First chapter s", "course": "Course s",
        "slowest": "Slowest s", "all": "All s",
        "lower_bound": "Bound s", "above_bound": "All / bound", "requests": "Requests a course",
        "refused": "429s", "complete": "Complete", "cpu": "Own CPU s",
    }  # fmt: skip
    table = Table(title="Courses of 6 chapters: contract's keys, free tiers")
    for name in names.values():
        table.add_column(name, justify="left" if name == "Way" else "right")
    for row in rows:
        table.add_row(*(_shown(name, row.get(name)) for name in names))
    console.print(table)


def _shown(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "5 %" if value else ""
    if name == "complete":
        return f"{value:.0%}"
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def _broken(rows: list[dict[str, Any]]) -> list[str]:
    """The bars that do not hold, in words."""
    found: list[str] = []
    mine = [row for row in rows if row["way"] == "ours"]
    for row in mine:
        if not row["faults"] and row["refused"]:
            found.append(f"{row['courses']} courses: {row['refused']} 429s")
        if not row["faults"] and row["complete"] < 1:
            found.append(f"{row['courses']} courses: {row['complete']:.0%} complete")
    single = {row["way"]: row for row in rows if row["courses"] == 1 and not row["faults"]}
    if one := single.get("ours"):
        if one["above_bound"] > ABOVE_BOUND:
            found.append(f"one course takes {one['above_bound']:.2f} x the bound")
        if one["after_outline"] > OVER_CHAPTER:
            found.append(f"the first chapter comes {one['after_outline']:.1f} s too late")
        other = single.get("plain")
        if other and other["course"] < FASTER * one["course"]:
            found.append(f"only {other['course'] / one['course']:.1f} x faster than the plain way")
    return found


if __name__ == "__main__":
    sys.exit(main())
