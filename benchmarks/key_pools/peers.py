"""Other libraries that send calls with many keys, each in a process of its own.

`make bench` installs them into `.venv-bench`, from `requirements-bench.lock`.
"""

import asyncio
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import IO

from key_pools.peer_job import Job
from key_pools.work import TIMEOUT, Send, Strategy, Work

HERE = Path(__file__).resolve().parent
VENV = HERE.parents[1] / ".venv-bench"
_LINES_SHOWN = 5
_REST, _COOLDOWN = 1, 60
"""Seconds between two tries of a call behind LiteLLM's queue, and that a refused key is left alone:
the best of those that were tried."""
Settings = Mapping[str, str | int | float | bool]


class PeerFailed(RuntimeError):
    """The process of a peer ended without a result."""


def python() -> Path:
    """The interpreter that has the peers."""
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _installed(package: str) -> bool:
    places = [VENV / "Lib" / "site-packages", *VENV.glob("lib/python3*/site-packages")]
    return python().exists() and any((place / package).is_dir() for place in places)


def _has_litellm() -> bool:
    return _installed("litellm")


def _has_google() -> bool:
    return _installed("google/genai")


def _peer(program: str, settings: Settings, *, key_each: bool = False) -> Send:
    """`key_each`: one key of each project, which is how these libraries are told of projects."""

    async def send(work: Work) -> int:
        keys = list(dict(zip(work.projects, work.keys, strict=True)).values())
        job = Job(
            base=work.base,
            model=work.model,
            warm_up_model=work.warm_up_model,
            prompts=list(work.prompts),
            keys=keys if key_each else list(work.keys),
            rpm=work.rpm,
            deadline=work.deadline,
            timeout=TIMEOUT,
            settings=dict(settings),
        )
        with tempfile.TemporaryFile() as said:
            process = await asyncio.create_subprocess_exec(
                str(python()),
                str(HERE / program),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=said,
                env=_environment(),
            )
            try:
                await _tell(process, json.dumps(asdict(job)))
                if await _hear(process) != "ready":
                    raise PeerFailed(f"{program} did not start: {_last_lines(said)}")
                await work.start()
                await _tell(process, "go")
                done = await _hear(process)
                if not done.isdecimal():
                    raise PeerFailed(f"{program} ended early: {_last_lines(said)}")
                return int(done)
            finally:
                if process.returncode is None:
                    process.kill()
                await process.wait()

    return send


async def _tell(process: asyncio.subprocess.Process, line: str) -> None:
    assert process.stdin is not None  # noqa: S101 - a pipe was asked for
    with suppress(ConnectionError):  # it has ended, which `_hear` finds out next
        process.stdin.write(f"{line}\n".encode())
        await process.stdin.drain()


async def _hear(process: asyncio.subprocess.Process) -> str:
    """The next line; empty when the process has ended."""
    assert process.stdout is not None  # noqa: S101 - a pipe was asked for
    return (await process.stdout.readline()).decode().strip()


def _environment() -> dict[str, str]:
    """Of ours only what starts a program: no key, no proxy, no setting of a library."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    return {**kept, "PYTHONPATH": str(HERE.parent), "NO_PROXY": "*"}


def _last_lines(said: IO[bytes]) -> str:
    said.seek(0)
    text = said.read().decode(errors="replace")
    return " / ".join(text.strip().splitlines()[-_LINES_SHOWN:]) or "it said nothing"


def _litellm(kind: str, *, knows_projects: bool = False) -> Sequence[Strategy]:
    """Both ways of routing."""
    found: list[Strategy] = []
    for short, routing in (("shuffle", "simple-shuffle"), ("usage", "usage-based-routing-v2")):
        settings: Settings = {
            "routing": routing,
            "queue": kind == "queue",
            "rest": _REST,
            "cooldown": _COOLDOWN,
        }
        found.append(
            Strategy(
                name=f"litellm-{short}-{kind}" + "-named" * knows_projects,
                title=f"LiteLLM {short}, {kind}" + ", projects named" * knows_projects,
                send=_peer("peers_litellm.py", settings, key_each=knows_projects),
                knows_projects=knows_projects,
                peer=True,
                installed=_has_litellm,
            )
        )
    return found


def _google(attempts: int) -> Strategy:
    return Strategy(
        name=f"google-{attempts}",
        title=f"google-genai, {attempts} attempts",
        send=_peer("peers_google.py", {"attempts": attempts}),
        peer=True,
        installed=_has_google,
    )


PEERS: Sequence[Strategy] = (
    *_litellm("bare"),
    *_litellm("queue"),
    *_litellm("queue", knows_projects=True),
    _google(5),
    _google(12),
)
"""Those that take about as long stand side by side: they run together."""
