"""Word games: pure code over the glossary of the course."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

from coursewright.authors.author import Usage
from coursewright.course.errors import TooLittle
from coursewright.course.games import WordGame, make_games
from coursewright.course.pieces import PieceKind, PieceState
from coursewright.course.study import GlossaryTerm
from coursewright.database import pieces, study_items, word_games
from coursewright.database.pieces import Outcome, Piece
from coursewright.database.pool import Connection
from coursewright.generation.made import Made, Order, Store
from coursewright.generation.progress import Progress

GAMES = 6
"""The games of the contract."""


async def generate_word_games(
    glossary: Sequence[GlossaryTerm], *, seed: int
) -> Made[tuple[WordGame, ...]]:
    """All games that the glossary has enough terms for. Raises `TooLittle` when that is none."""
    made = make_games(glossary, seed=seed)
    if not made.games:
        raise TooLittle(
            f"no word game could be made of {len(glossary)} glossary terms",
            hint="Give a source that explains more terms.",
        )
    return Made(value=made.games, usage=Usage(), items=len(made.games), wanted=GAMES)


async def make(order: Order) -> Store:
    """Makes the games of the course."""
    async with order.read() as conn:
        glossary = await study_items.list_glossary(conn, order.course_id)
    made = await generate_word_games(glossary, seed=order.seed)

    async def store(conn: Connection) -> Outcome:
        await word_games.replace(conn, order.course_id, made.value)
        return made.outcome(order.author.name)

    return store


async def follow(
    conn: Connection, rows: Sequence[Piece], *, progress: Progress, now: Callable[[], datetime]
) -> None:
    """Makes the games anew after the glossary was edited, in the same transaction.

    Games that are being made at this moment may be of the old terms: they are begun again.
    """
    piece = next((row for row in rows if row.kind is PieceKind.WORD_GAMES), None)
    if piece is None or piece.state in {PieceState.WAITING, PieceState.HELD}:
        return  # they are made when all terms are there
    if piece.state.is_open:
        await pieces.reopen(conn, piece.course_id, [piece.key])
        return
    glossary = await study_items.list_glossary(conn, piece.course_id)
    seed = (piece.course_id.int ^ (piece.version << 8)) % 2**32
    games = (await asyncio.to_thread(make_games, glossary, seed=seed)).games
    await word_games.replace(conn, piece.course_id, games)
    if games:
        await pieces.put_edit(
            conn, piece.course_id, piece.key, items=len(games), edited=False, now=now()
        )
    else:
        await progress.fail(
            conn,
            piece.course_id,
            piece.key,
            reason=f"no word game could be made of {len(glossary)} glossary terms",
            hint="Add terms to the glossary.",
        )
