"""One process among several on the same limits: asks for its places, tells what becomes of them.

The process decides itself which call goes next and where; the shared log only confirms or denies.
A claim goes off at once, and takes with it all that there is to tell. While the log cannot be
reached, the process keeps to its share of each limit.
"""

import asyncio
import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from uuid import UUID

import structlog

from coursewright.keys.domain import Domain, Reservation
from coursewright.keys.outbox import Outbox, name_of, seconds_kept
from coursewright.keys.registry import Registry
from coursewright.keys.scheduler import Assignment
from coursewright.keys.shared import (
    HEARTBEAT,
    NOBODY,
    Amount,
    Letter,
    Others,
    Reply,
    SharedState,
    Verdict,
    understood,
    written,
)
from coursewright.keys.sharing import Sharing

_LINGER = 0.05
"""Seconds that news waits for a claim to go with. A slot's age is told, so that nothing is lost."""
_PATIENCE = 10.0
"""Seconds after which a letter without a reply counts as lost. A server that is gone says so at
once; one that is only busy still answers others, and whoever then decides alone is one too many."""
_FAREWELL = 2.0
"""Seconds for the last letter: a busy server is no reason not to end."""
_RETRY = 0.5
"""Seconds between letters while nobody answers."""
_STEP = 0.05
"""Seconds between the moments at which places are claimed that others had before: those that become
free one after another are claimed by one letter."""
_CURIOUS = 1.0
"""Seconds between questions what others do, and at least as many..."""
_FOR_EACH = 0.05
"""... for each process: the answer is a sum over all of them."""
_RECHECK = 1.0
"""Seconds after which a claim is made again that waits for what others have not sent yet."""
_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class Together:
    """Between the queue of one process and the log of all."""

    def __init__(
        self,
        state: SharedState,
        registry: Registry,
        sharing: Sharing,
        *,
        clock: Callable[[], float],
        new_id: Callable[[], UUID],
        granted: Callable[[Assignment], None],
        denied: Callable[[Assignment], None],
        changed: Callable[[], None],
        waiting: Callable[[], Mapping[str, Amount]] = dict[str, Amount],
    ) -> None:
        """Begins with the first claim.

        Args:
            state: the log.
            registry: the domains of this process.
            sharing: what is known of keys whose projects nobody named.
            clock: seconds, as the pool's.
            new_id: makes the names of places; none may come twice in the whole log.
            granted: told that a call has its place.
            denied: told that it has not, and that its domain is held for as long as is known.
            changed: told that a waiting call may have a chance now.
            waiting: gives what waits here, by pool.
        """
        self._state = state
        self._registry = registry
        self._clock = clock
        self._new_id = new_id
        self._granted = granted
        self._denied = denied
        self._changed = changed
        self._waiting = waiting
        self.others: Others = NOBODY
        """What other processes take of the limits, as far as is known."""
        self._others_at = -math.inf
        self._out = Outbox(registry, sharing)
        self._processes = 1
        self._joined_at: float | None = None
        self._answered_at = -math.inf
        self._gone = False
        self._told_of_outage = False
        self._wake = asyncio.Event()
        self._phase = new_id().int % 997 / 997 * _STEP  # each process has moments of its own
        self._hurry = asyncio.Event()
        self._answer = asyncio.Event()
        self._curious = False
        self._tasks: list[asyncio.Task[None]] = []

    def ask(self, assignment: Assignment) -> None:
        """Claims the place of a call; `granted` or `denied` is called later."""
        taken = assignment.reservation
        taken.claim = self._new_id()
        self._start()
        if self._gone:
            self._judge(assignment)
            return
        self._out.claims[taken.claim] = assignment
        self._hurry.set()
        self._wake.set()

    def note(self, taken: Reservation, tokens: int | None = None) -> None:
        """The place was sent, or what it took is known now."""
        if self._out.note(taken, tokens):
            self._wake.set()

    def give_back(self, taken: Reservation) -> None:
        """The place was never used, or surely did not count. Harmless when repeated."""
        if taken.claim is not None and self._out.give_back(taken):
            self._wake.set()

    def dead(self, fingerprint: str, reason: str) -> None:
        """The provider refuses a key for good."""
        self._out.bury(fingerprint, reason)
        self._wake.set()

    def day_is_at(self, domain: Domain, used: int) -> None:
        """The provider says how many requests of the day are spent, by whomever."""
        if self._out.day_is_at(domain, used):
            self._wake.set()

    def learned(self) -> None:
        """Something about a domain may have changed: what it was is seen when the letter is
        written.
        """
        self._wake.set()

    async def catch_up(self) -> None:
        """Asks how all domains stand, and waits for the answer; in an outage there is none."""
        self._start()
        self._answer.clear()
        self._curious = True
        self._hurry.set()
        self._wake.set()
        await self._answer.wait()

    async def close(self) -> None:
        """Tells what is left to tell, once, and ends."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task
        if tasks and not self._gone:
            with suppress(self._state.gone, TimeoutError):
                async with asyncio.timeout(_FAREWELL):
                    last = self._out.letter([], self._clock(), bye=True)
                    await self._state.exchange(written(last))
        await self._state.close()

    def _start(self) -> None:
        if not self._tasks:
            self._tasks = [
                asyncio.create_task(self._talk(), name="key pool: shared log"),
                asyncio.create_task(self._listen(), name="key pool: news of other processes"),
            ]
            for task in self._tasks:
                task.add_done_callback(_report)

    async def _talk(self) -> None:
        while True:
            await self._something_to_say()
            asked = [] if self._told_of_outage else list(self._out.claims.values())
            for assignment in asked:
                del self._out.claims[name_of(assignment.reservation)]
            if not await self._exchange(asked):
                await asyncio.sleep(_RETRY)
            elif self._told_of_outage:
                await self._come_back()

    async def _exchange(self, asked: list[Assignment]) -> bool:
        """One letter and its reply; whether there was one."""
        began = self._clock()
        curious, self._curious = self._curious, False
        letter = self._out.letter(asked, began, curious=curious)
        if began >= self._others_at + max(_CURIOUS, _FOR_EACH * self._processes):
            letter = replace(letter, waiting=self._waiting())
        try:
            async with asyncio.timeout(_PATIENCE):
                reply = understood(letter, await self._state.exchange(written(letter)))
        except Exception as error:  # noqa: BLE001 - whatever it is, the calls must go on
            self._lose(asked, error)
            return False
        else:
            self._take_in(letter, began, asked, reply)
            return True
        finally:
            if not self._curious:  # who asked meanwhile waits for the next letter
                self._answer.set()

    async def _something_to_say(self) -> None:
        if self._gone:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(HEARTBEAT):
                await self._wake.wait()
        self._wake.clear()
        if not self._out.claims:
            with suppress(TimeoutError):
                async with asyncio.timeout(_LINGER):
                    await self._hurry.wait()
        self._hurry.clear()
        self._wake.clear()

    async def _listen(self) -> None:
        async with self._state.changes() as numbers:
            async for number in numbers:
                if not number:
                    self._wake.set()  # how many are we now?
                for domain in self._registry.all():
                    if number is None or self._out.number_of(domain) == number:
                        domain.release()
                self._changed()

    def _take_in(self, letter: Letter, began: float, asked: list[Assignment], reply: Reply) -> None:
        now = self._clock()
        self._gone = False
        self._answered_at = now
        self._joined_at = now if self._joined_at is None else self._joined_at
        self._processes = reply.processes
        if reply.others is not None:
            self.others, self._others_at = reply.others, now
        self._out.answered(letter, began, reply, now)
        for assignment, verdict in zip(asked, reply.verdicts, strict=True):
            if verdict.granted:
                self._out.keep(assignment, told=True)
            else:
                self._deny(assignment, verdict, now)
        self._out.adopt(reply.news, now)
        for key in reply.dead:
            self._registry.drop_fingerprint(key.fingerprint, key.reason)
        for assignment, verdict in zip(asked, reply.verdicts, strict=True):
            if verdict.granted:
                self._granted(assignment)
        self._changed()

    def _deny(self, assignment: Assignment, verdict: Verdict, now: float) -> None:
        seconds = _RECHECK if verdict.seconds is None else verdict.seconds
        steps = math.ceil((now + seconds - self._phase) / _STEP)
        until = max(now + seconds, self._phase + steps * _STEP)
        assignment.reservation.domain.hold(now, until, tokens=verdict.tokens)
        self._denied(assignment)

    def _lose(self, asked: list[Assignment], error: Exception) -> None:
        """Nobody answered: from now on the process decides alone, within its share."""
        self._gone = True
        self.others = NOBODY
        if not self._told_of_outage:
            self._told_of_outage = True
            foreseen = isinstance(error, self._state.gone | TimeoutError)
            _log.warning(
                "shared_quota_gone",
                reason=str(error) or "no answer in time",
                processes=self._processes,
                share=f"1/{self._processes} of each limit",
                exc_info=None if foreseen else error,
            )
        self._out.lost()
        self._out.distrust()
        waiting = [*asked, *self._out.claims.values()]
        self._out.claims.clear()
        for assignment in waiting:
            self._judge(assignment)

    def _judge(self, assignment: Assignment) -> None:
        """Grants a place without the log, where the share of this process holds it."""
        now = self._clock()
        until = self._alone_from(assignment.reservation, now)
        if until <= now:
            self._out.keep(assignment, told=False)
            self._granted(assignment)
            return
        taken = assignment.reservation
        # The log may have granted it, and its answer was lost.
        self._out.give_back(taken, unsure=True)
        taken.domain.hold(now, until, tokens=assignment.call.tokens)
        self._denied(assignment)

    def _alone_from(self, taken: Reservation, now: float) -> float:
        """When the place is within the share.

        At first others may have spent all of the minute. And who has only just joined keeps out:
        others may not know of it yet, and keep to larger shares.
        """
        if self._joined_at is None:
            return now + _RECHECK
        if self._processes == 1:
            return now
        has_been_heard = self._answered_at > self._joined_at + 2 * HEARTBEAT
        if not has_been_heard or now < self._answered_at + seconds_kept(taken):
            return now + _RECHECK
        for log, least in ((taken.domain.requests, 1), (taken.domain.tokens, 0)):
            if log is not None and log.used(now) > max(least, log.limit // self._processes):
                return now + _RECHECK
        return now

    async def _come_back(self) -> None:
        """Lets all others tell first what they have spent meanwhile, before anything is claimed.

        What was granted here while the first letter was under way is told at once, too.
        """
        if await self._exchange([]):
            self._told_of_outage = False
            _log.info("shared_quota_is_back", processes=self._processes)
            await asyncio.sleep(2 * _RETRY)


def _report(task: asyncio.Task[None]) -> None:
    """Says at once what has ended a task that was to go on for ever."""
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.error("shared_quota_broken", task=task.get_name(), exc_info=error)
