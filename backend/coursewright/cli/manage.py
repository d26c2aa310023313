"""`resume`, `retry`, `regenerate`, `cancel`, `delete`: what can be done with a course."""

import time
from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

import typer
from pydantic import TypeAdapter, ValidationError
from rich.markup import escape

from coursewright.bootstrap import Application
from coursewright.cli import live, options, summary
from coursewright.cli.ask import confirmed
from coursewright.cli.console import FAILED, MISUSED, err, print_json, with_application
from coursewright.course.brief import Instruction
from coursewright.course.course import CourseStatus
from coursewright.course.errors import BadRequest


def resume(course: options.CourseName, as_json: options.Json = False) -> None:
    """Go on with a course that was interrupted, cancelled, or has failed pieces."""
    carry_on("resume", course, as_json, lambda app, found: app.commands.resume(app.owner, found))


def retry(
    course: options.CourseName,
    piece: options.PieceKey = None,
    as_json: options.Json = False,
) -> None:
    """Try failed pieces again: one, or all of them."""
    carry_on(
        "retry", course, as_json, lambda app, found: app.commands.retry(app.owner, found, piece)
    )


def regenerate(
    course: options.CourseName,
    piece: Annotated[
        str, typer.Argument(metavar="PIECE", help="A piece such as chapter/3 or word_games.")
    ],
    instruction: Annotated[
        str | None,
        typer.Option(help="What to do otherwise; only a model can follow it."),
    ] = None,
    with_dependents: Annotated[
        bool, typer.Option("--with-dependents", help="Also make anew what hangs on it.")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Even where it was edited by hand.")
    ] = False,
    as_json: options.Json = False,
) -> None:
    """Make a piece anew. What was there stays until the new one stands."""
    wish = _instruction(instruction)
    carry_on(
        "regenerate",
        course,
        as_json,
        lambda app, found: app.commands.regenerate(
            app.owner,
            found,
            piece,
            instruction=wish,
            with_dependents=with_dependents,
            overwrite=overwrite,
        ),
    )


def _instruction(text: str | None) -> str | None:
    """As the API takes it. Raises `BadRequest`."""
    try:
        return None if text is None else TypeAdapter[str](Instruction).validate_python(text)
    except ValidationError as error:
        reason = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise BadRequest(f"the instruction is not usable: {reason}") from None


def cancel(course: options.CourseName) -> None:
    """Stop making a course. What is made is kept; `resume` goes on."""

    async def action(application: Application) -> int:
        found = await application.reading.resolve(application.owner, course)
        return await application.commands.cancel(application.owner, found)

    cancelled = with_application("cancel", action)
    err.print(
        f"stopped; {cancelled} pieces are not made. Go on: coursewright resume {course}"
        if cancelled
        else "nothing was under way"
    )


def delete(course: options.CourseName, yes: options.Yes = False) -> None:
    """Delete a course with everything in it. Asks first; there is no way back."""

    async def action(application: Application) -> None:
        found = await application.reading.resolve(application.owner, course)
        whole = await application.reading.course(application.owner, found)
        about = f"{whole.title!r} ({len(whole.chapters)} chapters, {len(whole.mcqs)} questions)"
        if not yes and not confirmed(f"Delete {about} for good?"):
            err.print("nothing was deleted")
            raise typer.Exit(MISUSED)
        await application.commands.delete(application.owner, found)
        err.print(f"deleted {escape(about)}")

    with_application("delete", action)


def carry_on(
    command: str,
    name: str,
    as_json: bool,
    order: Callable[[Application, UUID], Awaitable[int]],
) -> None:
    """Gives an order that makes pieces of a course, watches, and says what it came to."""

    async def action(application: Application) -> CourseStatus:
        started = time.monotonic()
        found = await application.reading.resolve(application.owner, name)
        await order(application, found)
        pieces = await live.watch(application, found)
        whole = await application.reading.course(application.owner, found)
        seconds = time.monotonic() - started
        spent = await application.spent(application.owner, found)
        if as_json:
            print_json(summary.facts(whole, pieces, seconds, spent))
        else:
            summary.show(whole, pieces, seconds, spent)
        return whole.status

    status = with_application(f"{command} {name}", action, working="if_free")
    if status not in {CourseStatus.COMPLETED, CourseStatus.OUTLINED}:
        raise typer.Exit(FAILED)
