"""`costs`: what model calls took, from the ledger."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from coursewright.bootstrap import Application
from coursewright.cli import options
from coursewright.cli.console import err, out, print_json, with_application
from coursewright.database import model_calls
from coursewright.database.model_calls import Spent, SpentOn

By = StrEnum("By", list(model_calls.GROUPS))


def costs(
    course: Annotated[
        str | None,
        typer.Argument(help="A course: its id or the beginning of it.", show_default=False),
    ] = None,
    by: Annotated[By | None, typer.Option(help="What to add up by.", show_default=False)] = None,
    days: Annotated[
        int | None, typer.Option(min=1, help="Only the last days.", show_default=False)
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Say what model calls took: calls, tokens, US dollars.

    Prices are those of the paid tiers; free tiers charge nothing.
    """

    async def action(application: Application) -> None:
        owner = application.owner
        found = None if course is None else await application.reading.resolve(owner, course)
        group = by or (By("course") if found is None else By("service"))
        since = None if days is None else datetime.now(UTC) - timedelta(days=days)
        rows = await application.reading.costs(owner, by=group.value, since=since, course_id=found)
        if as_json:
            print_json([row.model_dump(mode="json") for row in rows])
        elif rows:
            _show(rows, group.value)
        else:
            err.print("No model was called" + (" in that time." if days else " yet."))

    with_application("costs", action)


def _show(rows: list[SpentOn], by: str) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold", show_footer=True)
    total = _total(rows)
    table.add_column(by.capitalize(), "Total", overflow="fold")
    for name, value in (
        ("Calls", f"{total.calls:,}"),
        ("Answered", f"{total.answered:,}"),
        ("Tokens in", f"{total.tokens_in:,}"),
        ("Tokens out", f"{total.tokens_out:,}"),
        ("US $", f"{total.cost_usd:.4f}"),
    ):
        table.add_column(name, value, justify="right")
    for row in rows:
        name = escape(row.name) + (f"  [dim]{str(row.course_id)[:8]}[/]" if row.course_id else "")
        table.add_row(
            name,
            f"{row.calls:,}",
            f"{row.answered:,}",
            f"{row.tokens_in:,}",
            f"{row.tokens_out:,}",
            f"{row.cost_usd:.4f}",
        )
    out.print(table)
    err.print("\n[dim]At the paid tiers' list prices; a free tier charges nothing.[/]")


def _total(rows: list[SpentOn]) -> Spent:
    return Spent(
        calls=sum(row.calls for row in rows),
        answered=sum(row.answered for row in rows),
        tokens_in=sum(row.tokens_in for row in rows),
        tokens_out=sum(row.tokens_out for row in rows),
        cost_usd=sum((row.cost_usd for row in rows), Spent().cost_usd),
    )
