"""`export`: take a course away."""

import os
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from coursewright.bootstrap import Application
from coursewright.cli import options
from coursewright.cli.console import err, out, with_application
from coursewright.course.course import Course
from coursewright.course.errors import BadRequest, NotConfigured
from coursewright.exports import FORMATS


def export(
    course: options.CourseName,
    form: Annotated[
        str,
        typer.Option(
            "--format",
            "-f",
            help="; ".join(f"{item.name}: {item.purpose}" for item in FORMATS.values()),
        ),
    ] = "markdown",
    folder: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="The folder to write to.")
    ] = Path(),
) -> None:
    """Write a course to a file, and print the file's path."""
    if form not in FORMATS:
        raise BadRequest(
            f"there is no format {form!r}", hint=f"Formats: {', '.join(sorted(FORMATS))}."
        )

    async def action(application: Application) -> Course:
        found = await application.reading.resolve(application.owner, course)
        return await application.reading.course(application.owner, found)

    whole = with_application("export", action)
    chosen = FORMATS[form]
    path = folder / chosen.file_name(whole)
    _write(path, chosen.export(whole))
    for piece in whole.missing:
        err.print(f"note: {piece.key} is missing: {piece.reason}", markup=False)
    out.print(str(path), markup=False, soft_wrap=True)


def _write(path: Path, content: bytes) -> None:
    """Writes all or nothing: a full disk leaves the file of before as it was."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            temporary = Path(file.name)
            try:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
                temporary.chmod(0o644)
                temporary.replace(path)
            except OSError:
                temporary.unlink(missing_ok=True)
                raise
    except OSError as error:
        raise NotConfigured(
            f"{path} cannot be written: {error.strerror}", hint="Choose another folder with -o."
        ) from error
