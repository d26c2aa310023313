"""Prints what was measured, and says which bars are broken."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from api.record import requests_of
from api.watch import FLAT

MOST_CPU = 0.7
"""Of one core, for those who read: with more, they may be what was measured."""
console = Console(width=120, highlight=False)
Phases = Sequence[Mapping[str, Any]]


def broken(phases: Phases) -> list[str]:
    """The bars that do not hold, in words."""
    found: list[str] = []
    for phase in phases:
        name = phase["phase"]
        errors = phase["errors"]
        found += [f"{name}: {count} x {why}" for why, count in errors.items()]
        if not any(row["requests"] for row in phase["rows"]):
            found.append(f"{name}: nothing was answered")
        if phase.get("generator_cpu", 0.0) > MOST_CPU and name != "framework":
            found.append(
                f"{name}: the readers themselves took {phase['generator_cpu']:.0%} of a core"
            )
        streams = phase.get("streams")
        if streams is not None:
            found += [
                f"{name}: {streams[what]} events {words}"
                for what, words in (("lost", "lost"), ("doubled", "came twice"))
                if streams[what]
            ]
            if streams["out_of_order"]:
                found.append(f"{name}: {streams['out_of_order']} streams out of order")
            found += [f"{name}: {count} streams: {why}" for why, count in streams["broken"]]
        growth = phase.get("service_memory", {}).get("growth")
        if name == "people" and growth is not None and growth > FLAT:
            found.append(f"{name}: memory grew to {growth:.2f} x")
    return found


def show(phases: Phases, bars: Sequence[str]) -> None:
    """All tables."""
    for phase in phases:
        _routes(phase)
    measured = [phase for phase in phases if "service_cores" in phase]
    _costs(measured)
    _memory([phase for phase in measured if "service_memory" in phase])
    _streams([phase for phase in measured if "streams" in phase])
    for each in bars:
        console.print(f"[red]broken:[/] {each}", soft_wrap=True)
    if not bars:
        console.print(
            f"holds: no error, no event lost or doubled, memory of the service <= {FLAT} x"
        )


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title)
    for at, name in enumerate(columns):
        table.add_column(name, justify="right" if at else "left")
    return table


def _routes(phase: Mapping[str, Any]) -> None:
    table = _table(
        f"{phase['phase']}: each route", "Route", "Requests", "p50 ms", "p99 ms", "max ms", "kB"
    )
    for row in phase["rows"]:
        values = (row[name] for name in ("requests", "p50_ms", "p99_ms", "max_ms", "kb"))
        table.add_row(row["route"], *("" if value is None else f"{value:,}" for value in values))
    console.print(table)


def _costs(phases: Phases) -> None:
    table = _table(
        "What it takes",
        "Phase", "Requests/s", "CPU ms/request", "of Postgres", "Cores", "of Postgres",
        "of readers", "Their worst lag ms",
    )  # fmt: skip
    for phase in phases:
        table.add_row(
            phase["phase"],
            f"{requests_of(phase) / phase['seconds']:.1f}",
            str(phase["service_cpu_ms_a_request"]),
            str(phase.get("postgres_cpu_ms_a_request", "")),
            str(phase["service_cores"]),
            str(phase.get("postgres_cores", "")),
            f"{phase['generator_cpu']:.2f}",
            str(phase["generator_lag_ms"]),
        )
    console.print(table)


def _memory(phases: Phases) -> None:
    table = _table(
        "Memory: last fifth of the time over the second fifth",
        "Phase", "Service MB", "Grown to", "MB a minute", "Postgres MB", "Grown to", "MB a minute",
    )  # fmt: skip
    for phase in phases:
        values = (
            phase[of][name]
            for of in ("service_memory", "postgres_memory")
            for name in ("mb", "growth", "mb_a_minute")
        )
        table.add_row(phase["phase"], *("" if value is None else str(value) for value in values))
    console.print(table)


def _streams(phases: Phases) -> None:
    table = _table(
        "Events: from the commit to the reader",
        "Phase", "Streams", "Events", "Lost", "Doubled", "News", "p50 ms", "p99 ms", "max ms",
    )  # fmt: skip
    names = ("streams", "events", "lost", "doubled", "news", "p50_ms", "p99_ms", "max_ms")
    for phase in phases:
        found = phase["streams"]
        table.add_row(phase["phase"], *("" if found[n] is None else str(found[n]) for n in names))
    console.print(table)
