"""Arguments and options that several commands share."""

from typing import Annotated

import typer

from coursewright.course.brief import MAX_CHAPTERS, Length, Level

Topic = Annotated[str, typer.Argument(help="What the course is to be about.", show_default=False)]
Sources = Annotated[
    list[str] | None,
    typer.Option(
        "--source",
        "-s",
        metavar="FILE|URL",
        help="A document to make the course of: Markdown, text, HTML, PDF, DOCX, PPTX, EPUB, or an "
        "http(s) address. May be given several times.",
        show_default=False,
    ),
]
Chapters = Annotated[
    int | None,
    typer.Option(
        "--chapters",
        "-n",
        min=1,
        max=MAX_CHAPTERS,
        help="How many chapters; by default as many as the material carries.",
        show_default=False,
    ),
]
LevelOption = Annotated[Level, typer.Option("--level", help="For whom it is written.")]
LengthOption = Annotated[Length, typer.Option("--length", help="How long a chapter is.")]
Language = Annotated[
    str, typer.Option("--language", metavar="TAG", help="The language, such as en, de, pt-BR.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]
CourseName = Annotated[
    str,
    typer.Argument(
        metavar="ID", help="The course's id, or the beginning of it.", show_default=False
    ),
]
PieceKey = Annotated[
    str | None,
    typer.Argument(
        metavar="[PIECE]",
        help="A piece such as chapter/3 or article/faq; without it, all that failed.",
        show_default=False,
    ),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
