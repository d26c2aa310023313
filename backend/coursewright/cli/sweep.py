"""`sweep`: throw away what is older than the settings allow."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from coursewright.bootstrap import Application, keep_of
from coursewright.cli.console import err, out, print_json, with_application
from coursewright.cli.options import Json
from coursewright.database.retention import sweep as sweep_old


def sweep(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say how much it would be.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Throw away what is older than COURSEWRIGHT_KEEP_... allows. Workers do it once an hour."""

    async def action(application: Application) -> None:
        keep = keep_of(application.settings)
        swept = await sweep_old(application.database, keep, now=datetime.now(UTC), dry_run=dry_run)
        if as_json:
            print_json(swept.model_dump())
            return
        for name, count in swept.model_dump().items():
            out.print(f"{name:8} {count:>10,}")
        err.print("nothing was deleted" if dry_run else "deleted", style="dim")

    with_application("sweep", action)
