"""The live view of a course that is being made."""

import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from uuid import UUID

from rich.console import Group
from rich.live import Live
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from coursewright.bootstrap import Application
from coursewright.cli.console import err
from coursewright.course.course import CourseStatus
from coursewright.course.pieces import PieceKind, PieceState
from coursewright.database.events import CourseEvent
from coursewright.database.pieces import Piece

LABELS = {
    PieceKind.OUTLINE: "Outline",
    PieceKind.CHAPTER: "Chapters",
    PieceKind.FLASHCARDS: "Flashcards",
    PieceKind.MCQS: "Questions",
    PieceKind.GLOSSARY: "Glossary",
    PieceKind.WORD_GAMES: "Word games",
    PieceKind.ARTICLE: "Articles",
    PieceKind.AUDIO_SCRIPT: "Audio scripts",
    PieceKind.SUGGESTIONS: "Suggestions",
}
_ENDS = {f"course_{status}" for status in CourseStatus} - {f"course_{CourseStatus.GENERATING}"}
_BAR = 20


async def watch(application: Application, course_id: UUID) -> list[Piece]:
    """Shows the making until nothing is under way, and returns the pieces as they then are."""
    if err.is_terminal:
        return await _watch_on_terminal(application, course_id)
    return await _watch_in_lines(application, course_id)


async def _watch_on_terminal(application: Application, course_id: UUID) -> list[Piece]:
    started = time.monotonic()
    pieces = await application.reading.pieces(application.owner, course_id)
    with Live(_view(pieces, 0), console=err, refresh_per_second=12, transient=True) as live:
        async for _ in _steps(application, course_id, pieces):
            pieces = await application.reading.pieces(application.owner, course_id)
            live.update(_view(pieces, time.monotonic() - started))
    return await application.reading.pieces(application.owner, course_id)


async def _watch_in_lines(application: Application, course_id: UUID) -> list[Piece]:
    pieces = await application.reading.pieces(application.owner, course_id)
    async for event in _steps(application, course_id, pieces):
        if event.event == "piece_done":
            err.print(f"made {event.piece_key}", markup=False)
        elif event.event == "piece_failed":
            err.print(f"failed {event.piece_key}: {event.data.get('reason')}", markup=False)
    return await application.reading.pieces(application.owner, course_id)


async def _steps(
    application: Application, course_id: UUID, pieces: Sequence[Piece]
) -> AsyncGenerator[CourseEvent]:
    """The events until the course has come to an end; none when it has already."""
    if not any(piece.state.is_open for piece in pieces):
        return
    async with aclosing(application.reading.watch(application.owner, course_id)) as events:
        async for event in events:
            yield event
            if event.event in _ENDS:
                now = await application.reading.pieces(application.owner, course_id)
                if not any(piece.state.is_open for piece in now):
                    return


def _view(pieces: Sequence[Piece], seconds: float) -> Group:
    table = Table.grid(padding=(0, 2))
    for kind, label in LABELS.items():
        rows = [piece for piece in pieces if piece.kind is kind]
        if rows:
            table.add_row(label, _bar(rows), _count(rows), Text(_doing(rows), style="dim"))
    return Group(table, Text(f"{seconds:5.1f} s", style="dim"))


def _bar(rows: Sequence[Piece]) -> Text:
    done = sum(piece.state is PieceState.DONE for piece in rows)
    failed = sum(piece.state in {PieceState.FAILED, PieceState.CANCELLED} for piece in rows)
    running = sum(piece.state is PieceState.RUNNING for piece in rows)
    text = Text()
    used = 0
    for count, style in ((done, "green"), (failed, "red"), (running, "yellow")):
        width = round(_BAR * (count / len(rows)))
        width = min(width, _BAR - used)
        text.append("━" * width, style=style)
        used += width
    text.append("━" * (_BAR - used), style="bright_black")
    return text


def _count(rows: Sequence[Piece]) -> str:
    done = sum(piece.state is PieceState.DONE for piece in rows)
    return f"{done}/{len(rows)}"


def _doing(rows: Sequence[Piece]) -> str:
    failed = [piece for piece in rows if piece.state is PieceState.FAILED]
    if failed:
        return escape(f"{failed[0].key}: {failed[0].reason}")
    running = [piece.key for piece in rows if piece.state is PieceState.RUNNING]
    return ", ".join(running[:3])
