"""`list`, `show`, `sources`: look at courses in the terminal."""

from typing import Annotated

import typer
from rich.console import Console
from rich.markdown import Markdown
from rich.markup import escape
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table

from coursewright.bootstrap import Application
from coursewright.cli import options
from coursewright.cli.console import err, out, print_json, with_application
from coursewright.cli.summary import what_it_took
from coursewright.course.course import Course
from coursewright.course.errors import NotFound
from coursewright.database.model_calls import Spent
from coursewright.exports.escape import without_html
from coursewright.sources.library import Library


def list_courses(
    as_json: options.Json = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 50,
) -> None:
    """List your courses, the newest first."""

    async def action(application: Application) -> None:
        found = await application.reading.summaries(application.owner, limit=limit)
        if as_json:
            print_json([item.model_dump(mode="json") for item in found])
            return
        if not found:
            err.print('You have no courses yet. Make one: coursewright create "Photosynthesis"')
            return
        table = Table(box=None, pad_edge=False, header_style="bold")
        for name in ("ID", "Title", "State", "Chapters", "Cards", "Questions", "Made"):
            table.add_column(name)
        for item in found:
            table.add_row(
                str(item.id)[:8],
                escape(item.title),
                f"{item.status} {item.progress_percentage} %"
                if item.status == "generating"
                else str(item.status),
                str(item.chapters),
                str(item.flashcards),
                str(item.questions),
                f"{item.created_at.astimezone():%Y-%m-%d %H:%M}",
            )
        out.print(table)

    with_application("list", action)


def show(
    course: options.CourseName,
    chapter: Annotated[
        int | None,
        typer.Option("--chapter", "-c", min=1, help="Only this chapter.", show_default=False),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Also cards, questions with answers, glossary, articles.")
    ] = False,
    as_json: options.Json = False,
    plain: Annotated[bool, typer.Option("--no-pager", help="Do not page.")] = False,
) -> None:
    """Read a course in the terminal."""

    async def action(application: Application) -> tuple[Course, Spent]:
        found = await application.reading.resolve(application.owner, course)
        return (
            await application.reading.course(application.owner, found),
            await application.spent(application.owner, found),
        )

    whole, spent = with_application("show", action)
    if as_json:
        print_json(whole.model_dump(mode="json"))
        return
    if chapter is not None and all(item.number != chapter for item in whole.chapters):
        raise NotFound(
            f"the course has no chapter {chapter}",
            hint=f"It has {len(whole.chapters)} chapters.",
        )
    if out.is_terminal and not plain:
        with out.pager(styles=True):
            print_course(out, whole, chapter, everything=everything)
    else:
        print_course(out, whole, chapter, everything=everything)
    if spent.calls:
        err.print(f"\n[dim]{what_it_took(spent)}[/]")


def sources(as_json: options.Json = False) -> None:
    """List the topics that work without a document: the primers that come with the program."""
    primers = Library().primers()
    if as_json:
        print_json([primer.model_dump(mode="json", exclude={"text"}) for primer in primers])
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("Topic", "Field", "About"):
        table.add_column(name)
    for primer in primers:
        table.add_row(escape(primer.title), escape(primer.field), escape(primer.summary))
    out.print(table)


def print_course(
    console: Console, course: Course, chapter: int | None, *, everything: bool
) -> None:
    """Prints a course, or one chapter of it; `everything`: with what one studies with."""
    width = min(console.width, 88)
    console.print(f"[bold]{escape(course.title)}[/]")
    if course.outline and course.outline.description:
        console.print(escape(course.outline.description), style="dim", width=width)
    for item in course.chapters:
        if chapter not in {None, item.number}:
            continue
        console.print()
        console.print(Rule(f"[bold]{item.number}. {escape(item.title)}[/]", align="left"))
        for objective in item.objectives:
            console.print(f"  [green]•[/] {escape(objective)}", width=width)
        console.print()
        console.print(Markdown(without_html(item.markdown)), width=width)
    if everything and chapter is None:
        _print_study(console, course, width)
    for piece in course.missing:
        console.print(f"[yellow]missing:[/] {piece.key}: {escape(piece.reason)}")
    if course.sources:
        console.print(Rule("Sources", align="left"))
        for source in course.sources:
            credit = ", ".join(part for part in (source.attribution, source.licence) if part)
            console.print(
                escape(f"{source.title} ({source.origin}) {credit}".rstrip()), width=width
            )


def _print_study(console: Console, course: Course, width: int) -> None:
    console.print(Rule("Glossary", align="left"))
    for term in course.glossary:
        console.print(f"[bold]{escape(term.term)}[/]: {escape(term.explanation)}", width=width)
    console.print(Rule("Flashcards", align="left"))
    for card in course.flashcards:
        console.print(f"[bold]{escape(card.front)}[/]", width=width)
        console.print(Padding(escape(card.back), (0, 0, 0, 4)), width=width)
    console.print(Rule("Questions", align="left"))
    for number, question in enumerate(course.mcqs, 1):
        console.print(f"\n{number}. {escape(question.stem)}", width=width)
        for index, option in enumerate(question.options):
            mark = "[green]*[/]" if index == question.key else " "
            console.print(f"   {mark} {chr(65 + index)}. {escape(option)}", width=width)
    for article in course.articles:
        console.print(Rule(escape(article.title), align="left"))
        console.print(Markdown(without_html(article.markdown)), width=width)
    for script in course.audio_scripts:
        console.print(Rule(escape(script.title), align="left"))
        console.print(escape(script.text), width=width)
