"""`file-key`: links to files, and the key that they are signed with."""

from typing import Annotated

import typer

from coursewright.bootstrap import Application
from coursewright.cli.console import err, with_application


def file_key(
    end_links: Annotated[
        bool, typer.Option("--end-links", help="End all links that were made before, at once.")
    ] = False,
) -> None:
    """Make a new key for the links to files. Older links end by themselves within a week."""

    async def action(application: Application) -> None:
        await application.files.rotate_key(end_links=end_links)
        err.print(
            "there is a new key, and no link that was made before is valid any more"
            if end_links
            else "new links are signed with a new key; --end-links ends the older ones now"
        )

    with_application("file-key", action)
