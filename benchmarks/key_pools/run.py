"""Many calls, many keys, limits by project: seconds against the lower bound, refusals, success.

    .venv/bin/python benchmarks/key_pools/run.py [--seeds 5] [--calls 100] [--faults]

Against our emulator of Gemini, in real time: any 60 seconds of a project hold 5 requests, latency
is drawn by call, faults by call and attempt. 20 keys belong to 10 projects in hidden pairs. First
our pool runs, each seed on an emulator of its own, and last the libraries of others (`peers.py`),
for which `make bench` makes `.venv-bench`: as many at once as there are cores, so that none is slow
for want of one. Between them the plain ways, which mostly wait: all seeds at once.

Every strategy has the same prompts, latencies and time-out, and its clock starts when it is ready
to send. It ends with 1 when a bar is broken (`bars.py`), with 2 when a peer broke down.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from key_pools.bars import bars
from key_pools.measure import PROJECTS, RPM, Plan, Seen, measure, summarize
from key_pools.peers import PEERS, PeerFailed
from key_pools.strategies import OURS, PLAIN
from key_pools.table import show
from key_pools.work import Strategy
from machine import write

ALL: Sequence[Strategy] = (*OURS, *PLAIN, *PEERS)
CALLS = 100
Runs = Sequence[tuple[Strategy, int]]
"""Strategies and seeds."""


def main() -> int:
    """Measures, prints and writes; 1 when a bar is broken."""
    options = _options()
    plan = Plan(calls=options.calls, faults=options.faults, deadline=options.deadline)
    chosen = [each for each in ALL if not options.only or each.name in options.only]
    rows: dict[str, dict[str, Any]] | None = None
    try:
        rows = asyncio.run(_measured(plan, chosen, options.seeds, options.peer_seeds))
    except* PeerFailed as failed:
        print(f"error: {failed.exceptions[0]}", file=sys.stderr)
        print("hint: rm -r .venv-bench && make bench; --only leaves a peer out", file=sys.stderr)
    if rows is None:
        return 2
    found = bars(
        rows, chosen, groups=PROJECTS, faults=plan.faults, waits=plan.calls > PROJECTS * RPM
    )
    show(plan, chosen, rows, found)
    if len(rows) == len(ALL) and plan.calls == CALLS:
        name = "key_pools_faults" if plan.faults else "key_pools"
        command = " ".join(["python benchmarks/key_pools/run.py", *sys.argv[1:]])
        write(name, command, list(rows.values()))
    else:
        print(f"not written to benchmarks/results: not all strategies, or not {CALLS} calls")
    return int(not all(bar.holds for bar in found))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=_positive, default=5, help="of ours and the plain ways")
    parser.add_argument("--peer-seeds", type=_positive, default=1, help="of others' libraries")
    parser.add_argument("--calls", type=_positive, default=CALLS)
    parser.add_argument(
        "--faults", action="store_true", help="3 %% 503, 1 %% resets, 1 %% stalls, a dead key"
    )
    parser.add_argument("--only", type=_names, default=[], help="names, with commas between them")
    parser.add_argument(
        "--deadline", type=float, default=Plan.deadline, help="seconds until a queue gives up"
    )
    return parser.parse_args()


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return number


def _names(text: str) -> list[str]:
    known = [each.name for each in ALL]
    asked = text.split(",")
    unknown = [name for name in asked if name not in known]
    if unknown:
        message = f"no strategy is called {', '.join(unknown)}; there are: {', '.join(known)}"
        raise argparse.ArgumentTypeError(message)
    return asked


def batched(runs: Runs) -> list[Runs]:
    """As many at once as there are cores."""
    at_once = os.cpu_count() or 1
    return [runs[at : at + at_once] for at in range(0, len(runs), at_once)]


async def _measured(
    plan: Plan, chosen: Sequence[Strategy], seeds: int, peer_seeds: int
) -> dict[str, dict[str, Any]]:
    """Rows by name, without those whose package is missing."""
    there = [each for each in chosen if each.installed()]

    def runs_of(some: Iterable[Strategy], seeds: int) -> list[tuple[Strategy, int]]:
        return [(each, seed) for seed in range(seeds) for each in some]

    groups = [
        *batched(runs_of([each for each in there if each.ours], seeds)),
        runs_of([each for each in there if not each.ours and not each.peer], seeds),
        *batched(runs_of([each for each in there if each.peer], peer_seeds)),
    ]
    seen: list[Seen] = []
    for runs in groups:
        if runs:
            seen += await measure(plan, runs)
    return {
        each.name: summarize(
            each.name, each.title, [one for one in seen if one.strategy == each.name]
        )
        for each in there
    }


if __name__ == "__main__":
    sys.exit(main())
