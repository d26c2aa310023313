"""Answers of models, kept until the piece that they are for is settled."""

from collections.abc import Sequence
from uuid import UUID

from coursewright.database.pool import Connection, Database
from coursewright.database.values import as_json
from coursewright.providers.request import Answer
from coursewright.providers.scope import Scope


class KeptAnswers:
    """The answers of all courses (`providers.answers.Answers`)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, scope: Scope, request_hash: str) -> Answer | None:
        """What was answered to that question; None when nothing was."""
        async with self._database.as_service(scope.user_id) as conn:
            rows = await conn.execute(
                "select answer from model_answers"
                " where course_id = %s and piece_key = %s and request_hash = %s",
                (scope.course_id, scope.piece_key, request_hash),
            )
            row = await rows.fetchone()
        return None if row is None else Answer.model_validate(row["answer"])

    async def keep(self, scope: Scope, request_hash: str, answer: Answer) -> None:
        """Keeps it, unless the course was deleted in the meantime."""
        async with self._database.as_service(scope.user_id) as conn:
            await conn.execute(
                """
                insert into model_answers (course_id, piece_key, request_hash, answer)
                select id, %s, %s, %s from courses where id = %s
                on conflict do nothing
                """,
                (scope.piece_key, request_hash, as_json(answer), scope.course_id),
            )

    async def drop(self, scope: Scope, request_hashes: Sequence[str]) -> None:
        """Forgets answers that turned out to be of no use."""
        async with self._database.as_service(scope.user_id) as conn:
            await conn.execute(
                "delete from model_answers"
                " where course_id = %s and piece_key = %s and request_hash = any(%s)",
                (scope.course_id, scope.piece_key, list(request_hashes)),
            )


async def forget(conn: Connection, course_id: UUID, piece_key: str) -> None:
    """The piece is settled: nobody will ask for its answers again."""
    await conn.execute(
        "delete from model_answers where course_id = %s and piece_key = %s",
        (course_id, piece_key),
    )
