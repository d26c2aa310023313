"""The main path: from an order to a complete course, piece by piece.

Each piece is made on its own and stored in one transaction together with its state, its event and
the jobs of the pieces that it releases. Kill the process anywhere: what is stored stays, and what
is not is made when the job comes back. Failures are values: they stay with their piece.
"""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from functools import partial
from typing import Protocol, TypeVar
from uuid import UUID

import structlog

from coursewright.authors.author import Author
from coursewright.course.course import CourseStatus
from coursewright.course.errors import CoursewrightError, OperatorError
from coursewright.course.pieces import PieceKind
from coursewright.database import courses, events, model_answers, pieces
from coursewright.database.outage import Revive, Waiting, retrying
from coursewright.database.pieces import Piece
from coursewright.database.pool import Connection, Database
from coursewright.database.revisions import Cause
from coursewright.generation import (
    articles,
    audio_scripts,
    chapters,
    flashcards,
    glossary,
    mcqs,
    outline,
    suggestions,
    word_games,
)
from coursewright.generation.contents import keep
from coursewright.generation.made import Maker, Order, Store
from coursewright.generation.materials import Materials
from coursewright.generation.progress import Progress
from coursewright.generation.under_way import Stopped, UnderWay
from coursewright.providers.scope import Scope, making
from coursewright.tracing import Tracing

log = structlog.get_logger()
T = TypeVar("T")

MAKERS: Mapping[PieceKind, Maker] = {
    PieceKind.OUTLINE: outline.make,
    PieceKind.CHAPTER: chapters.make,
    PieceKind.GLOSSARY: glossary.make,
    PieceKind.FLASHCARDS: flashcards.make,
    PieceKind.MCQS: mcqs.make,
    PieceKind.WORD_GAMES: word_games.make,
    PieceKind.ARTICLE: articles.make,
    PieceKind.AUDIO_SCRIPT: audio_scripts.make,
    PieceKind.SUGGESTIONS: suggestions.make,
}


class Told(Protocol):
    """Who counts what is made. It must neither block nor raise."""

    def piece(self, kind: PieceKind, outcome: str, seconds: float) -> None:
        """An attempt to make a piece has ended: `done`, `failed`, or `fault` (one of ours)."""
        ...

    def course(self, status: CourseStatus) -> None:
        """A course has come into that state."""
        ...


