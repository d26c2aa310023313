"""`backup` and `restore`."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Annotated

import typer
from rich.markup import escape

from coursewright import archive, backups
from coursewright.bootstrap import LOCAL_OWNER, open_admin
from coursewright.cli.console import err, run, settings
from coursewright.course.errors import Conflict

File = Annotated[Path, typer.Argument(help="The file: NAME.tar, or NAME.tar.gz to have it packed.")]


def backup(file: File) -> None:
    """Write the whole database and all files into one file. The service may run meanwhile."""
    loaded = settings()

    async def action() -> None:
        async with open_admin(loaded, alone=None) as url:
            done = await _in_thread(
                lambda check: backups.back_up(
                    url, loaded.data_dir, file, now=datetime.now(UTC), check=check
                )
            )
        _say("Backed up", done, file)

    run(action())


def restore(
    file: File,
    replace: Annotated[
        bool, typer.Option("--replace", help="Throw away what is there now.")
    ] = False,
) -> None:
    """Put back what `backup` has written, into an empty database."""
    loaded = settings()

    async def action() -> None:
        async with open_admin(loaded, alone=f"restore {file.name}") as url:
            done = await _in_thread(
                lambda check: backups.restore(
                    url, loaded.data_dir, file, owner=LOCAL_OWNER, replace=replace, check=check
                )
            )
        _say("Restored", done, file)

    run(action())


async def _in_thread(work: Callable[[archive.Check], backups.Done]) -> backups.Done:
    """Does it so that Ctrl-C is heard: then it tidies up after itself before we end."""
    stopped = Event()

    def check() -> None:
        if stopped.is_set():
            raise Conflict("it was broken off", hint="Nothing was changed.")

    working = asyncio.create_task(asyncio.to_thread(work, check))
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        stopped.set()
        await asyncio.gather(working, return_exceptions=True)
        raise


def _say(what: str, done: backups.Done, file: Path) -> None:
    err.print(
        f"{what} {done.tables} tables ({done.bytes_of_rows / 1e6:,.1f} MB) and {done.files} files"
        f" ({done.bytes_of_files / 1e6:,.1f} MB): {escape(str(file))}",
        soft_wrap=True,
    )
