"""Asking a person in the terminal."""

import typer
from rich.markup import escape

from coursewright.cli.console import out
from coursewright.cli.ending import asking


def asked(question: str) -> str | None:
    """The answer, without spaces around it; None when the player has had enough (Ctrl-D)."""
    try:
        with asking():
            return out.input(f"{escape(question)}: ").strip()
    except EOFError:
        return None


def confirmed(question: str) -> bool:
    """Whether the person says yes, before something that cannot be undone."""
    with asking():
        return typer.confirm(question, err=True)
