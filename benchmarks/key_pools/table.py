"""Prints what was measured."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from key_pools.bars import Bar
from key_pools.measure import KEYS_EACH, PROJECTS, RPM, Plan
from key_pools.work import Strategy

_NOT_THERE = "not installed: make bench installs it"
_WIDTH = 110


def show(
    plan: Plan,
    strategies: Sequence[Strategy],
    rows: Mapping[str, Mapping[str, Any]],
    found: Sequence[Bar],
) -> None:
    """A row for each strategy, then each bar with its verdict."""
    title = f"{plan.calls} calls, {PROJECTS} projects x {RPM} a minute, {KEYS_EACH} keys each"
    table = Table(title=title + (", with faults" if plan.faults else ""))
    for name in (
        "Strategy",
        "Done",
        "Seconds",
        "/ lower bound",
        "429s (worst)",
        "Requests",
        "Seeds",
    ):
        table.add_column(name, justify="left" if name == "Strategy" else "right")
    for strategy in strategies:
        row = rows.get(strategy.name)
        if row is None:
            table.add_row(f"{strategy.title}\n  {_NOT_THERE}")
            continue
        table.add_row(
            row["strategy"],
            f"{row['done']:.0%}",
            f"{row['seconds']:.1f}",
            f"{row['above_bound']:.2f}" if row["done"] == 1 else "gave up",
            str(row["refusals"]),
            f"{row['requests']:.0f}",
            str(row["seeds"]),
        )
    table.caption = "medians of the seeds; the 429s are those of the worst seed"
    console = Console(width=_WIDTH, highlight=False)
    console.print(table)
    for bar in found:
        console.print(f"{'holds ' if bar.holds else 'BROKEN'}  {bar.text}", markup=False)
