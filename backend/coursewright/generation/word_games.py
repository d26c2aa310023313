"""Word games: pure code over the glossary of the course."""

from collections.abc import Sequence

from coursewright.authors.author import Usage
from coursewright.course.errors import TooLittle
from coursewright.course.games import WordGame, make_games
from coursewright.course.study import GlossaryTerm
from coursewright.database import study_items, word_games
from coursewright.database.pieces import Outcome
from coursewright.database.pool import Connection
from coursewright.generation.made import Made, Order, Store

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
