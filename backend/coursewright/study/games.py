"""Results of word games."""

from datetime import datetime
from uuid import UUID

from coursewright.course.errors import BadRequest, Conflict, NotFound
from coursewright.course.games import GameKind
from coursewright.database import game_results
from coursewright.database.game_results import GameRecord, GameResult
from coursewright.database.study_days import Done
from coursewright.study.requests import Requests, counted


class Games:
    """Results of the signed-in user. A game is played at the client, who says how it went."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests

    async def add(
        self,
        user_id: UUID,
        course_id: UUID,
        game: GameKind,
        result_id: UUID,
        *,
        score: int,
        total: int,
        elapsed_ms: int,
        finished_at: datetime | None = None,
    ) -> GameRecord:
        """Records how a game went; returns how that game went so far. The same id twice is one.

        Raises:
            NotFound: there is no such course, or it has no such game.
            BadRequest: more was right than there was, or the time cannot be.
            Conflict: another result has that id.
        """
        if score > total:
            raise BadRequest(
                f"{score} of {total} cannot be right", hint="`score` is at most `total`."
            )
        async with self._requests.writing(user_id) as request:
            await request.course(course_id)
            if not await game_results.has_game(request.conn, course_id, game):
                raise NotFound(
                    f"the course has no {game.replace('_', ' ')} (yet)",
                    hint="`GET /api/courses/{id}` lists its `word_games`.",
                )
            result = GameResult(
                id=result_id,
                course_id=course_id,
                game_type=game,
                score=score,
                total=total,
                milliseconds=elapsed_ms,
                finished_at=request.time(finished_at),
            )
            if await game_results.add(request.conn, user_id, result):
                await request.note(
                    request.calendar.day_of(result.finished_at),
                    Done(games=1, milliseconds=counted(elapsed_ms)),
                )
            else:
                known = await game_results.get(request.conn, result_id)
                same = result.model_copy(
                    update={} if finished_at else {"finished_at": known and known.finished_at}
                )
                if known != same:
                    raise Conflict(
                        f"another result has the id {result_id}",
                        hint="Make a new random id (a UUID) for each result.",
                    )
            records = await game_results.records(request.conn, course_id)
        return next(record for record in records if record.game_type is game)

    async def records(self, user_id: UUID, course_id: UUID) -> list[GameRecord]:
        """How each game of a course went so far. Raises `NotFound`."""
        async with self._requests.reading(user_id) as request:
            await request.course(course_id)
            return await game_results.records(request.conn, course_id)
