"""One process among several on the same limits: asks for its places, tells what becomes of them.

The process decides itself which call goes next and where; the shared log only confirms or denies.
A claim goes off at once, and takes with it all that there is to tell. While the log cannot be
reached, the process keeps to its share of each limit.
"""

import asyncio
import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from uuid import UUID

import structlog

from coursewright.keys.domain import Domain, DomainName, Reservation
from coursewright.keys.facts import Known, adopt, changes, heard, known, limit_of, told, untold
from coursewright.keys.registry import Registry
from coursewright.keys.scheduler import Assignment
from coursewright.keys.shared import (
    HEARTBEAT,
    Claim,
    DeadKey,
    GivenBack,
    Learned,
    Letter,
    News,
    Reply,
    SharedState,
    Spent,
    Verdict,
    understood,
    written,
)
from coursewright.keys.sharing import Sharing
from coursewright.keys.sliding_log import GUARD, WINDOW

_LINGER = 0.05
"""Seconds that news waits for a claim to go with. A slot's age is told, so that nothing is lost."""
_PATIENCE = 10.0
"""Seconds after which a letter without a reply counts as lost. A server that is gone says so at
once; one that is only busy still answers others, and whoever then decides alone is one too many."""
_FAREWELL = 2.0
"""Seconds for the last letter: a busy server is no reason not to end."""
_RETRY = 0.5
"""Seconds between letters while nobody answers."""
_RECHECK = 1.0
"""Seconds after which a claim is made again that waits for what others have not sent yet."""
_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@dataclass(eq=False)
class _Held:
    """A place of this process, as long as it counts."""

    taken: Reservation
    tokens: int
    told: bool = False
    """Whether the log knows its latest state."""
    again: bool = False
    """Whether the log may not know it at all."""


