"""An outline as text that is easy to change in any editor, and back.

    # Title of the course
    A description, as long as you like.

    ## [1] Title of the chapter that was chapter 1
    What the chapter is about.
    - a learning objective

    ## Title of a new chapter

A line that only looks like one of these marks begins with a backslash.
"""

import re

from pydantic import ValidationError

from coursewright.course.edits import OutlineEdit
from coursewright.course.errors import BadRequest
from coursewright.course.outline import Outline

_HELP = (
    "// Move, rename, add or delete chapters. [3] says that a chapter was number 3; leave it out",
    "// for a new one. Lines with - are learning objectives. These lines are left out.",
)
_NUMBER = re.compile(r"\[(\d{1,3})\]\s*")
_MARK = re.compile(r"^(\\|#|-|//)")
_SHOWN = 60


def to_text(outline: Outline) -> str:
    """The outline, to be changed."""
    lines = [*_HELP, "", f"# {_one_line(outline.title)}", *_prose(outline.description)]
    for chapter in outline.chapters:
        lines += ["", f"## [{chapter.number}] {_one_line(chapter.title)}"]
        lines += _prose(chapter.summary)
        lines += [f"- {_one_line(objective)}" for objective in chapter.objectives]
    return "\n".join(lines) + "\n"


def from_text(text: str) -> OutlineEdit:
    """What a person made of it. Raises `BadRequest` that names the line or the chapter."""
    title = ""
    prose: list[str] = []
    chapters: list[dict[str, object]] = []
    into = prose
    objectives: list[str] = []
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if line.startswith("//"):
            continue
        if line.startswith("## "):
            named = _NUMBER.match(line[3:].strip())
            into, objectives = [], []
            chapters.append(
                {
                    "was": int(named[1]) if named else None,
                    "title": line[3:].strip()[named.end() if named else 0 :],
                    "summary": into,
                    "objectives": objectives,
                }
            )
        elif line.startswith("# ") and not title and not chapters:
            title = line[2:].strip()
        elif line.startswith("#"):
            raise BadRequest(
                f"line {number} is not understood: {line[:_SHOWN]!r}",
                hint="One line begins with # and a space, the title; chapters begin with ## and a"
                " space. Put \\ before a line that is to be text.",
            )
        elif line.startswith("- ") and chapters:
            objectives.append(line[2:].strip())
        else:
            into.append(line.removeprefix("\\"))
    for chapter in chapters:
        summary = chapter["summary"]
        chapter["summary"] = "\n".join(summary).strip() if isinstance(summary, list) else ""  # pyright: ignore[reportUnknownArgumentType] - lines
    try:
        return OutlineEdit.model_validate(
            {"title": title, "description": "\n".join(prose).strip(), "chapters": chapters}
        )
    except ValidationError as error:
        raise _not_usable(error) from None


def _not_usable(error: ValidationError) -> BadRequest:
    first = error.errors(include_input=False, include_url=False)[0]
    place = [str(part + 1) if isinstance(part, int) else str(part) for part in first["loc"]]
    where = " ".join(place).replace("chapters ", "chapter ") or "the outline"
    return BadRequest(
        f"{where}: {first['msg'].removeprefix('Value error, ')}",
        hint="The title stands behind #, each chapter behind ##.",
    )


def _prose(text: str) -> list[str]:
    return [_MARK.sub(r"\\\1", line.strip()) for line in text.strip().splitlines()]


def _one_line(text: str) -> str:
    return " ".join(text.split())
