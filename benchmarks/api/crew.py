"""Some workers on one database, and the courses that they make: one row of the measurement."""

import asyncio
import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from api.streams import CHAPTERS, TOPICS
from coursewright.bootstrap import open_application
from coursewright.course.brief import Brief
from coursewright.settings import load_settings
from generation import ours, scene
from generation.program import Program
from generation.scene import environment

LOOK = 0.5
AMPLE = 40
"""As many times the limits of the free tiers."""
_IDLE = 0.1
"""Seconds of the processor in a second, of all workers together."""
HANDS = 8
"""Pieces that a worker makes at a time where it is the workers that bind."""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What it is that binds."""

    name: str
    title: str
    ample: bool = False
    """Whether the limits are far above what is needed."""
    builtin: bool = False
    """No model is asked: processors are all that it takes."""
    concurrency: int | None = None
    """Pieces at a time of one worker; None: what the program chooses."""


QUOTA = Setting(name="quota", title="free tiers: the quota binds")
HANDS_BIND = Setting(
    name="workers", title=f"ample limits, {HANDS} pieces a worker", ample=True, concurrency=HANDS
)
CORES = Setting(name="cores", title="built-in author: processors bind", builtin=True)


@dataclass(frozen=True, kw_only=True)
class Shift:
    """One row: so many workers, so many courses at once."""

    setting: Setting
    workers: int
    courses: int
    latency: float
    seed: int


def work(shift: Shift, url: str) -> dict[str, Any]:
    """Carries it out on the empty database at `url`; for a process of its own."""
    return asyncio.run(_work(shift, url))


async def _work(shift: Shift, url: str) -> dict[str, Any]:
    briefs = [_brief(shift, number) for number in range(shift.courses)]
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        settings = {"DATABASE_URL": url, "COURSEWRIGHT_AUTHOR": "builtin"}
        if not shift.setting.builtin:
            times = AMPLE if shift.setting.ample else 1
            served = await stack.enter_async_context(
                scene.emulator(seed=shift.seed, latency=shift.latency, faults=False, times=times)
            )
            settings |= {
                "COURSEWRIGHT_AUTHOR": "model",
                **ours.settings_of(served.url, times=times),
            }
        if shift.setting.concurrency is not None:
            settings["COURSEWRIGHT_CONCURRENCY"] = str(shift.setting.concurrency)
        stack.enter_context(environment({**settings, "COURSEWRIGHT_DATA_DIR": str(folder)}))
        app = await stack.enter_async_context(
            open_application(load_settings(), working="never", command="benchmark")
        )
        crew = await stack.enter_async_context(_crew(folder, settings, shift.workers))
        before = [sum(each.cpu_times()[:2]) for each in crew]
        found = await ours.measure(app, briefs, look=LOOK)
        after = [sum(each.cpu_times()[:2]) for each in crew]
        found["worker_cpu"] = [end - begin for begin, end in zip(before, after, strict=True)]
        return found


@asynccontextmanager
async def _crew(
    folder: Path, settings: dict[str, str], workers: int
) -> AsyncGenerator[Sequence[psutil.Process]]:
    programs = [
        Program(folder, settings, command="worker", log=f"worker-{number}.log")
        for number in range(workers)
    ]
    try:
        await asyncio.gather(*(program.address() for program in programs))
        crew = [psutil.Process(program.pid) for program in programs]
        await _idle(crew)
        yield crew
    finally:
        await asyncio.gather(*(program.stop() for program in programs))


async def _idle(crew: Sequence[psutil.Process]) -> None:
    """Libraries of models are loaded behind the worker's back; that is no matter of courses."""
    spent = -1.0
    while (now := sum(sum(each.cpu_times()[:2]) for each in crew)) > spent + _IDLE:
        spent = now
        await asyncio.sleep(1)


def _brief(shift: Shift, number: int) -> Brief:
    if not shift.setting.builtin:
        return scene.brief(number + shift.seed)
    return Brief(topic=TOPICS[number % len(TOPICS)], chapters=CHAPTERS)
