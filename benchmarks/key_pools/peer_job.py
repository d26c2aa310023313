"""What a peer's own process is told, and how it reports. Needs nothing but Python.

Peers run in a virtual environment of their own, since what they depend on contradicts what the
product depends on, and in a process of their own, so that their work is not done on our event loop.
One line each way: the job comes in, "ready" goes out, "go" comes in, the number of calls that
ended well goes out. Before it is ready it sends one call to another model, which spends none of the
quota that is measured: libraries load much of themselves with their first call, and one that cannot
even do that call is broken, not slow.
"""

import asyncio
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TextIO, cast

_HERE = {"127.0.0.1", "::1", "localhost"}


@dataclass(frozen=True, kw_only=True)
class Job:
    """What a peer is to do."""

    base: str
    """Address of the emulator's Gemini, without `/v1beta`."""
    model: str
    warm_up_model: str
    """Of a quota of its own."""
    prompts: list[str]
    keys: list[str]
    rpm: int
    """Requests a minute that each project may send."""
    deadline: float
    """Seconds after the start at which a queue gives up."""
    timeout: float
    """Seconds that one request may take."""
    settings: dict[str, str | int | float | bool]
    """Of the peer."""


class Peer(Protocol):
    """A library, set up for a job."""

    async def warm_up(self) -> None:
        """Sends one call to `Job.warm_up_model`; raises what the library raises."""
        ...

    async def send_all(self) -> int:
        """Sends all prompts; returns how many calls ended well."""
        ...


def work(prepare: Callable[[Job], Peer]) -> None:
    """Does one job, told on standard input. `prepare` does all that needs no answer yet."""
    told, tell = sys.stdin, sys.stdout
    sys.stdout = sys.stderr  # a library that prints does not garble the report
    job = Job(**json.loads(told.readline()))
    sys.addaudithook(_stay_here)
    asyncio.run(_work(job, prepare, told, tell))


async def _work(job: Job, prepare: Callable[[Job], Peer], told: TextIO, tell: TextIO) -> None:
    peer = prepare(job)
    await peer.warm_up()
    print("ready", file=tell, flush=True)
    if told.readline().strip() == "go":
        print(await peer.send_all(), file=tell, flush=True)


def _stay_here(event: str, arguments: tuple[Any, ...]) -> None:
    """No telemetry, no price lists from elsewhere: any address but this machine's is refused."""
    host: object
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event == "socket.connect" and isinstance(arguments[1], tuple):  # a path is of this machine
        host = cast("tuple[object, ...]", arguments[1])[0]
    else:
        return
    name = host.decode() if isinstance(host, bytes) else host
    if name not in _HERE:
        raise ConnectionRefusedError(f"the benchmark stays on this machine: {name!r} was asked for")