class Workflow:
    """Makes pieces. One of it serves all courses of a process."""

    def __init__(
        self,
        database: Database,
        progress: Progress,
        materials: Materials,
        author: Author,
        *,
        now: Callable[[], datetime],
        revive: Revive | None = None,
        told: Told | None = None,
        tracing: Tracing | None = None,
    ) -> None:
        """`now` is the clock, with a zone; `revive` starts an embedded database that has died;
        `told` hears what came of each attempt; `tracing` makes a span of each.
        """
        self._database = database
        self._progress = progress
        self._materials = materials
        self._author = author
        self._now = now
        self._revive = revive
        self._under_way = UnderWay(self._is_wanted)
        self._told = told
        self._tracing = tracing or Tracing()

    async def make(self, *, user_id: UUID, course_id: UUID, key: str, generation: int) -> None:
        """Makes one piece and releases what waited for it. Delivered twice, it costs nothing."""
        with structlog.contextvars.bound_contextvars(course_id=str(course_id), piece=key):
            order = await self._begin(user_id, course_id, key, generation)
            if order is not None:
                with self._tracing.span(
                    f"piece {order.piece.kind}",
                    **{
                        "coursewright.course_id": str(course_id),
                        "coursewright.piece": key,
                        "coursewright.attempt": order.piece.attempts,
                    },
                ) as span:
                    outcome = await self._make(order)
                    span.note(**{"coursewright.outcome": outcome})
                    if outcome in {"failed", "fault"}:
                        span.failed(outcome)

    async def _make(self, order: Order) -> str:
        """What came of it: `done`, `failed`, `stopped` or `fault`."""
        piece, user_id, key = order.piece, order.user_id, order.piece.key
        course_id = piece.course_id
        outcome = "done"
        try:
            # Makers read before the author writes, so a second go costs no second writing.
            with making(Scope(user_id=user_id, course_id=course_id, piece_key=key)):
                store = await self._under_way.make(
                    user_id, piece, self._patiently(lambda: MAKERS[piece.kind](order))
                )
            status = await self._patiently(lambda: self._publish(user_id, piece, store))
        except Stopped:
            log.info("a piece was stopped while it was made")
            return "stopped"
        except CoursewrightError as error:
            outcome = "failed"
            reason = error  # the name `error` is gone when the block ends
            status = await self._patiently(lambda: self._give_up(user_id, piece, reason))
        except Exception as error:
            outcome = "fault"
            log.exception("a piece failed by a fault of ours")
            fault = CoursewrightError(
                f"a fault in the program: {type(error).__name__}",
                hint="Retry the piece. If it fails again, please report it with the log.",
            )
            status = await self._patiently(lambda: self._give_up(user_id, piece, fault))
        if self._told is not None:
            begun = piece.started_at or self._now()
            self._told.piece(piece.kind, outcome, (self._now() - begun).total_seconds())
            if status is not None:
                self._told.course(status)
        return outcome

    async def heed_stops(self) -> None:
        """Breaks off what is being made of courses that are stopped or deleted; until cancelled."""
        async with self._database.listen(events.STOPPED) as notices:
            async for notice in notices:
                course_id = None if notice.payload is None else UUID(notice.payload)
                await self._patiently(partial(self._under_way.look, course_id))

    async def _begin(
        self, user_id: UUID, course_id: UUID, key: str, generation: int
    ) -> Order | None:
        def read() -> AbstractAsyncContextManager[Connection]:
            return self._database.as_service(user_id)

        async def take() -> Order | None:
            async with read() as conn:
                course = await courses.lock(conn, course_id)
                if course is None:
                    return None
                piece = await pieces.begin(
                    conn, course_id, key, generation=generation, now=self._now()
                )
                if piece is None:
                    return None
                await events.append(
                    conn, course_id, "piece_running", piece_key=key, data={"n": piece.attempts}
                )
                await self._progress.update(conn, course_id)
            return Order(
                user_id=user_id,
                piece=piece,
                brief=course.brief.model_copy(update={"instruction": piece.instruction or ""}),
                author=self._author,
                read=read,
                material=lambda: self._materials.of(user_id, course_id),
            )

        return await self._patiently(take)

    async def _publish(self, user_id: UUID, piece: Piece, store: Store) -> CourseStatus | None:
        async with self._database.as_service(user_id) as conn:
            if not await self._is_mine(conn, piece):
                return None
            await keep(conn, piece, user_id=user_id, cause=Cause.REGENERATE)
            outcome = await store(conn)
            await pieces.finish(conn, piece, outcome, now=self._now())
            await model_answers.forget(conn, piece.course_id, piece.key)
            await events.append(
                conn,
                piece.course_id,
                "piece_done",
                piece_key=piece.key,
                data={
                    "items": outcome.items,
                    "wanted": outcome.wanted,
                    "rejected": len(outcome.rejected),
                },
            )
            return await self._progress.release(conn, user_id, piece.course_id)

    async def _give_up(
        self, user_id: UUID, piece: Piece, error: CoursewrightError
    ) -> CourseStatus | None:
        async with self._database.as_service(user_id) as conn:
            if not await self._is_mine(conn, piece):
                return None
            if not isinstance(error, OperatorError):
                # Written again from the same answers, it would fail again.
                await model_answers.forget(conn, piece.course_id, piece.key)
            await self._progress.fail(
                conn, piece.course_id, piece.key, reason=error.message, hint=error.hint
            )
            return await self._progress.release(conn, user_id, piece.course_id)

    async def _is_wanted(self, user_id: UUID, piece: Piece) -> bool:
        async with self._database.as_service(user_id) as conn:
            return await pieces.is_current(conn, piece)

    async def _is_mine(self, conn: Connection, piece: Piece) -> bool:
        """Locks the course; False when the piece was cancelled, ordered anew or deleted since."""
        course = await courses.lock(conn, piece.course_id)
        return course is not None and await pieces.is_current(conn, piece)

    async def _patiently(self, step: Callable[[], Awaitable[T]]) -> T:
        """Repeats a transaction until the database answers: what is written is not thrown away."""
        return await retrying(step, on_wait=_say, revive=self._revive)


def _say(waiting: Waiting) -> None:
    if waiting.attempt == 1:
        log.warning("waiting for the database", reason=waiting.reason)
