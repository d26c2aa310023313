"""What must hold of our pool, and whether it does."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from key_pools.work import Strategy

MOST_ABOVE_BOUND = 1.10
"""Of the pool with named projects, without faults."""
MOST_A_GROUP = 2
"""429s for each group of keys that share a project, which nobody told the pool of."""
Rows = Mapping[str, Mapping[str, Any]]
"""What was measured, by the name of the strategy."""


@dataclass(frozen=True)
class Bar:
    """One of them."""

    text: str
    holds: bool


def bars(
    rows: Rows, strategies: Sequence[Strategy], *, groups: int, faults: bool, waits: bool
) -> list[Bar]:
    """Those that can be told from what was measured.

    `waits`: there are more calls than fit into a minute. Otherwise nobody has to do anything about
    limits, and who is ahead is chance.
    """
    found = [bar for name, row in rows.items() for bar in _alone(name, row, groups, faults=faults)]
    for ours in strategies if waits else ():
        for other in strategies:
            if ours.ours and not other.ours and ours.name in rows and other.name in rows:
                if not comparable(ours, other):
                    continue
                text = f"{ours.title}: ahead of {other.title}"
                reasons = behind(rows[ours.name], rows[other.name])
                found.append(Bar(": ".join([text, *reasons]), not reasons))
    return found


def comparable(ours: Strategy, other: Strategy) -> bool:
    """Nobody is measured against one that was told more."""
    return ours.knows_projects or not other.knows_projects


def behind(ours: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """In what ours is not ahead; empty when it is.

    One that does not finish has no makespan, so whoever finishes is ahead of it. None can have
    fewer than no 429s. Seconds are compared over the seeds that both have, since each seed has
    prompts and latencies of its own.
    """
    both = min(len(ours["seconds_each"]), len(other["seconds_each"]))
    mine, theirs = (statistics.median(row["seconds_each"][:both]) for row in (ours, other))
    reasons: list[str] = []
    if ours["done"] < 1:
        reasons.append(f"it finished {ours['done']:.0%} of its calls")
    elif other["done"] == 1 and mine >= theirs:
        reasons.append(f"it took {mine:.1f} s, the other {theirs:.1f} s")
    if ours["refusals"] >= other["refusals"] and ours["refusals"]:
        reasons.append(f"it met {ours['refusals']} 429s, the other {other['refusals']}")
    return reasons


def _alone(name: str, row: Mapping[str, Any], groups: int, *, faults: bool) -> list[Bar]:
    title = row["strategy"]
    if name not in {"named", "unnamed"}:
        return []
    found = [Bar(f"{title}: all calls end well ({row['done']:.1%})", row["done"] == 1)]
    if name == "unnamed":
        most = MOST_A_GROUP * groups
        text = f"{title}: at most {most} 429s ({row['refusals']})"
        return [*found, Bar(text, row["refusals"] <= most)]
    found.append(Bar(f"{title}: no 429s ({row['refusals']})", row["refusals"] == 0))
    if not faults:
        text = f"{title}: at most {MOST_ABOVE_BOUND:.2f} x the lower bound ({row['above_bound']})"
        found.append(Bar(text, row["above_bound"] <= MOST_ABOVE_BOUND))
    return found
