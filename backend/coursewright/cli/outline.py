"""`outline` and `go`: look at the outline, change it, and have the rest made."""

import os
import re
import shlex
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from coursewright.bootstrap import Application
from coursewright.cli import options
from coursewright.cli.console import err, out, print_json, with_application
from coursewright.cli.manage import carry_on
from coursewright.cli.outline_text import from_text, to_text
from coursewright.course.errors import BadRequest, CoursewrightError
from coursewright.course.outline import Outline
from coursewright.generation.changing import Changed, Versioned

_EDITOR = "notepad" if os.name == "nt" else "vi"
_MOST = 1_000_000
"""Bytes of a file with an outline."""


def outline(
    course: options.CourseName,
    edit: Annotated[bool, typer.Option("--edit", help="Change it in $EDITOR.")] = False,
    file: Annotated[
        Path | None,
        typer.Option("--file", help="Take it from this file, in the form that is printed."),
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Show the outline of a course; change it while the course waits after it."""
    if edit and file is not None:
        raise BadRequest("--edit and --file exclude each other")

    async def read(application: Application) -> Versioned[Outline]:
        found = await application.reading.resolve(application.owner, course)
        return await application.editing.read_outline(application.owner, found)

    before = with_application("outline", read)
    if not edit and file is None:
        if as_json:
            print_json({"version": before.version, **before.value.model_dump(mode="json")})
        else:
            out.print(to_text(before.value), end="", markup=False, soft_wrap=True)
        return
    text = _edited(before.value, course) if file is None else _read(file)
    if text is None:
        err.print("nothing was changed")
        return

    async def write(application: Application) -> Changed:
        found = await application.reading.resolve(application.owner, course)
        return await application.editing.edit_outline(
            application.owner, found, from_text(text), version=before.version
        )

    try:
        changed = with_application("outline", write)
    except (typer.Exit, CoursewrightError):
        if edit:
            _keep(text.encode(), course)
        raise
    err.print(
        f"the outline is changed. Go on: coursewright go {course}"
        if changed.version != before.version
        else "nothing was changed"
    )


def go(course: options.CourseName, as_json: options.Json = False) -> None:
    """Go on with a course that waits after its outline."""
    carry_on("go", course, as_json, lambda app, found: app.commands.go_on(app.owner, found))


def _edited(before: Outline, course: str) -> str | None:
    """What a person makes of the outline in an editor; None where that is nothing new."""
    text = to_text(before)
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or _EDITOR
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "outline.md"
        path.write_text(text, encoding="utf-8")
        try:
            # Its owner chose the editor, options included.
            ended = subprocess.run([*shlex.split(editor), str(path)], check=False).returncode  # noqa: S603
        except (OSError, ValueError) as error:
            raise _no_editor(f"{editor!r} cannot be started: {error}") from error
        if ended:
            raise _no_editor(f"{editor!r} ended with {ended}")
        try:
            changed = _read(path)
        except BadRequest:
            with suppress(OSError):
                _keep(path.read_bytes(), course)
            raise
    return None if changed == text else changed


def _no_editor(what: str) -> BadRequest:
    return BadRequest(
        f"the editor did not work: {what}",
        hint="Set EDITOR, or write the outline to a file and give --file.",
    )


def _read(file: Path) -> str:
    try:
        if file.stat().st_size > _MOST:
            raise BadRequest(f"{file} is larger than an outline can be")
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise BadRequest(f"{file} cannot be read: {reason}") from error


def _keep(text: bytes, course: str) -> None:
    """What was typed is not lost because it could not be stored."""
    name = f"outline-{re.sub(r'[^0-9A-Za-z]', '', course)[:8]}"
    another = f"{name}-{os.getpid()}.md"
    for path in (Path(f"{name}.md"), Path(another), Path(tempfile.gettempdir()) / another):
        try:
            with path.open("xb") as file:
                file.write(text)
        except OSError:
            continue  # it is there, or its folder may not be written to or is full
        break
    else:
        out.print(text.decode(errors="replace"), markup=False, soft_wrap=True)
        return
    err.print(f"what you typed is in {path}: mend it and give --file {path}", markup=False)
