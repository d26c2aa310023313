"""Several processes with one Postgres, against the emulator: no refusal, and no standstill.

A minute is two seconds here, for the emulator and for the processes.
"""

import asyncio
import json
import os
import random
import signal
import sys
import time
from asyncio.subprocess import PIPE, Process
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from structlog.testing import capture_logs

from coursewright.database import embedded
from coursewright.database.migrate import migrate
from coursewright.emulator.options import EmulatorOptions, ModelLimits
from coursewright.emulator.server import Emulator, running
from coursewright.keys.sliding_log import SlidingLog
from support import quota_worker
from support.quota_worker import Job

MODEL = "gemini-2.5-flash"
WINDOW = 2.0
PATIENT_GUARD = 0.6
"""Seconds: beside other tests the emulator may read late what was sent in time."""
RPM = 4
PROJECTS = 3
KEYS = [f"test-key-{number}" for number in range(PROJECTS)]


def quick_clock() -> float:
    return time.monotonic() * 60 / WINDOW


def options() -> EmulatorOptions:
    return EmulatorOptions(gemini=ModelLimits(rpm=RPM), latency_scale=0.05)


def job(emulator: Emulator, database: str, name: str, calls: int) -> Job:
    return Job(
        database=database,
        url=f"{emulator.gemini_url}/v1beta/models/{MODEL}:generateContent",
        prompts=[f"Write a paragraph about topic {name} {number}." for number in range(calls)],
        keys=KEYS,
        projects=[f"p{number}" for number in range(PROJECTS)],
        rpm=RPM,
        window=WINDOW,
        guard=PATIENT_GUARD,
        seconds=120,
    )


async def start(what: Job) -> Process:
    return await asyncio.create_subprocess_exec(
        *what.command(), stdout=PIPE, stderr=PIPE, env={**os.environ, "PYTHONWARNINGS": "error"}
    )


async def end(process: Process) -> dict[str, Any]:
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return json.loads(out)


async def until_logged(emulator: Emulator, calls: int) -> None:
    async with asyncio.timeout(60):
        while len(emulator.log) < calls:  # noqa: ASYNC110 - the emulator announces nothing
            await asyncio.sleep(0.05)


def refused(emulator: Emulator) -> int:
    return sum(call.status == 429 for call in emulator.log)


async def test_three_processes_together_are_never_refused_and_lose_no_time(
    database_url: str,
) -> None:
    async with running(options(), clock=quick_clock) as emulator:
        jobs = [job(emulator, database_url, name, 24) for name in "abc"]
        results = await asyncio.gather(*[end(each) for each in [await start(job) for job in jobs]])
        sent = [call.at * WINDOW / 60 for call in emulator.log]

    # 72 calls, 12 a window: the last ones can go after five windows.
    bound = 5 * WINDOW
    took = max(sent) - min(sent)
    sys.stdout.write(f"makespan {took:.2f} s, lower bound {bound:.2f} s, {results}\n")
    assert [each["done"] for each in results] == [24] * 3, results
    assert refused(emulator) == 0
    # Each window is longer by its guard, which is nothing of a real minute.
    assert took < 1.15 * 5 * (WINDOW + PATIENT_GUARD)


async def test_a_process_that_is_killed_leaves_nothing_overrun_and_nothing_stuck(
    database_url: str,
) -> None:
    async with running(options(), clock=quick_clock) as emulator:
        victim = await start(job(emulator, database_url, "a", 60))
        survivor = await start(job(emulator, database_url, "b", 24))
        await until_logged(emulator, 2 * RPM * PROJECTS)
        victim.send_signal(signal.SIGKILL)
        await victim.communicate()
        result = await end(survivor)

    assert result["done"] == 24, result
    assert refused(emulator) == 0


async def test_a_program_that_is_started_twice_within_a_minute_does_not_overrun_it(
    database_url: str,
) -> None:
    async with running(options(), clock=quick_clock) as emulator:
        for name in "abc":
            result = await end(await start(job(emulator, database_url, name, RPM * PROJECTS)))
            assert result["done"] == RPM * PROJECTS, result
    assert refused(emulator) == 0


async def test_the_database_stops_in_the_middle_and_comes_back(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        SlidingLog.__init__, "__defaults__", (WINDOW, PATIENT_GUARD, *_defaults_after_guard())
    )
    # The machine does not crash here, and a server that need not wait for the disk is back soon.
    server = await embedded.start(data_dir, settings={"fsync": "off", "full_page_writes": "off"})
    await migrate(server.admin_url())
    await server.let_app_in()
    try:
        with capture_logs() as logs:
            async with running(options(), clock=quick_clock) as emulator:
                what = job(emulator, server.url(), "a", 120)
                working = asyncio.create_task(quota_worker.work(what))
                await until_logged(emulator, RPM * PROJECTS + 1)
                os.kill(server.pid, signal.SIGQUIT)  # at once, as in a crash
                await asyncio.sleep(1.5 * WINDOW)
                meanwhile = len(emulator.log)
                await server.ensure_running()
                result = await working
        with psycopg.connect(server.admin_url()) as admin:
            row = admin.execute("select sum(day_used) from coursewright_meta.quota_domains")
            counted = row.fetchone()
    finally:
        await server.stop()

    assert result["done"] == 120, result
    assert refused(emulator) == 0
    assert meanwhile > RPM * PROJECTS + 1  # alone, it went on
    assert [each["event"] for each in logs if "shared_quota" in each["event"]] == [
        "shared_quota_gone",
        "shared_quota_is_back",
    ]
    # At most what was claimed in the last instant before the crash is missing, and had expired
    # before the server was back: nothing that still counted.
    assert counted is not None
    assert 108 <= counted[0] <= 120


def _defaults_after_guard() -> tuple[object, ...]:
    old = SlidingLog.__init__.__defaults__
    assert old is not None
    return old[2:]


async def test_no_byte_of_a_key_comes_into_the_database(database_url: str, admin_url: str) -> None:
    key = f"test-key-{uuid4().hex}-{random.Random(1).random()}"
    dead = EmulatorOptions(latency_scale=0, dead_keys=frozenset([key]))
    async with running(dead) as emulator:
        what = job(emulator, database_url, "a", 2)
        what = replace(what, keys=[key, KEYS[0]], projects=["p", "p"])
        result = await end(await start(what))
    assert result["done"] == 2, result
    with psycopg.connect(admin_url) as admin:
        dump = "".join(
            str(admin.execute(query).fetchall())
            for query in (
                "select d::text from coursewright_meta.quota_domains d",
                "select w::text from coursewright_meta.quota_workers w",
                "select s::text from coursewright_meta.quota_spent s",
                "select k::text from coursewright_meta.quota_dead_keys k",
            )
        )
    assert "the provider refuses this key" in dump
    assert key not in dump
