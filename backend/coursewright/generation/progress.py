"""What follows when a piece is settled: which pieces start, and how the course stands."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from coursewright.course.course import CourseStatus
from coursewright.course.pieces import PieceKind, PieceState
from coursewright.database import courses, events, jobs, pieces
from coursewright.database.pieces import Piece
from coursewright.database.pool import Connection
from coursewright.generation.plan import is_settled, lacking
from coursewright.generation.queue import PieceQueue


class Progress:
    """Moves a course on. All methods run inside a transaction that holds the course's row."""

    def __init__(self, queue: PieceQueue, *, now: Callable[[], datetime]) -> None:
        """`now` is the clock; it returns a time with a zone."""
        self._queue = queue
        self._now = now

    async def release(self, conn: Connection, user_id: UUID, course_id: UUID) -> None:
        """Starts every waiting piece whose needs are settled, and brings the course up to date.

        A piece that lacks what it cannot do without fails at once, which may settle others.
        """
        rows = {piece.key: piece for piece in await pieces.list_all(conn, course_id)}
        states = {key: piece.state for key, piece in rows.items()}
        changed = True
        while changed:
            changed = False
            for piece in rows.values():
                if states[piece.key] is not PieceState.WAITING or not is_settled(
                    piece.plan, states
                ):
                    continue
                changed = True
                reason = lacking(piece.plan, states)
                if reason is None:
                    await self._start(conn, user_id, piece)
                    states[piece.key] = PieceState.READY
                else:
                    await self.fail(
                        conn, piece, reason=reason, hint="Retry what failed; this follows then."
                    )
                    states[piece.key] = PieceState.FAILED
        await self.update(conn, course_id)

    async def fail(self, conn: Connection, piece: Piece, *, reason: str, hint: str) -> None:
        """Marks a piece as failed and says so."""
        await pieces.fail(
            conn, piece.course_id, piece.key, reason=reason, hint=hint, now=self._now()
        )
        await events.append(
            conn,
            piece.course_id,
            "piece_failed",
            piece_key=piece.key,
            data={"reason": reason, "hint": hint},
        )

    async def update(self, conn: Connection, course_id: UUID) -> None:
        """Derives the state of the course from its pieces, and announces when that changes."""
        rows = await pieces.list_all(conn, course_id)
        status = status_of({piece.key: piece.state for piece in rows})
        failed = [piece for piece in rows if piece.state is PieceState.FAILED]
        settled = sum(1 for piece in rows if not piece.state.is_open)
        await jobs.update(
            conn,
            course_id,
            status=status,
            progress_percentage=_percentage(rows, settled),
            current_step=_current_step(rows),
            error_message=failed[0].reason if failed else None,
        )
        before = await courses.get(conn, course_id)
        if before is not None and before.status is not status:
            await courses.set_status(conn, course_id, status)
            await events.append(conn, course_id, f"course_{status}")

    async def _start(self, conn: Connection, user_id: UUID, piece: Piece) -> None:
        generation = await pieces.make_ready(conn, piece.course_id, piece.key)
        await self._queue.defer(
            conn,
            user_id=user_id,
            course_id=piece.course_id,
            key=piece.key,
            generation=generation,
            priority=priority_of(piece),
        )
        await events.append(conn, piece.course_id, "piece_ready", piece_key=piece.key)


def status_of(states: Mapping[str, PieceState]) -> CourseStatus:
    """The state of a course whose pieces stand as in `states` (keyed by the piece's key)."""
    if any(state.is_open for state in states.values()):
        return CourseStatus.GENERATING
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


def priority_of(piece: Piece) -> int:
    """Higher is sooner: first what can be read, early chapters before late ones."""
    rank = {PieceKind.OUTLINE: 1000, PieceKind.CHAPTER: 500}.get(piece.kind, 100)
    return rank - min(piece.number or 0, 99)


def _percentage(rows: Sequence[Piece], settled: int) -> int:
    # Before the outline stands, nobody knows how many pieces there will be.
    if len(rows) <= 1:
        return 5 if rows and rows[0].state.is_open else 100
    return max(5, 100 * settled // len(rows))


def _current_step(rows: Sequence[Piece]) -> str | None:
    running = [piece.key for piece in rows if piece.state is PieceState.RUNNING]
    return ", ".join(running[:3]) or None
