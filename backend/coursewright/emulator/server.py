"""The emulator on a port of this machine, beside a test or benchmark, or as a program."""

import asyncio
import ipaddress
import socket
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import uvicorn

from coursewright.emulator.app import create_emulator
from coursewright.emulator.connections import Connections
from coursewright.emulator.desk import Call, Desk
from coursewright.emulator.options import EmulatorOptions

_BACKLOG = 2048


class NotLoopback(ValueError):
    """The emulator checks no one, so it is for this machine alone."""


@dataclass(frozen=True)
class Emulator:
    """One that runs."""

    url: str
    desk: Desk

    @property
    def gemini_url(self) -> str:
        """The base URL for Gemini's SDK, which adds `/v1beta/models/...`."""
        return self.url

    @property
    def groq_url(self) -> str:
        """The base URL for OpenAI's SDK, which adds `/chat/completions`."""
        return f"{self.url}/openai/v1"

    @property
    def log(self) -> list[Call]:
        """Every call, refused ones included, in the order of arrival."""
        return self.desk.log


@asynccontextmanager
async def running(
    options: EmulatorOptions | None = None, *, clock: Callable[[], float] = time.monotonic
) -> AsyncGenerator[Emulator]:
    """Serves on a free port, in this event loop, until the block ends."""
    with socket.create_server(("127.0.0.1", 0), backlog=_BACKLOG) as listening:
        server, desk = _server(options or EmulatorOptions(), clock)
        task = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield Emulator(f"http://127.0.0.1:{listening.getsockname()[1]}", desk)
        finally:
            server.should_exit = True
            await task


def serve(
    options: EmulatorOptions,
    host: str = "127.0.0.1",
    port: int = 8089,
    *,
    started: Callable[[Emulator], None] | None = None,
    answered: Callable[[Call], None] | None = None,
) -> Desk:
    """Serves until it is interrupted, and gives back what was written down.

    Args:
        options: limits, faults and the rest.
        host: a loopback address.
        port: 0 takes a free one.
        started: called as soon as clients can connect.
        answered: called for each call when its answer is sent, or has come to nothing.

    Raises `NotLoopback` for an address others could reach, `OSError` for a port that is taken.
    """
    family, address = _loopback(host)
    with socket.create_server((address, port), family=family, backlog=_BACKLOG) as listening:
        server, desk = _server(options, time.monotonic)
        desk.answered = answered
        shown = f"[{address}]" if family is socket.AF_INET6 else address
        if started is not None:
            started(Emulator(f"http://{shown}:{listening.getsockname()[1]}", desk))
        with suppress(KeyboardInterrupt):  # uvicorn raises it again once it has stopped
            server.run(sockets=[listening])
    return desk


class _Server(uvicorn.Server):
    """Stops at once: stalled calls would be waited for in vain."""

    def __init__(self, config: uvicorn.Config, connections: Connections) -> None:
        super().__init__(config)
        self._connections = connections

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._connections.abort()
        await super().shutdown(sockets)


def _server(options: EmulatorOptions, clock: Callable[[], float]) -> tuple[uvicorn.Server, Desk]:
    app = create_emulator(options, clock=clock)
    connections: Connections = app.state.connections
    config = uvicorn.Config(
        app,
        http=connections.protocol(),
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    return _Server(config, connections), app.state.desk


def _loopback(host: str) -> tuple[socket.AddressFamily, str]:
    if host == "localhost":
        host = "127.0.0.1"
    try:
        address = ipaddress.ip_address(host)
    except ValueError as error:
        raise NotLoopback(f"{host!r} is no address: use 127.0.0.1 or ::1") from error
    if not address.is_loopback:
        raise NotLoopback(f"{host} can be reached by others: use 127.0.0.1 or ::1")
    return (socket.AF_INET if address.version == 4 else socket.AF_INET6), str(address)  # noqa: PLR2004 - IPv4
