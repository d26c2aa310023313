"""Results of word games."""

from datetime import datetime
from uuid import UUID

from psycopg import sql

from coursewright.course.base import Value
from coursewright.course.games import GameKind
from coursewright.database.pool import Connection
from coursewright.database.values import columns_of


class GameResult(Value):
    """A row of `word_game_results`."""

    id: UUID
    course_id: UUID
    game_type: GameKind
    score: int
    total: int
    milliseconds: int
    finished_at: datetime


class GameRecord(Value):
    """How one game of a course went so far."""

    game_type: GameKind
    plays: int
    best: GameResult
    """The most that were right; of several, the quickest."""
    last: GameResult


_COLUMNS = columns_of(GameResult)


async def has_game(conn: Connection, course_id: UUID, game: GameKind) -> bool:
    """Whether the course has that game, and the signed-in user may see it."""
    rows = await conn.execute(
        "select 1 from course_word_games where course_id = %s and game_type = %s",
        (course_id, str(game)),
    )
    return await rows.fetchone() is not None


async def add(conn: Connection, user_id: UUID, result: GameResult) -> bool:
    """Adds a result. False when there is one with that id already."""
    added = await conn.execute(
        """
        insert into word_game_results
          (user_id, id, course_id, game_type, score, total, milliseconds, finished_at)
        values (%s, %s, %s, %s, %s, %s, %s, %s)
        on conflict (user_id, id) do nothing
        """,
        (
            user_id,
            result.id,
            result.course_id,
            str(result.game_type),
            result.score,
            result.total,
            result.milliseconds,
            result.finished_at,
        ),
    )
    return added.rowcount == 1


async def get(conn: Connection, result_id: UUID) -> GameResult | None:
    """The signed-in user's result with that id."""
    rows = await conn.execute(
        sql.SQL("select {} from word_game_results where id = %s").format(_COLUMNS), (result_id,)
    )
    row = await rows.fetchone()
    return None if row is None else GameResult.model_validate(row)


async def records(conn: Connection, course_id: UUID) -> list[GameRecord]:
    """How each game of a course went, by type; only those that were played."""
    best = await _first_of_each(
        conn, course_id, sql.SQL("score desc, milliseconds, finished_at, id")
    )
    last = await _first_of_each(conn, course_id, sql.SQL("finished_at desc, id"))
    rows = await conn.execute(
        "select game_type, count(*) as plays from word_game_results where course_id = %s"
        " group by game_type order by game_type",
        (course_id,),
    )
    return [
        GameRecord(
            game_type=row["game_type"],
            plays=row["plays"],
            best=best[row["game_type"]],
            last=last[row["game_type"]],
        )
        for row in await rows.fetchall()
    ]


async def _first_of_each(
    conn: Connection, course_id: UUID, order: sql.SQL
) -> dict[str, GameResult]:
    query = sql.SQL(
        "select distinct on (game_type) {} from word_game_results where course_id = %s"
        " order by game_type, {}"
    ).format(_COLUMNS, order)
    rows = await conn.execute(query, (course_id,))
    return {row["game_type"]: GameResult.model_validate(row) for row in await rows.fetchall()}
