"""Where the command line writes, and how it ends."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, NoReturn, TypeVar

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape

from coursewright.bootstrap import Application, Working, open_application
from coursewright.cli.ending import Ended, Watch
from coursewright.course.brief import Brief
from coursewright.course.errors import BadRequest, CoursewrightError, UserError
from coursewright.logs import configure
from coursewright.settings import Settings, load_settings

out = Console(highlight=False)
"""Data: what a person asked for."""
err = Console(stderr=True, highlight=False)
"""Everything else: progress, notes, errors."""

T = TypeVar("T")

FAILED = 1
MISUSED = 2
INTERRUPTED = 130
"""128 + SIGINT, as shells have it; 143 is 128 + SIGTERM."""


def print_json(value: object) -> None:
    """Writes one JSON value to stdout."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n")


def settings() -> Settings:
    """The settings, with logging set up by them."""
    loaded = load_settings()
    configure(loaded.log_level, loaded.log_format)
    return loaded


def with_application(
    command: str,
    action: Callable[[Application], Awaitable[T]],
    *,
    working: Working = "never",
    loaded: Settings | None = None,
) -> T:
    """Opens the application, does `action` with it and closes it."""

    async def main() -> T:
        async with open_application(
            loaded or settings(), working=working, command=command
        ) as application:
            return await action(application)

    return run(main())


def run(main: Coroutine[Any, Any, T]) -> T:
    """Runs `main` to its end. Errors of ours end the program with a message and a hint."""
    watch = Watch()
    try:
        return asyncio.run(watch.over(main))
    except CoursewrightError as error:
        fail(error)
    except Ended as end:
        err.print("\n[yellow]interrupted[/]: what was made is kept")
        raise typer.Exit(128 + end.number) from None
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    finally:
        watch.done()


def fail(error: CoursewrightError) -> NoReturn:
    """Says what happened and what to do, and ends the program."""
    err.print(f"[bold red]error:[/] {escape(error.message)}", soft_wrap=True)
    if error.hint:
        err.print(f"[bold]hint:[/] {escape(error.hint)}", soft_wrap=True)
    raise typer.Exit(MISUSED if isinstance(error, UserError) else FAILED)


def brief_of(**fields: object) -> Brief:
    """The order, or `BadRequest` that says which option is not usable and why."""
    try:
        return Brief.model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = str(first["loc"][0]) if first["loc"] else "the order"
        reason = first["msg"].removeprefix("Value error, ")
        raise BadRequest(
            f"{name}: {reason}", hint="`coursewright create --help` shows what can be given."
        ) from None
