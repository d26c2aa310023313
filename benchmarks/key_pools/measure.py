"""Runs strategies against emulators of their own, and sums up what was seen."""

import asyncio
import random
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from coursewright.emulator import latency
from coursewright.emulator.desk import Call
from coursewright.emulator.options import EmulatorOptions, ModelLimits
from coursewright.emulator.server import running
from key_pools.work import Strategy, Work

MODEL = "gemini-2.5-flash"
WARM_UP_MODEL = "gemini-2.5-flash-lite"
PROJECTS, KEYS_EACH, RPM = 10, 2, 5
WINDOW = 60.0
WORDS = ("course", "lecture", "chapter", "lesson", "topic", "quiz", "summary", "example")
_OK, _REFUSED = 200, 429


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is sent, and what happens to it."""

    calls: int
    faults: bool = False
    deadline: float = 300.0
    """Seconds: a strategy that tries without end gives up then."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One run of one strategy."""

    strategy: str
    done: float
    """Share of the calls that ended well."""
    seconds: float
    lower_bound: float
    refusals: int
    requests: int


async def measure(plan: Plan, runs: Sequence[tuple[Strategy, int]]) -> list[Seen]:
    """All at once, since they mostly wait; each is a strategy and a seed."""
    barrier = asyncio.Barrier(len(runs))
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_one(plan, strategy, seed, barrier)) for strategy, seed in runs]
    return [task.result() for task in tasks]


def summarize(name: str, title: str, found: Sequence[Seen]) -> dict[str, Any]:
    """One row: medians over the seeds, and the most refusals. `found` is in the order of seeds."""
    return {
        "name": name,
        "strategy": title,
        "seeds": len(found),
        "done": statistics.mean(each.done for each in found),
        "seconds": round(statistics.median(each.seconds for each in found), 1),
        "seconds_each": [round(each.seconds, 1) for each in found],
        "lower_bound": round(statistics.median(each.lower_bound for each in found), 1),
        "above_bound": round(
            statistics.median(each.seconds / each.lower_bound for each in found), 3
        ),
        "above_bound_each": [round(each.seconds / each.lower_bound, 3) for each in found],
        "refusals": max(each.refusals for each in found),
        "requests": statistics.median(each.requests for each in found),
    }


async def _one(plan: Plan, strategy: Strategy, seed: int, barrier: asyncio.Barrier) -> Seen:
    keys = [f"test-key-{number}" for number in range(PROJECTS * KEYS_EACH)]
    projects = [f"project-{number % PROJECTS}" for number in range(len(keys))]
    options = EmulatorOptions(
        gemini=ModelLimits(rpm=RPM),
        projects=dict(zip(keys, projects, strict=True)),
        seed=seed,
        overloaded=0.03 if plan.faults else 0,
        reset=0.01 if plan.faults else 0,
        stall=0.01 if plan.faults else 0,
        dead_keys=frozenset(keys[3:4]) if plan.faults else frozenset(),
    )
    began: list[float] = []

    async def start() -> None:
        await barrier.wait()
        began.append(time.monotonic())

    async with running(options) as emulator:
        work = Work(
            base=emulator.gemini_url,
            model=MODEL,
            warm_up_model=WARM_UP_MODEL,
            prompts=[_prompt(seed, number) for number in range(plan.calls)],
            keys=keys,
            projects=projects,
            rpm=RPM,
            deadline=plan.deadline,
            start=start,
        )
        done = await strategy.send(work)
        log = [call for call in emulator.log if call.model == MODEL]
        seen = Seen(
            strategy=strategy.name,
            done=done / plan.calls,
            seconds=time.monotonic() - began[0],
            lower_bound=_lower_bound(log),
            refusals=sum(call.status == _REFUSED for call in log),
            requests=len(log),
        )
    print(
        f"{strategy.name}, seed {seed}: {done} of {plan.calls} in {seen.seconds:.1f} s, "
        f"{seen.refusals} 429s",
        file=sys.stderr,
        flush=True,
    )
    return seen


def _prompt(seed: int, number: int) -> str:
    rng = random.Random(f"{seed}/{number}")  # noqa: S311 - repeatable
    words = " ".join(rng.choice(WORDS) for _ in range(rng.randint(20, 200)))
    return f"Write about {words}."


def _lower_bound(log: Sequence[Call]) -> float:
    """No order ends sooner: the longest calls first, as many a minute as are allowed.

    Attempts that met a fault took a place, too, but no time.
    """
    lengths = [
        sum(latency.seconds("gemini", call.call_id, call.answer_tokens, 1.0))
        if call.status == _OK
        else 0.0
        for call in log
        if call.attempt
    ]
    longest = sorted(lengths, reverse=True)
    return max(
        WINDOW * (at // (PROJECTS * RPM)) + longest[at]
        for at in range(0, len(longest), PROJECTS * RPM)
    )
