"""The ledger: every attempt to call a model, with what it took, for whom, and what came of it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from decimal import Decimal
from uuid import UUID

import structlog

from coursewright.course.base import Value
from coursewright.keys.attempts import Attempt
from coursewright.providers.prices import cost_usd
from coursewright.providers.scope import current_question, current_scope

log = structlog.get_logger()

_MOST_WAITING = 10_000
"""Entries that are kept in memory while they cannot be written."""
_PATIENCE = 2.0
"""Seconds that somebody waits who wants to read the ledger."""
_PAUSE = 1.0
"""Seconds until writing is tried again."""


class Entry(Value):
    """A row of `model_calls`."""

    user_id: UUID
    course_id: UUID | None
    piece_key: str | None
    service: str
    provider: str
    model: str
    key_fingerprint: str
    project: str | None
    prompt_version: str | None
    request_hash: str | None
    """The same question has the same one: what was answered once is not asked again."""
    tokens_in: int
    tokens_out: int
    tokens_cached: int
    cost_usd: Decimal
    latency_ms: int
    outcome: str
    status_code: int | None
    error: str | None


Write = Callable[[Sequence[Entry]], Awaitable[None]]


class Ledger:
    """Writes entries behind the calls' backs: no call waits for its entry, or fails with it."""

    def __init__(
        self, write: Write, *, owner: UUID, told: Callable[[Entry], None] | None = None
    ) -> None:
        """`owner` pays for calls that belong to no course; `told` hears of each entry at once."""
        self._write = write
        self._told = told
        self._owner = owner
        self._waiting: list[Entry] = []
        self._writing: asyncio.Task[None] | None = None

    def record(self, attempt: Attempt) -> None:
        """A `keys.attempts.Recorder`."""
        if len(self._waiting) >= _MOST_WAITING:
            log.error("the ledger cannot be written; an entry is lost", outcome=attempt.outcome)
            return
        entry = _entry(attempt, self._owner)
        self._waiting.append(entry)
        if self._told is not None:
            self._told(entry)
        if self._writing is None or self._writing.done():
            self._writing = asyncio.get_running_loop().create_task(self._flush())

    async def written(self) -> None:
        """Waits until what is recorded is written, but not long: it may be impossible now."""
        if self._writing is not None:
            await asyncio.wait({self._writing}, timeout=_PATIENCE)

    async def close(self) -> None:
        """Writes what is left, if that is possible now."""
        if self._writing is not None:
            self._writing.cancel()
            await asyncio.gather(self._writing, return_exceptions=True)
        if self._waiting:
            await self._flush(patient=False)

    async def _flush(self, *, patient: bool = True) -> None:
        while self._waiting:
            # For each user by itself: what was written is not written again because somebody else,
            # whose account may be gone, has entries that cannot be.
            failed = False
            for user_id in dict.fromkeys(each.user_id for each in self._waiting):
                batch = tuple(each for each in self._waiting if each.user_id == user_id)
                try:
                    await self._write(batch)
                except Exception as error:  # noqa: BLE001 - whatever it is, no call may fail with it
                    failed = True
                    log.warning(
                        "the ledger cannot be written", error=str(error), entries=len(batch)
                    )
                else:
                    written = set(map(id, batch))
                    self._waiting = [each for each in self._waiting if id(each) not in written]
            if failed:
                if not patient:
                    return
                await asyncio.sleep(_PAUSE)


def _entry(attempt: Attempt, owner: UUID) -> Entry:
    scope = current_scope()
    prompt, request_hash = current_question() or (None, None)
    return Entry(
        user_id=scope.user_id if scope else owner,
        course_id=scope.course_id if scope else None,
        piece_key=scope.piece_key if scope else None,
        service=attempt.service,
        provider=attempt.provider,
        model=attempt.model,
        key_fingerprint=attempt.fingerprint,
        project=attempt.project,
        prompt_version=prompt,
        request_hash=request_hash,
        tokens_in=attempt.tokens.prompt,
        tokens_out=attempt.tokens.answer,
        tokens_cached=attempt.tokens.cached,
        cost_usd=cost_usd(attempt.provider, attempt.model, attempt.tokens),
        latency_ms=round(attempt.seconds * 1000),
        outcome=attempt.outcome,
        status_code=attempt.status,
        error=attempt.error,
    )
