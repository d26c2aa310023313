"""What follows when a piece is settled: which pieces start, and how the course stands."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from coursewright.course.course import CourseStatus
from coursewright.course.pieces import PieceKind, PiecePlan, PieceState
from coursewright.database import courses, events, jobs, pieces, turns
from coursewright.database.pieces import Stand
from coursewright.database.pool import Connection
from coursewright.generation.plan import is_settled, lacking
from coursewright.generation.queue import PieceQueue


class Progress:
    """Moves a course on. All methods run inside a transaction that holds the course's row."""

    def __init__(self, queue: PieceQueue, *, now: Callable[[], datetime]) -> None:
        """`now` is the clock; it returns a time with a zone."""
        self._queue = queue
        self._now = now

    async def release(
        self, conn: Connection, user_id: UUID, course_id: UUID
    ) -> CourseStatus | None:
        """Starts every waiting piece whose needs are settled, and brings the course up to date.

        A piece that lacks what it cannot do without fails at once, which may settle others.
        Returns the state of the course where that has changed.
        """
        stands = await pieces.list_stands(conn, course_id)
        states = {stand.key: stand.state for stand in stands}
        failed: dict[str, str] = {}
        starting: list[Stand] = []
        changed = True
        while changed:
            changed = False
            for stand in stands:
                if states[stand.key] is not PieceState.WAITING or not is_settled(stand, states):
                    continue
                changed = True
                reason = lacking(stand, states)
                if reason is None:
                    starting.append(stand)
                    states[stand.key] = PieceState.READY
                else:
                    hint = "Retry what failed; this follows then."
                    await self.fail(conn, course_id, stand.key, reason=reason, hint=hint)
                    states[stand.key] = PieceState.FAILED
                    failed[stand.key] = reason
        if starting:
            first = await turns.take(conn, len(starting))
            for turn, stand in enumerate(starting, start=first):
                await self._start(conn, user_id, course_id, stand, turn)
        return await self._store(
            conn,
            course_id,
            [
                stand.model_copy(
                    update={
                        "state": states[stand.key],
                        "reason": failed.get(stand.key, stand.reason),
                    }
                )
                for stand in stands
            ],
        )

    async def fail(
        self, conn: Connection, course_id: UUID, key: str, *, reason: str, hint: str
    ) -> None:
        """Marks a piece as failed and says so."""
        await pieces.fail(conn, course_id, key, reason=reason, hint=hint, now=self._now())
        await events.append(
            conn, course_id, "piece_failed", piece_key=key, data={"reason": reason, "hint": hint}
        )

    async def update(self, conn: Connection, course_id: UUID) -> None:
        """Derives the state of the course from its pieces, and announces when that changes."""
        await self._store(conn, course_id, await pieces.list_stands(conn, course_id))

    async def _store(
        self, conn: Connection, course_id: UUID, stands: Sequence[Stand]
    ) -> CourseStatus | None:
        status = status_of({stand.key: stand.state for stand in stands})
        reasons = [stand.reason for stand in stands if stand.state is PieceState.FAILED]
        await jobs.update(
            conn,
            course_id,
            status=status,
            progress_percentage=_percentage(stands),
            current_step=_current_step(stands),
            error_message=reasons[0] if reasons else None,
        )
        if await courses.set_status(conn, course_id, status):
            await events.append(conn, course_id, f"course_{status}")
            return status
        return None

    async def _start(
        self, conn: Connection, user_id: UUID, course_id: UUID, stand: Stand, turn: int
    ) -> None:
        generation = await pieces.make_ready(conn, course_id, stand.key)
        await self._queue.defer(
            conn,
            user_id=user_id,
            course_id=course_id,
            key=stand.key,
            generation=generation,
            priority=turns.priority(turn, rank_of(stand)),
        )
        await events.append(conn, course_id, "piece_ready", piece_key=stand.key)


def status_of(states: Mapping[str, PieceState]) -> CourseStatus:
    """The state of a course whose pieces stand as in `states` (keyed by the piece's key)."""
    if any(state.is_open for state in states.values()):
        return CourseStatus.GENERATING
    if PieceState.HELD in states.values():
        return CourseStatus.OUTLINED
    if PieceState.CANCELLED in states.values():
        return CourseStatus.CANCELLED
    readable = any(
        state is PieceState.DONE and key.startswith(f"{PieceKind.CHAPTER}/")
        for key, state in states.items()
    )
    if not readable:
        return CourseStatus.FAILED
    if PieceState.FAILED in states.values():
        return CourseStatus.INCOMPLETE
    return CourseStatus.COMPLETED


def rank_of(piece: PiecePlan) -> int:
    """Higher is sooner among the pieces of all users whose turn it is: first what can be read.

    The pieces of one user come in the order in which they were released.
    """
    return {PieceKind.OUTLINE: 2, PieceKind.CHAPTER: 1}.get(piece.kind, 0)


def _percentage(stands: Sequence[Stand]) -> int:
    # Before the outline stands, nobody knows how many pieces there will be.
    if len(stands) <= 1:
        return 5 if stands and stands[0].state.is_open else 100
    settled = sum(
        not stand.state.is_open and stand.state is not PieceState.HELD for stand in stands
    )
    return max(5, 100 * settled // len(stands))


def _current_step(stands: Sequence[Stand]) -> str | None:
    running = [stand.key for stand in stands if stand.state is PieceState.RUNNING]
    return ", ".join(running[:3]) or None
