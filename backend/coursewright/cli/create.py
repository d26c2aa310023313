"""`create` and `run`: the main job."""

import hashlib
import time
from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import typer
from rich.markup import escape

from coursewright.bootstrap import Application
from coursewright.cli import live, options, summary
from coursewright.cli.console import FAILED, brief_of, err, print_json, settings, with_application
from coursewright.cli.serve import require_name, require_sign_in, serve_application
from coursewright.course.brief import Brief, Length, Level
from coursewright.course.course import Course, CourseStatus
from coursewright.course.pieces import PieceState
from coursewright.course.text import count_words
from coursewright.database.pieces import Piece
from coursewright.sources import Document


def create(
    topic: options.Topic,
    source: options.Sources = None,
    chapters: options.Chapters = None,
    level: options.LevelOption = Level.BEGINNER,
    length: options.LengthOption = Length.STANDARD,
    language: options.Language = "en",
    edit_outline: Annotated[
        bool,
        typer.Option(
            "--edit-outline",
            help="Stop after the outline, to change it (`coursewright outline`, `go`).",
        ),
    ] = False,
    as_json: options.Json = False,
) -> None:
    """Make a course and say what it came to.

    Without a source, one of the primers that come with the program is used. Interrupt it whenever
    you like: what is made is kept, and `coursewright resume` goes on.
    """
    brief = brief_of(
        topic=topic,
        chapters=chapters,
        level=level,
        length=length,
        language=language,
        edit_outline=edit_outline,
    )

    async def action(application: Application) -> CourseStatus:
        started = time.monotonic()
        documents = await _gather(application, brief, source or [])
        await _say_plan(application, brief)
        course_id = await application.commands.create(application.owner, brief, documents)
        course, pieces = await _make(application, course_id)
        seconds = time.monotonic() - started
        spent = await application.spent(application.owner, course_id)
        if as_json:
            print_json(summary.facts(course, pieces, seconds, spent))
        else:
            summary.show(course, pieces, seconds, spent)
            short = str(course_id)[:8]
            err.print(
                f"\nChange it: coursewright outline {short} --edit   Go on: coursewright go {short}"
                if course.status is CourseStatus.OUTLINED
                else f"\nRead it: coursewright show {short}   or: coursewright serve"
            )
        return course.status

    status = with_application(f"create {topic!r}", action, working="if_free")
    if status not in {CourseStatus.COMPLETED, CourseStatus.OUTLINED}:
        raise typer.Exit(FAILED)


def run(
    topic: options.Topic,
    source: options.Sources = None,
    chapters: options.Chapters = None,
    level: options.LevelOption = Level.BEGINNER,
    length: options.LengthOption = Length.STANDARD,
    language: options.Language = "en",
    port: Annotated[
        int | None, typer.Option(help="The port to serve on.", min=0, max=65535, show_default=False)
    ] = None,
    new: Annotated[
        bool, typer.Option("--new", help="Make another one even if this very course is there.")
    ] = False,
) -> None:
    """Make a course, then serve it and print the address.

    Run again with the same words, it goes on with the same course, and makes nothing twice.
    """
    brief = brief_of(topic=topic, chapters=chapters, level=level, length=length, language=language)
    loaded = settings()
    require_name(loaded)

    async def action(application: Application) -> None:
        require_sign_in(application)
        started = time.monotonic()
        documents = await _gather(application, brief, source or [])
        await _say_plan(application, brief)
        key = None if new else _request_key(brief, documents)
        course_id = await application.commands.create(
            application.owner, brief, documents, request_key=key
        )
        pieces = await application.reading.pieces(application.owner, course_id)
        if any(piece.state in {PieceState.FAILED, PieceState.CANCELLED} for piece in pieces):
            await application.commands.resume(application.owner, course_id)
        elif not any(piece.state.is_open for piece in pieces):
            err.print("You have this course already; --new makes another one.", style="dim")
        course, pieces = await _make(application, course_id)
        seconds = time.monotonic() - started
        summary.show(course, pieces, seconds, await application.spent(application.owner, course_id))
        path = f"/courses/{course_id}"
        if application.served_at is not None:
            err.print(
                f"\n[bold green]Read it[/] at [bold]{application.served_at}{path}[/]",
                soft_wrap=True,
            )
            return
        await serve_application(application, port=port, path=path)

    with_application(f"run {topic!r}", action, working="if_free", loaded=loaded)


async def _say_plan(application: Application, brief: Brief) -> None:
    if plan := await application.plan(brief):
        err.print(f"[dim]plan:[/] {plan}")


async def _gather(application: Application, brief: Brief, origins: Sequence[str]) -> list[Document]:
    with err.status("Looking for sources ...") as status:
        documents = await application.gatherer.gather(
            brief,
            origins,
            on_read=lambda origin: status.update(f"Reading {escape(origin)} ..."),
        )
    for document in documents:
        words = sum(count_words(passage.text) for passage in document.passages)
        err.print(f"[dim]source:[/] {escape(document.source.title)} [dim]({words:,} words)[/]")
        for warning in document.warnings:
            err.print(f"[yellow]note:[/] {escape(warning)}")
    return documents


async def _make(application: Application, course_id: UUID) -> tuple[Course, list[Piece]]:
    if not application.works:
        err.print("Another process of coursewright makes it; watching.", style="dim")
    pieces = await live.watch(application, course_id)
    return await application.reading.course(application.owner, course_id), pieces


def _request_key(brief: Brief, documents: Sequence[Document]) -> str:
    """The same order out of the same sources has the same key."""
    parts = [brief.model_dump_json(), *(document.source.sha256 for document in documents)]
    return "run:" + hashlib.sha256("\n".join(parts).encode()).hexdigest()
