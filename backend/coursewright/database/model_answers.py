"""Answers of models, kept until the piece that they are for is settled."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from uuid import UUID

from coursewright.course.errors import Unavailable
from coursewright.database.pool import Connection, Database
from coursewright.database.values import as_json
from coursewright.providers.request import Answer
from coursewright.providers.scope import Scope

_ASKED_FOR = 30.0
"""Seconds after which a process that asks, and no longer says so, counts as dead."""
_SAY = 10.0
"""Seconds between two signs of life."""
_LOOK = 0.5
"""Seconds between two looks whether another process has its answer."""


class KeptAnswers:
    """The answers of all courses (`providers.answers.Answers`)."""

    def __init__(self, database: Database, *, me: UUID) -> None:
        """`me` tells this process from others."""
        self._database = database
        self._me = me

    async def find(self, scope: Scope, request_hash: str) -> Answer | None:
        """What was answered to that question; None when nothing was.

        While another process is asking it, its answer is waited for.
        """
        while True:
            async with self._database.as_service(scope.user_id) as conn:
                rows = await conn.execute(
                    "select answer, asked_by <> %s and asked_until > now() as waits"
                    " from model_answers"
                    " where course_id = %s and piece_key = %s and request_hash = %s",
                    (self._me, scope.course_id, scope.piece_key, request_hash),
                )
                row = await rows.fetchone()
            if row is None:
                return None
            if row["answer"] is not None:
                return Answer.model_validate(row["answer"])
            if not row["waits"]:
                return None
            await asyncio.sleep(_LOOK)

    @asynccontextmanager
    async def asking(self, scope: Scope, request_hash: str) -> AsyncGenerator[None]:
        """Lets other processes wait for the answer, as long as the block lasts."""
        await self._say(scope, request_hash)
        saying = asyncio.create_task(self._keep_saying(scope, request_hash))
        try:
            yield
        finally:
            saying.cancel()
            # What it is about to say must not come after the last word.
            await asyncio.gather(saying, return_exceptions=True)
            with suppress(Unavailable):  # then it runs out by itself
                await self._fall_silent(scope, request_hash)

    async def keep(self, scope: Scope, request_hash: str, answer: Answer) -> None:
        """Keeps it, unless the course was deleted in the meantime."""
        async with self._database.as_service(scope.user_id) as conn:
            await conn.execute(
                """
                insert into model_answers as kept (course_id, piece_key, request_hash, answer)
                select id, %s, %s, %s from courses where id = %s
                on conflict (course_id, piece_key, request_hash) do update
                set answer = excluded.answer, asked_by = null, asked_until = null
                where kept.answer is null
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

    async def _keep_saying(self, scope: Scope, request_hash: str) -> None:
        while True:
            await asyncio.sleep(_SAY)
            with suppress(Unavailable):
                await self._say(scope, request_hash)

    async def _say(self, scope: Scope, request_hash: str) -> None:
        async with self._database.as_service(scope.user_id) as conn:
            await conn.execute(
                """
                insert into model_answers as kept
                  (course_id, piece_key, request_hash, asked_by, asked_until)
                select id, %s, %s, %s, now() + make_interval(secs => %s)
                from courses where id = %s
                on conflict (course_id, piece_key, request_hash) do update
                set asked_by = excluded.asked_by, asked_until = excluded.asked_until
                where kept.answer is null
                """,
                (scope.piece_key, request_hash, self._me, _ASKED_FOR, scope.course_id),
            )

    async def _fall_silent(self, scope: Scope, request_hash: str) -> None:
        async with self._database.as_service(scope.user_id) as conn:
            await conn.execute(
                "delete from model_answers where course_id = %s and piece_key = %s"
                " and request_hash = %s and answer is null and asked_by = %s",
                (scope.course_id, scope.piece_key, request_hash, self._me),
            )


async def forget(conn: Connection, course_id: UUID, piece_key: str) -> None:
    """The piece is settled: nobody will ask for its answers again."""
    await conn.execute(
        "delete from model_answers where course_id = %s and piece_key = %s",
        (course_id, piece_key),
    )
