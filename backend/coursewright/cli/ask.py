"""Asking a player in the terminal."""

from rich.markup import escape

from coursewright.cli.console import out


def asked(question: str) -> str | None:
    """The answer, without spaces around it; None when the player has had enough (Ctrl-D)."""
    try:
        return out.input(f"{escape(question)}: ").strip()
    except EOFError:
        return None
