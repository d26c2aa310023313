"""What a course came to, when it has been made."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from rich.markup import escape
from rich.table import Table

from coursewright.cli.console import err, out
from coursewright.cli.live import LABELS
from coursewright.course.course import Course, CourseStatus
from coursewright.course.pieces import PieceKind, PieceState
from coursewright.database.model_calls import Spent
from coursewright.database.pieces import Piece


def facts(course: Course, pieces: Sequence[Piece], seconds: float, spent: Spent) -> dict[str, Any]:
    """The summary for scripts (`--json`)."""
    return {
        "id": str(course.id),
        "title": course.title,
        "status": str(course.status),
        "author": course.author,
        "seconds": round(seconds, 2),
        "model_calls": spent.calls,
        "cost_usd": float(round(spent.cost_usd, 6)),
        "words": sum(chapter.words for chapter in course.chapters),
        "counts": {
            "chapters": len(course.chapters),
            "flashcards": len(course.flashcards),
            "questions": len(course.mcqs),
            "glossary_terms": len(course.glossary),
            "articles": len(course.articles),
            "word_games": len(course.word_games),
            "audio_scripts": len(course.audio_scripts),
            "suggestions": len(course.suggestions),
        },
        "rejected": dict(Counter(str(item.kind) for item in course.rejected)),
        "failed": [
            {"key": piece.key, "reason": piece.reason, "hint": piece.hint}
            for piece in pieces
            if piece.state is PieceState.FAILED
        ],
    }


def show(course: Course, pieces: Sequence[Piece], seconds: float, spent: Spent) -> None:
    """The summary for people."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Piece")
    table.add_column("Made", justify="right")
    table.add_column("Asked for", justify="right")
    table.add_column("Rejected", justify="right")
    table.add_column("Seconds", justify="right")
    for kind, label in LABELS.items():
        rows = [piece for piece in pieces if piece.kind is kind]
        if rows:
            table.add_row(label, *_row(kind, rows))
    words = sum(chapter.words for chapter in course.chapters)
    out.print()
    out.print(f"[bold]{escape(course.title)}[/]  [dim]{str(course.id)[:8]}[/]")
    out.print(
        f"{words:,} words by {_author(course)}, {_sources(course)}, {seconds:.1f} s",
        style="dim",
    )
    if spent.calls:
        out.print(what_it_took(spent), style="dim")
    out.print()
    out.print(table)
    _rejections(course)
    _failures(course, pieces)


def what_it_took(spent: Spent) -> str:
    """The model calls of a course in a line."""
    tokens = spent.tokens_in + spent.tokens_out
    return (
        f"{spent.calls:,} model calls, {tokens:,} tokens, ${spent.cost_usd:.4f} at list prices"
        " (a free tier charges nothing)"
    )


def _row(kind: PieceKind, rows: Sequence[Piece]) -> tuple[str, str, str, str]:
    made = sum(piece.items or 0 for piece in rows if piece.state is PieceState.DONE)
    wanted = sum(piece.wanted or 0 for piece in rows)
    if kind in {PieceKind.CHAPTER, PieceKind.ARTICLE, PieceKind.AUDIO_SCRIPT}:
        wanted = len(rows)
    rejected = sum(len(piece.rejected) for piece in rows)
    seconds = [piece.seconds for piece in rows if piece.seconds is not None]
    failed = sum(piece.state is PieceState.FAILED for piece in rows)
    return (
        f"{made}" + (f" [red]({failed} failed)[/]" if failed else ""),
        str(wanted) if wanted else "",
        str(rejected) if rejected else "",
        f"{max(seconds):.2f}" if seconds else "",
    )


def _author(course: Course) -> str:
    return "the built-in author" if course.author == "builtin" else "a model"


def _sources(course: Course) -> str:
    if not course.sources:
        return "out of its own knowledge"
    first = escape(course.sources[0].title)
    more = len(course.sources) - 1
    return f"out of {first}" + (f" and {more} more" if more else "")


def _rejections(course: Course) -> None:
    if not course.rejected:
        return
    rules = Counter(item.rule for item in course.rejected).most_common(5)
    named = ", ".join(f"{rule} ({count})" for rule, count in rules)
    out.print(
        f"\nThe question gate refused {len(course.rejected)} items: {escape(named)}.", style="dim"
    )


def _failures(course: Course, pieces: Sequence[Piece]) -> None:
    failed = [piece for piece in pieces if piece.state is PieceState.FAILED]
    for piece in failed:
        err.print(f"[bold red]failed:[/] {piece.key}: {escape(piece.reason or 'no reason')}")
        if piece.hint:
            err.print(f"  [bold]hint:[/] {escape(piece.hint)}")
    if failed:
        err.print(f"[bold]hint:[/] try again: coursewright retry {str(course.id)[:8]}")
    if course.status is CourseStatus.CANCELLED:
        err.print(f"[bold]hint:[/] go on: coursewright resume {str(course.id)[:8]}")
