"""`mcp`: courses for assistants, by the Model Context Protocol."""

import asyncio
import os
import signal
import sys
from typing import Annotated

import typer

from coursewright.cli.assistant import Services
from coursewright.cli.console import err, run, settings
from coursewright.cli.serve import bind


def mcp(
    http: Annotated[
        int | None,
        typer.Option(
            "--http",
            metavar="PORT",
            min=0,
            max=65535,
            show_default=False,
            help="Listen on this port of 127.0.0.1 (streamable HTTP) instead of stdin and stdout.",
        ),
    ] = None,
    url: Annotated[
        str | None,
        typer.Option(
            "--url",
            show_default=False,
            help="Use the service at this address; without it, the one that runs on the data"
            " folder, or one that is started here.",
        ),
    ] = None,
    token: Annotated[
        str | None,
        typer.Option(
            envvar="COURSEWRIGHT_TOKEN",
            hidden=True,  # on a command line others could read it
            help="A bearer token for that service.",
        ),
    ] = None,
) -> None:
    """Let assistants make courses, read them and ask their questions (Model Context Protocol).

    An assistant starts it and speaks to it over stdin and stdout; docs/guides/mcp.md says how.
    """
    loaded = settings()

    async def main() -> None:
        async with Services(loaded, url=url, token=token) as services:
            _heed_signals(services, at_once=http is None)
            await _serve(services, http)

    try:
        run(main())
    except asyncio.CancelledError:
        raise typer.Exit(128 + signal.SIGTERM) from None


def _heed_signals(services: Services, *, at_once: bool) -> None:
    """Closes the service before SIGTERM or Ctrl-C ends the program.

    `at_once`: it reads stdin, and a thread that waits for input cannot be called back.
    """
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    leaving: list[asyncio.Task[None]] = []

    async def leave(number: int) -> None:
        try:
            await services.close()
        finally:
            sys.stderr.flush()
            os._exit(128 + number)

    def heed(number: int) -> None:
        if at_once:
            leaving.append(loop.create_task(leave(number)))
        elif task is not None:
            task.cancel()

    loop.add_signal_handler(signal.SIGTERM, heed, signal.SIGTERM)
    if at_once:
        loop.add_signal_handler(signal.SIGINT, heed, signal.SIGINT)


async def _serve(services: Services, http: int | None) -> None:
    # It takes a second to load, which no other command should wait for.
    import uvicorn  # noqa: PLC0415 - see above

    from coursewright.mcp.server import build  # noqa: PLC0415 - see above

    server = build(services.connect)
    if http is None:
        await server.run_stdio_async()
        return
    listening = bind("127.0.0.1", http)
    address = f"http://127.0.0.1:{listening.getsockname()[1]}/mcp"
    err.print(f"Serving {address}   [dim](Ctrl-C ends it)[/]", soft_wrap=True)
    try:
        await uvicorn.Server(
            uvicorn.Config(
                server.streamable_http_app(host="127.0.0.1"),
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=1,
            )
        ).serve(sockets=[listening])
    finally:
        listening.close()
