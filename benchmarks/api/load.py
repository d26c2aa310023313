"""200 readers and 50 streams of events at once: how long each route takes, and what it costs.

    .venv/bin/python benchmarks/api/load.py [--minutes 5] [--readers 200] [--streams 50]

`coursewright serve` as a process, with its worker and the embedded Postgres, on a fresh folder;
`--apart`: `serve --no-worker` and `coursewright worker`. 50 accounts, each with a course of the
built-in author and a recording. Three phases:

- people: readers pause between requests (`--think`, 3 s on average), for `--minutes`. 40 of the
  streams watch a course that is edited meanwhile, 10 watch one that is being made;
- capacity: the same without any pause, a fifth as long;
- framework: the same sizes of answers as constants, from FastAPI on uvicorn and nothing else, by
  the same readers without a pause, a tenth as long.

Readers are a process of their own (`generator.py`); everything is bound to 2 cores where the system
can do that. An event's delay is from its commit, as Postgres has noted it, to its arrival. It ends
with 1 when a bar is broken.
"""

import argparse
import asyncio
import json
import os
import random
import sys
import tempfile
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from api import arrivals, table
from api.generator import Job, Phase
from api.people import Login
from api.record import requests_of
from api.scene import furnish, postgres, settings_of
from api.streams import Watched
from api.watch import Watch, summed_up
from generation.program import Program
from machine import write

HERE = Path(__file__).parent
MINUTES, READERS, STREAMS, MAKERS, ACCOUNTS = 5.0, 200, 50, 10, 50
_LINE = 1 << 28
"""Bytes: what was seen of a phase comes as one line."""
_SIZES = 100
_OF_PEER = ("service_cpu_ms_a_request", "service_cores")


def main() -> int:
    """Measures, prints and writes; 1 when a bar is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=MINUTES, help="of the first phase")
    parser.add_argument("--readers", type=int, default=READERS)
    parser.add_argument("--streams", type=int, default=STREAMS)
    parser.add_argument("--makers", type=int, default=MAKERS, help="streams of courses being made")
    parser.add_argument("--accounts", type=int, default=ACCOUNTS)
    parser.add_argument("--think", type=float, default=3.0, help="seconds between requests")
    parser.add_argument("--apart", action="store_true", help="the worker is a process of its own")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)  # Postgres does not run as root
        phases = asyncio.run(_measure(folder, options))
    broken = table.broken(phases)
    table.show(phases, broken)
    usual = {"minutes": MINUTES, "readers": READERS, "streams": STREAMS, "makers": MAKERS}
    if all(getattr(options, name) == value for name, value in usual.items()):
        name = "api_load_apart" if options.apart else "api_load"
        write(name, f"python benchmarks/api/load.py{' --apart' * options.apart}", phases)
    else:
        print("not written to benchmarks/results: not the usual measurement")
    return int(bool(broken))


async def _measure(folder: Path, options: argparse.Namespace) -> list[dict[str, Any]]:
    seconds = 60 * options.minutes
    async with postgres(folder) as server:
        began = time.perf_counter()
        logins = await furnish(folder, options.accounts)
        print(f"{len(logins)} accounts with courses in {time.perf_counter() - began:.0f} s")
        job = Job(
            address="",
            logins=logins,
            sizes=(),
            readers=options.readers,
            streams=options.streams,
            makers=options.makers,
            phases=[
                Phase(name="people", seconds=seconds, think=options.think),
                Phase(name="capacity", seconds=seconds / 5, think=0),
            ],
            seed=options.seed,
        )
        async with _service(folder, apart=options.apart) as (program, address):
            watch = Watch(program.pid, server.pid)
            watching = asyncio.create_task(watch.run())
            phases = await _generate(job, address)
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching
        known = arrivals.commits(server.admin_url())
    for phase in phases:
        if "ended" in phase:
            _judge(phase, watch, known)
    return [*phases, *await _framework(job, phases)]


def _judge(phase: dict[str, Any], watch: Watch, known: arrivals.Commits) -> None:
    looks = [each for each in watch.looks if phase["begins"] <= each.at <= phase["ended"]]
    phase.update(summed_up(looks, requests_of(phase)))
    watched = [Watched(**each) for each in phase.pop("watched")]
    phase["streams"] = arrivals.judged(watched, known)


@asynccontextmanager
async def _service(folder: Path, *, apart: bool) -> AsyncGenerator[tuple[Program, str]]:
    settings = settings_of(folder)
    programs = [Program(folder, settings, *(("--no-worker",) if apart else ()))]
    if apart:
        programs.append(Program(folder, settings, command="worker", log="worker.log"))
    try:
        addresses = [await program.address() for program in programs]
        yield programs[0], addresses[0]
    finally:
        for program in programs:
            await program.stop()


async def _generate(job: Job, address: str) -> list[dict[str, Any]]:
    """What a generator has seen, phase by phase."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(HERE / "generator.py"), stdin=PIPE, stdout=PIPE, limit=_LINE
    )
    assert process.stdin is not None  # noqa: S101 - asked for above
    assert process.stdout is not None  # noqa: S101 - the same
    text = json.dumps({**json.loads(job.text()), "address": address})
    process.stdin.write(text.encode())
    process.stdin.write_eof()
    phases: dict[str, dict[str, Any]] = {}
    async for line in process.stdout:
        said = json.loads(line)
        phases.setdefault(said["phase"], {}).update(said)
    await _ended(process)
    return list(phases.values())


async def _framework(job: Job, phases: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The peer: constants, as large as our answers and as often."""
    capacity = next(each for each in phases if each["phase"] == "capacity")
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(HERE / "peer.py"), stdin=PIPE, stdout=PIPE
    )
    assert process.stdout is not None  # noqa: S101 - asked for above
    address = (await process.stdout.readline()).decode().strip()
    nobody: list[Login] = []
    constants = Job(
        address=address,
        logins=nobody,
        sizes=_sizes(capacity["rows"], job.seed),
        readers=job.readers,
        streams=0,
        makers=0,
        phases=[Phase(name="framework", seconds=job.phases[0].seconds / 10, think=0)],
        seed=job.seed,
    )
    # It has no Postgres; its own process stands in for one.
    watch = Watch(process.pid, process.pid)
    watch.look()
    found = await _generate(constants, address)
    watch.look()
    assert process.stdin is not None  # noqa: S101 - asked for above
    process.stdin.close()
    await _ended(process)
    for phase in found:
        spent = summed_up(watch.looks, requests_of(phase))
        del phase["watched"]
        phase.update({name: spent[name] for name in _OF_PEER})
    return found


def _sizes(rows: Sequence[Mapping[str, Any]], seed: int) -> list[int]:
    routes = [row for row in rows if row["kb"] is not None]
    total = sum(row["requests"] for row in routes)
    sizes = [
        round(1000 * row["kb"])
        for row in routes
        for _ in range(max(1, round(_SIZES * row["requests"] / total)))
    ]
    random.Random(seed).shuffle(sizes)  # noqa: S311 - an order
    return sizes


async def _ended(process: Process) -> None:
    if code := await process.wait():
        message = f"a process of the measurement ended with {code}"
        raise RuntimeError(message)


if __name__ == "__main__":
    sys.exit(main())
