"""Word games, as they were made."""

from collections.abc import Sequence
from uuid import UUID

from pydantic import TypeAdapter

from coursewright.course.games import WordGame
from coursewright.database.pool import Connection
from coursewright.database.values import as_json

_GAME: TypeAdapter[WordGame] = TypeAdapter(WordGame)


async def replace(conn: Connection, course_id: UUID, games: Sequence[WordGame]) -> None:
    """Stores the games of a course instead of those that it had; one of each type."""
    await conn.execute(
        "delete from course_word_games where course_id = %s and game_type <> all(%s)",
        (course_id, [str(game.kind) for game in games]),
    )
    async with conn.cursor() as cursor:
        await cursor.executemany(
            """
            insert into course_word_games (course_id, game_type, data) values (%s, %s, %s)
            on conflict (course_id, game_type) do update set data = excluded.data
            """,
            [(course_id, str(game.kind), as_json(game)) for game in games],
        )


async def list_all(conn: Connection, course_id: UUID) -> list[WordGame]:
    """The games of a course, by type."""
    rows = await conn.execute(
        "select data from course_word_games where course_id = %s order by game_type",
        (course_id,),
    )
    return [_GAME.validate_python(row["data"]) for row in await rows.fetchall()]
