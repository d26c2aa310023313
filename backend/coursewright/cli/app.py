"""All commands in one place."""

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from coursewright import __version__
from coursewright.cli import (
    backup,
    costs,
    create,
    doctor,
    emulate,
    export,
    files,
    history,
    keys,
    manage,
    mcp,
    outline,
    play,
    review,
    serve,
    share,
    show,
    sweep,
    users,
)
from coursewright.cli.console import fail
from coursewright.course.errors import CoursewrightError

app = typer.Typer(
    name="coursewright",
    help="Turn a topic, or your own documents, into a complete course.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_show_locals=False,
    pretty_exceptions_short=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_MAKE, _READ, _SERVE = "Make", "Read and play", "Serve"

app.command(rich_help_panel=_MAKE)(create.create)
app.command(rich_help_panel=_MAKE)(create.run)
app.command(rich_help_panel=_MAKE)(outline.outline)
app.command(rich_help_panel=_MAKE)(outline.go)
app.command(rich_help_panel=_MAKE)(manage.resume)
app.command(rich_help_panel=_MAKE)(manage.retry)
app.command(rich_help_panel=_MAKE)(manage.regenerate)
app.command(rich_help_panel=_MAKE)(history.history)
app.command(rich_help_panel=_MAKE)(history.undo)
app.command(rich_help_panel=_MAKE)(manage.cancel)
app.command(rich_help_panel=_MAKE)(manage.delete)
app.command("list", rich_help_panel=_READ)(show.list_courses)
app.command(rich_help_panel=_READ)(show.show)
app.command(rich_help_panel=_READ)(show.sources)
app.command(rich_help_panel=_READ)(play.play)
app.command(rich_help_panel=_READ)(review.review)
app.command(rich_help_panel=_READ)(review.due)
app.command(rich_help_panel=_READ)(export.export)
app.command(rich_help_panel=_READ)(share.share)
app.command(rich_help_panel=_READ)(share.shares)
app.command(rich_help_panel=_READ)(share.unshare)
app.command(rich_help_panel=_SERVE)(serve.serve)
app.command(rich_help_panel=_SERVE)(serve.worker)
app.command(rich_help_panel=_SERVE)(mcp.mcp)
app.command(rich_help_panel=_SERVE)(serve.migrate)
app.command(rich_help_panel=_SERVE)(backup.backup)
app.command(rich_help_panel=_SERVE)(backup.restore)
app.command(rich_help_panel=_SERVE)(sweep.sweep)
app.command(rich_help_panel=_SERVE)(doctor.doctor)
app.command(rich_help_panel=_SERVE)(keys.keys)
app.command(rich_help_panel=_SERVE)(costs.costs)
app.command(rich_help_panel=_SERVE)(files.file_key)
app.command(rich_help_panel=_SERVE)(emulate.emulate)
app.add_typer(users.app, name="users", rich_help_panel=_SERVE)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _options(  # pyright: ignore[reportUnusedFunction] - typer calls it
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Turn a topic, or your own documents, into a complete course."""


def main(arguments: Sequence[str] | None = None) -> None:
    """The program `coursewright`; `arguments` instead of those of the process."""
    try:
        app(arguments)
    except CoursewrightError as error:
        # Errors before anything was opened, such as a setting that is not usable.
        try:
            fail(error)
        except typer.Exit as end:
            sys.exit(end.exit_code)
