"""`history` and `undo`: what was changed of a course, and how to have it back."""

import json
from typing import Annotated

import typer
from rich.table import Table

from coursewright.bootstrap import Application
from coursewright.cli import options
from coursewright.cli.console import err, out, print_json, with_application
from coursewright.database.revisions import Revision, RevisionContent
from coursewright.generation.changing import Changed
from coursewright.generation.commands import find

_LAST = 2**63 - 1
"""The largest number that a revision can have: a bigint of Postgres."""


def history(
    course: options.CourseName,
    revision: Annotated[
        int | None,
        typer.Argument(
            help="Show what was there before this change.", min=1, max=_LAST, show_default=False
        ),
    ] = None,
    as_json: options.Json = False,
) -> None:
    """List the changes of a course, by hand and by regenerating, the newest first."""

    async def action(application: Application) -> list[Revision] | RevisionContent:
        found = await application.reading.resolve(application.owner, course)
        if revision is not None:
            return await application.editing.revision(application.owner, found, revision)
        return await application.editing.revisions(application.owner, found)

    shown = with_application("history", action)
    if isinstance(shown, RevisionContent):
        content = shown.model_dump(mode="json") if as_json else shown.content
        out.print(json.dumps(content, ensure_ascii=False, indent=2), markup=False, soft_wrap=True)
        return
    if as_json:
        print_json([each.model_dump(mode="json") for each in shown])
        return
    if not shown:
        err.print("nothing was changed since it was made")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("Revision", "Piece", "Why", "Version before", "When"):
        table.add_column(name)
    for each in shown:
        table.add_row(
            str(each.id),
            each.piece_key,
            str(each.cause),
            str(each.version),
            f"{each.created_at.astimezone():%Y-%m-%d %H:%M}",
        )
    out.print(table)


def undo(
    course: options.CourseName,
    revision: Annotated[
        int, typer.Argument(help="As `coursewright history` names it.", min=1, max=_LAST)
    ],
) -> None:
    """Put back what was there before a change. An undo can be undone."""

    async def action(application: Application) -> Changed:
        owner = application.owner
        found = await application.reading.resolve(owner, course)
        chosen = await application.editing.revision(owner, found, revision)
        piece = find(await application.reading.pieces(owner, found), chosen.piece_key)
        return await application.editing.undo(owner, found, revision, version=piece.version)

    changed = with_application("undo", action)
    err.print(f"done; it is version {changed.version} now")
