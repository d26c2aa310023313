"""`play`: the word games of a course in the terminal."""

import time
from collections.abc import Callable
from typing import Annotated, Any
from uuid import uuid4

import typer
from rich.markup import escape

from coursewright.bootstrap import Application
from coursewright.cli import options
from coursewright.cli.console import err, out, with_application
from coursewright.cli.play_grids import play_crossword, play_word_search
from coursewright.cli.play_words import (
    play_hangman,
    play_matching,
    play_scramble,
    play_vocabulary_quiz,
)
from coursewright.course.course import Course
from coursewright.course.errors import NotFound
from coursewright.course.games import GameKind
from coursewright.database.game_results import GameRecord

_PLAYERS: dict[GameKind, Callable[[Any], tuple[int, int]]] = {
    GameKind.CROSSWORD: play_crossword,
    GameKind.WORD_SEARCH: play_word_search,
    GameKind.HANGMAN: play_hangman,
    GameKind.SCRAMBLE: play_scramble,
    GameKind.MATCHING: play_matching,
    GameKind.VOCABULARY_QUIZ: play_vocabulary_quiz,
}
"""Each returns how many were right, of how many that were tried."""


def play(
    course: options.CourseName,
    game: Annotated[GameKind, typer.Argument(help="Which game.", case_sensitive=False)],
) -> None:
    """Play a word game of a course. An empty answer skips, Ctrl-D ends; the result is kept."""

    async def action(application: Application) -> Course:
        found = await application.reading.resolve(application.owner, course)
        return await application.reading.course(application.owner, found)

    whole = with_application("play", action)
    wanted = next((item for item in whole.word_games if item.kind is game), None)
    if wanted is None:
        have = ", ".join(item.kind for item in whole.word_games)
        raise NotFound(
            f"{whole.title} has no {game.replace('_', ' ')}",
            hint=f"It has: {have}." if have else "Its word games are not made (yet).",
        )
    out.print(f"[bold]{escape(whole.title)}[/]: {game.replace('_', ' ')}")
    begun = time.monotonic()
    right, tried = _PLAYERS[game](wanted)
    milliseconds = int((time.monotonic() - begun) * 1000)
    err.print(f"\n{right} of {tried} right" if tried else "\nnothing tried")
    if tried:

        async def record(application: Application) -> GameRecord:
            return await application.study.games.add(
                application.owner,
                whole.id,
                game,
                uuid4(),
                score=right,
                total=tried,
                elapsed_ms=milliseconds,
            )

        best = with_application("play", record).best
        err.print(f"your best so far: {best.score} right in {best.milliseconds / 1000:.0f} s")
