"""`serve`, `worker` and `migrate`: the long-running side."""

import asyncio
import errno
import socket
from collections.abc import Generator
from contextlib import contextmanager
from typing import Annotated

import typer
import uvicorn
from fastapi import FastAPI

from coursewright.accounts.mode import Mode
from coursewright.api.app import create_app, create_worker_app
from coursewright.aside import take_short_turns
from coursewright.bootstrap import Application, migrate_database
from coursewright.cli.console import err, out, run, settings, with_application
from coursewright.course.errors import NotConfigured
from coursewright.settings import LOOPBACK, Settings

_ANYWHERE = {"0.0.0.0", "::", ""}  # noqa: S104 - to be refused without a name

_READERS_SECONDS = 2
"""How long answers that are under way are waited for at the end. The worker has `queue.GRACE`
after it; together they stay well below `ending.GRACE`."""


def serve(
    host: Annotated[
        str | None, typer.Option(help="The address to listen on.", show_default=False)
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(help="The port; 0 takes a free one.", min=0, max=65535, show_default=False),
    ] = None,
    no_worker: Annotated[
        bool,
        typer.Option("--no-worker", help="Only serve; `coursewright worker` makes the courses."),
    ] = False,
) -> None:
    """Serve the web pages and the HTTP API, and make courses."""
    loaded = settings()
    if host is not None:
        loaded = loaded.model_copy(update={"host": host})
    require_name(loaded)

    async def action(application: Application) -> None:
        await serve_application(application, port=port, path="/course-generator")

    with_application("serve", action, working="never" if no_worker else "always", loaded=loaded)


def worker(
    port: Annotated[
        int | None,
        typer.Option(
            help="Answer /health, /ready and /metrics on this port; 0 takes a free one.",
            min=0,
            max=65535,
            show_default=False,
        ),
    ] = None,
) -> None:
    """Make courses for services that run elsewhere on the same database."""
    loaded = settings()
    chosen = loaded.worker_port if port is None else port
    if chosen is not None and loaded.host not in LOOPBACK:
        raise NotConfigured(
            f"a worker answers this machine only, not {loaded.host}",
            hint="Set COURSEWRIGHT_HOST=127.0.0.1 for it, or leave out its port.",
        )

    async def action(application: Application) -> None:
        err.print("Working. Ctrl-C ends it; what is under way is handed back.")
        if chosen is None:
            await asyncio.Event().wait()
            return
        listening = bind(loaded.host, chosen)
        err.print(f"[dim]watched at {_address(loaded.host, listening)}/ready[/]", soft_wrap=True)
        await _answer(application, create_worker_app(application), listening)

    with_application("worker", action, working="always", loaded=loaded)


def migrate() -> None:
    """Bring the database that DATABASE_URL names to the state that this version needs."""
    applied = run(migrate_database(settings()))
    for name in applied:
        out.print(f"applied {name}", markup=False)
    if not applied:
        out.print("the database is up to date")


def require_name(loaded: Settings) -> None:
    """Refuses what could never be let in, before anything is opened.

    Raises `NotConfigured`: the address (or a proxy, at a public address) can be reached by others,
    and nobody has to sign in; or it is all addresses of the machine, and nothing says what the
    service is called there.
    """
    reached = _reached(loaded)
    if reached is None:
        return
    if loaded.auth == Mode.LOCAL:
        raise _open_to_all(reached)
    if loaded.host in _ANYWHERE and loaded.public is None and loaded.auth != "auto":
        raise _nameless(loaded.host)


def require_sign_in(application: Application) -> None:
    """The same, now that it is known whether there are accounts."""
    loaded = application.settings
    reached = _reached(loaded)
    if reached is None:
        return
    if application.mode is Mode.LOCAL:
        raise _open_to_all(reached)
    if loaded.host in _ANYWHERE and loaded.public is None:
        raise _nameless(loaded.host)
    if application.mode is Mode.ACCOUNTS and (loaded.public is None or not loaded.public.secure):
        err.print(
            "[yellow]Without https[/] passwords and sessions can be read on the way: put a proxy"
            " that speaks https before the service, and set COURSEWRIGHT_PUBLIC_URL.",
            soft_wrap=True,
        )


def _reached(loaded: Settings) -> str | None:
    """The address at which others reach the service, by themselves or by a proxy."""
    if loaded.host not in LOOPBACK:
        return loaded.host
    public = loaded.public
    return None if public is None or public.host in LOOPBACK else public.host


def _open_to_all(host: str) -> NotConfigured:
    return NotConfigured(
        f"serving on {host} would let anybody in: no sign-in is configured",
        hint="Make an account (coursewright users add somebody@example.org), or set"
        " COURSEWRIGHT_AUTH=accounts, or COURSEWRIGHT_SUPABASE_URL; or serve on 127.0.0.1, without"
        " COURSEWRIGHT_PUBLIC_URL.",
    )


def _nameless(host: str) -> NotConfigured:
    return NotConfigured(
        f"serving on {host}, it is not known what the service is called",
        hint="Set COURSEWRIGHT_PUBLIC_URL to the address that people type, such as"
        " https://learn.example.org: other names are not answered to.",
    )


async def serve_application(application: Application, *, port: int | None, path: str) -> None:
    """Serves until interrupted; prints the address of `path` when it is ready.

    Raises `NotConfigured`: others could reach it, and nobody has to sign in.
    """
    require_sign_in(application)
    take_short_turns()
    loaded = application.settings
    listening = bind(loaded.host, loaded.port if port is None else port)
    address = _address(loaded.host, listening)
    if application.lock is not None:
        application.lock.announce(address)
    err.print(
        f"\n[bold green]Serving[/] [bold]{address}{path}[/]   [dim](Ctrl-C ends it)[/]",
        soft_wrap=True,
    )
    await _answer(application, create_app(application), listening)


async def _answer(application: Application, app: FastAPI, listening: socket.socket) -> None:
    """Answers requests until it is cancelled; then those that are under way are finished."""
    server = _Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=_READERS_SECONDS,
        )
    )
    serving = asyncio.create_task(server.serve(sockets=[listening]), name="serve")
    try:
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        server.should_exit = True  # whoever is being answered is answered
        await application.reading.end_watching()
        await serving
        raise
    finally:
        listening.close()


def _address(host: str, listening: socket.socket) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{listening.getsockname()[1]}"


class _Server(uvicorn.Server):
    """Signals are heard in one place, `cli.ending`: uvicorn's own way ends the process at once."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


def bind(host: str, port: int) -> socket.socket:
    """A listening socket. Raises `NotConfigured`: the port is taken or the host is not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, asyncio sends small answers at once: 40 ms less for each.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise NotConfigured(
                f"port {port} on {host} is taken by another program",
                hint="Choose another: --port 8009, or COURSEWRIGHT_PORT=8009 (0 takes a free one).",
            ) from None
        raise NotConfigured(
            f"cannot listen on {host} port {port}: {error.strerror}",
            hint="Choose another with --host and --port.",
        ) from error
    listening.listen(128)
    return listening
