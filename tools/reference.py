"""Writes docs/reference from the program itself; `--check` says what is stale instead."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ |= {"NO_COLOR": "1", "TERMINAL_WIDTH": "96", "COLUMNS": "96"}
os.environ.pop("FORCE_COLOR", None)

from typer.testing import CliRunner

from coursewright.api.app import describe_app
from coursewright.cli.app import app as cli
from coursewright.course.review.rules import RULES
from coursewright.settings import Settings

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "reference"
NOTE = "<!-- Written by `make types`; do not edit. -->\n\n"


def commands() -> str:
    """Every command with its help."""
    names = [[info.name or _name(info.callback)] for info in cli.registered_commands]
    for group in cli.registered_groups:
        inner = group.typer_instance.registered_commands if group.typer_instance else []
        names += [[str(group.name), info.name or _name(info.callback)] for info in inner]
    parts = ["# Command line\n", _help([])]
    parts += [f"## coursewright {' '.join(name)}\n\n{_help(name)}" for name in names]
    return NOTE + "\n".join(parts)


def _name(callback: Callable[..., Any] | None) -> str:
    return getattr(callback, "__name__", "").replace("_", "-")


def _help(command: list[str]) -> str:
    result = CliRunner().invoke(cli, [*command, "--help"], prog_name="coursewright")
    lines = "\n".join(line.rstrip() for line in result.output.strip().splitlines())
    return f"```text\n{lines}\n```\n"


def settings() -> str:
    """Every setting."""
    lines = [
        "# Settings\n",
        (
            "In the environment, or in a file `.env` in the working folder or in `backend/`;"
            " the environment wins.\n"
        ),
        "| Name | Default | Meaning |",
        "|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        variable = {"database_url": "DATABASE_URL"}.get(name, f"COURSEWRIGHT_{name.upper()}")
        default = "the user's data folder" if field.default_factory else f"`{field.default}`"
        if field.default is None:
            default = "none"
        lines.append(f"| `{variable}` | {default} | {field.description} |")
    return NOTE + "\n".join(lines) + "\n"


def http_api() -> str:
    """Every route; the whole description is in openapi.json."""
    lines = [
        "# HTTP API\n",
        (
            "The whole description is in [openapi.json](openapi.json); a running service shows it"
            " at `/docs`. Errors are problem details (RFC 9457) with a `hint` that says what"
            " to do.\n"
        ),
        "| Method | Path | What it does |",
        "|---|---|---|",
    ]
    for path, methods in _openapi()["paths"].items():
        for method, operation in methods.items():
            lines.append(f"| {method.upper()} | `{path}` | {operation['summary']} |")
    return NOTE + "\n".join(lines) + "\n"


def openapi() -> str:
    """The description for programs."""
    return json.dumps(_openapi(), indent=1, ensure_ascii=False) + "\n"


def _openapi() -> dict[str, Any]:
    return describe_app(Settings()).openapi()


def question_rules() -> str:
    """Every rule of the gate."""
    lines = [
        "# Rules of the question gate\n",
        (
            "No question, card or term is published that breaks one of these. What is refused is"
            " kept with the name of the rule, and counted in the open.\n"
        ),
        "| Rule | For | What it demands | Why |",
        "|---|---|---|---|",
    ]
    lines += [f"| `{rule.name}` | {rule.kind} | {rule.title} | {rule.why} |" for rule in RULES]
    return NOTE + "\n".join(lines) + "\n"


PAGES = {
    "cli.md": commands,
    "settings.md": settings,
    "http-api.md": http_api,
    "openapi.json": openapi,
    "question-rules.md": question_rules,
}


def main() -> int:
    """Writes the pages, or with `--check` names those that are out of date."""
    check = "--check" in sys.argv[1:]
    FOLDER.mkdir(parents=True, exist_ok=True)
    stale: list[str] = []
    for name, write in PAGES.items():
        path, text = FOLDER / name, write()
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if not check:
            path.write_text(text, encoding="utf-8")
    if check and stale:
        print(f"stale: {', '.join(stale)}; run: make types")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