@dataclass(eq=False)
class _Outbox:
    """What the log has not been told yet."""

    claims: dict[UUID, Assignment] = field(default_factory=dict[UUID, Assignment])
    given_back: dict[UUID, DomainName] = field(default_factory=dict[UUID, DomainName])
    dead: dict[str, DeadKey] = field(default_factory=dict[str, DeadKey])


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
        """
        self._state = state
        self._registry = registry
        self._sharing = sharing
        self._clock = clock
        self._new_id = new_id
        self._granted = granted
        self._denied = denied
        self._changed = changed
        self._out = _Outbox()
        self._held: dict[UUID, _Held] = {}
        self._known: dict[DomainName, Known] = {}
        self._news: dict[DomainName, News] = {}
        self._dead_known = 0
        self._processes = 1
        self._joined_at: float | None = None
        self._answered_at = -math.inf
        self._gone = False
        self._told_of_outage = False
        self._wake = asyncio.Event()
        self._hurry = asyncio.Event()
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
        held = None if taken.claim is None else self._held.get(taken.claim)
        if held is not None:
            held.tokens = held.tokens if tokens is None else tokens
            held.told = False
            self._wake.set()

    def give_back(self, taken: Reservation) -> None:
        """The place was never used, or surely did not count. Harmless when repeated."""
        if taken.claim is not None and self._held.pop(taken.claim, None) is not None:
            self._out.given_back[taken.claim] = taken.domain.name
            self._wake.set()

    def dead(self, fingerprint: str, reason: str) -> None:
        """The provider refuses a key for good."""
        self._out.dead[fingerprint] = DeadKey(fingerprint=fingerprint, reason=reason)
        self._wake.set()

    def learned(self) -> None:
        """Something about a domain may have changed: what it was is seen when the letter is
        written.
        """
        self._wake.set()

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
                    last = replace(self._letter([], self._clock()), bye=True)
                    await self._state.exchange(written(last))
        await self._state.close()

    def _start(self) -> None:
        if not self._tasks:
            self._tasks = [
                asyncio.create_task(self._talk(), name="key pool: shared log"),
                asyncio.create_task(self._listen(), name="key pool: news of other processes"),
            ]

    async def _talk(self) -> None:
        while True:
            await self._something_to_say()
            asked = [] if self._told_of_outage else list(self._out.claims.values())
            for assignment in asked:
                del self._out.claims[_name(assignment.reservation)]
            if not await self._exchange(asked):
                await asyncio.sleep(_RETRY)
            elif self._told_of_outage:
                await self._come_back()

    async def _exchange(self, asked: list[Assignment]) -> bool:
        """One letter and its reply; whether there was one."""
        began = self._clock()
        letter = self._letter(asked, began)
        try:
            async with asyncio.timeout(_PATIENCE):
                reply = understood(letter, await self._state.exchange(written(letter)))
        except Exception as error:  # noqa: BLE001 - whatever it is, the calls must go on
            self._lose(asked, error)
            return False
        self._take_in(letter, began, asked, reply)
        return True

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
                    news = self._news.get(domain.name)
                    if number is None or (news is not None and news.number == number):
                        domain.release()
                self._changed()

    def _letter(self, asked: list[Assignment], now: float) -> Letter:
        learned = self._learned(now)
        spent = [
            _spent(name, held, now)
            for name, held in self._held.items()
            if not held.told or held.again
        ]
        claims = [_claim(each.reservation, each.call.tokens) for each in asked]
        given_back = [
            GivenBack(id=claim, domain=name) for claim, name in self._out.given_back.items()
        ]
        spoken_of = [each.domain for part in (learned, spent, claims, given_back) for each in part]
        unknown = [each.name for each in self._registry.all() if each.name not in self._news]
        versions = {
            name: self._news[name].version if name in self._news else -1
            for name in (*spoken_of, *unknown)
        }
        return Letter(
            domains=versions,
            claims=tuple(claims),
            spent=tuple(spent),
            given_back=tuple(given_back),
            learned=tuple(learned),
            dead=tuple(self._out.dead.values()),
            dead_known=self._dead_known,
        )

    def _learned(self, now: float) -> list[Learned]:
        found: list[Learned] = []
        for domain in self._registry.all():
            before = self._known.setdefault(domain.name, untold(domain))
            different = changes(before, known(domain), now)
            if different:
                found.append(Learned(domain=domain.name, changes=different))
        return found

    def _take_in(self, letter: Letter, began: float, asked: list[Assignment], reply: Reply) -> None:
        now = self._clock()
        self._gone = False
        self._answered_at = now
        self._joined_at = now if self._joined_at is None else self._joined_at
        self._processes = reply.processes
        self._dead_known = reply.dead_known
        self._forget(letter, began, now)
        for assignment, verdict in zip(asked, reply.verdicts, strict=True):
            if verdict.granted:
                self._keep(assignment, told=True)
            else:
                self._deny(assignment, verdict, now)
        self._adopt(reply.news, now)
        for key in reply.dead:
            self._registry.drop_fingerprint(key.fingerprint, key.reason)
        for assignment, verdict in zip(asked, reply.verdicts, strict=True):
            if verdict.granted:
                self._granted(assignment)
        self._changed()

    def _forget(self, letter: Letter, letter_at: float, now: float) -> None:
        """What the letter told need not be told again, and what has expired need not be kept."""
        for back in letter.given_back:
            self._out.given_back.pop(back.id, None)
        for dead in letter.dead:
            self._out.dead.pop(dead.fingerprint, None)
        for learned in letter.learned:
            before = self._known[learned.domain]
            self._known[learned.domain] = told(before, learned.changes, letter_at)
        for spent in letter.spent:
            held = self._held.get(spent.id)
            if held is not None:
                held.again = False
                same = held.tokens == spent.tokens
                held.told = same and (held.taken.sent_at is None) == (spent.sent_ago is None)
        for claim, held in list(self._held.items()):
            sent_at = held.taken.sent_at
            if sent_at is not None and held.told and now - sent_at > _keep(held.taken):
                del self._held[claim]

    def _adopt(self, news: Mapping[DomainName, News], now: float) -> None:
        for domain in list(self._registry.all()):
            found = news.get(domain.name)
            if found is None:
                continue
            self._news[domain.name] = found
            before = self._known.setdefault(domain.name, untold(domain))
            unsaid = changes(before, known(domain), now)
            adopt(domain, found, now, unsaid=unsaid, under_way=self._under_way(domain))
            standing = (found.facts or {}).get("standing")
            if isinstance(standing, str) and "standing" not in unsaid:
                self._sharing.heard(domain, type(domain.standing)(standing), now)
            self._known[domain.name] = heard(before, known(domain), unsaid)

    def _under_way(self, domain: Domain) -> int:
        """Places that are taken here and that the log has not heard of."""
        return sum(each.reservation.domain is domain for each in self._out.claims.values())

    def _keep(self, assignment: Assignment, *, told: bool) -> None:
        taken = assignment.reservation
        self._held[_name(taken)] = _Held(taken, assignment.call.tokens, told=told, again=not told)

    def _deny(self, assignment: Assignment, verdict: Verdict, now: float) -> None:
        seconds = _RECHECK if verdict.seconds is None else verdict.seconds
        assignment.reservation.domain.hold(now, now + seconds, tokens=verdict.tokens)
        self._denied(assignment)

    def _lose(self, asked: list[Assignment], error: Exception) -> None:
        """Nobody answered: from now on the process decides alone, within its share."""
        self._gone = True
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
        for held in self._held.values():
            held.again = True  # a server that crashed may have lost the last it was told
        waiting = [*asked, *self._out.claims.values()]
        self._out.claims.clear()
        for assignment in waiting:
            self._judge(assignment)

    def _judge(self, assignment: Assignment) -> None:
        """Grants a place without the log, where the share of this process holds it."""
        now = self._clock()
        until = self._alone_from(assignment.reservation, now)
        if until <= now:
            self._keep(assignment, told=False)
            self._granted(assignment)
            return
        taken = assignment.reservation
        # The log may have granted it, and its answer was lost.
        self._out.given_back[_name(taken)] = taken.domain.name
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
        if not has_been_heard or now < self._answered_at + _keep(taken):
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


def _name(taken: Reservation) -> UUID:
    if taken.claim is None:
        message = "a place is named before it is claimed"
        raise ValueError(message)
    return taken.claim


def _spent(claim: UUID, held: _Held, now: float) -> Spent:
    sent_at = held.taken.sent_at
    return Spent(
        id=claim,
        domain=held.taken.domain.name,
        tokens=held.tokens,
        sent_ago=None if sent_at is None else max(0.0, now - sent_at),
        keep=_keep(held.taken),
        again=held.again,
    )


def _claim(taken: Reservation, tokens: int) -> Claim:
    domain = taken.domain
    return Claim(
        id=_name(taken),
        domain=domain.name,
        tokens=tokens,
        keep=_keep(taken),
        rpm=limit_of(domain.requests),
        tpm=limit_of(domain.tokens),
        rpd=domain.day.limit,
    )


def _keep(taken: Reservation) -> float:
    log = taken.domain.requests or taken.domain.tokens
    return WINDOW + GUARD if log is None else log.window + log.guard
