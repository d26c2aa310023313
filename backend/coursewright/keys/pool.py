"""The queue in front of all keys: who wants to call waits here for a place, and only here.

One process has one of it. Whoever changes something looks whether a waiting call can go, and one
timer does so when the next place becomes free. Where several processes spend the same limits, a
place is confirmed by the log that they share before the call goes.
"""

import asyncio
import math
import random
from collections.abc import AsyncGenerator, Callable, Hashable, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import cast
from uuid import UUID, uuid4

from coursewright.keys.breaker import PAUSES, Breaker
from coursewright.keys.credentials import Credential
from coursewright.keys.day_budget import next_midnight
from coursewright.keys.domain import Domain, Reservation, Standing
from coursewright.keys.groq import Remaining
from coursewright.keys.learning import Next, learn, stated, went_well
from coursewright.keys.outlook import NOTHING, Outlook, outlook
from coursewright.keys.refusal import Metric, Reason, Refusal
from coursewright.keys.registry import Registry
from coursewright.keys.scheduler import Assignment, Call, Scheduler
from coursewright.keys.shared import NOBODY, Amount, SharedState, pool_name
from coursewright.keys.together import Together

_SOON = 0.001
"""Seconds added to a timer, since a loop's clock may fire a little early."""


class PoolError(Exception):
    """A call cannot be sent, ever or in time. `hint` says what to do about it."""

    lasting = True
    """Whether trying again soon is no cure."""

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


class NoKey(PoolError):
    """No key of the service can be used for the model."""


class CallTooLarge(PoolError):
    """The call alone is larger than what may be sent in a minute."""


class DeadlinePassed(PoolError):
    """There was no place in time."""

    lasting = False


Name = tuple[str, str, str]
"""Service, provider and model."""


class Pool:
    """Places for calls, within all limits."""

    def __init__(
        self,
        registry: Registry,
        *,
        clock: Callable[[], float] | None = None,
        today: Callable[[], datetime] = lambda: datetime.now(UTC),
        rng: random.Random | None = None,
        pauses: tuple[float, float] = PAUSES,
        shared: SharedState | None = None,
        new_id: Callable[[], UUID] = uuid4,
    ) -> None:
        """All of it has defaults.

        Args:
            registry: the keys and their domains.
            clock: seconds; by default that of the running event loop.
            today: the time of day, with a zone.
            rng: spreads the retries.
            pauses: the shortest and the longest pause for an overloaded model, in seconds.
            shared: the log of all processes that spend the same limits; None where this is the only
                one. With it, `close` the pool at the end.
            new_id: makes the names of places in that log.
        """
        self._registry = registry
        self._scheduler = Scheduler()
        self._clock = clock or (lambda: asyncio.get_running_loop().time())
        self._today = today
        self._rng = rng or random.Random()  # noqa: S311 - spreads retries, guards nothing
        self._pauses = pauses
        self._waiters: dict[Call, asyncio.Future[Assignment]] = {}
        self._breakers: dict[tuple[str, str], Breaker] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._due: asyncio.Handle | None = None
        self._together = (
            None
            if shared is None
            else Together(
                shared,
                registry,
                self._scheduler.sharing,
                clock=self._clock,
                new_id=new_id,
                granted=self._granted,
                denied=self._denied,
                changed=self._look_soon,
                waiting=self._waiting_by_pool,
            )
        )

    async def close(self) -> None:
        """Tells other processes what is left to tell. Calls that still wait are not answered."""
        for handle in (self._timer, self._due):
            if handle is not None:
                handle.cancel()
        if self._together:
            await self._together.close()

    @asynccontextmanager
    async def place(
        self,
        name: Name,
        *,
        tokens: int,
        expected: float,
        deadline: float | None = None,
        share: Hashable = None,
    ) -> AsyncGenerator[Reservation]:
        """A place for one attempt, as soon as there is one; free again if nothing is sent.

        Args:
            name: the service whose call it is, the provider and the model.
            tokens: what the provider will count, estimated; `settle` corrects it.
            expected: seconds that the answer is thought to take; the longest goes first.
            deadline: seconds on the pool's clock after which the caller does not want it any more.
            share: for whom it is; all who wait get their turn, whoever has how many calls.

        Raises:
            NoKey: no key is left that may call the model.
            CallTooLarge: no minute has room for it.
            DeadlinePassed: there was no place until `deadline`.
        """
        taken = await self._wait(name, tokens, expected, deadline, share)
        try:
            yield taken
        finally:
            self._give_back(taken)
            self._look_soon()

    def outlook(self, name: Name, *, tokens: int = 0) -> Outlook:
        """How soon a call of that size could be sent."""
        self._open(name)
        if not self._scheduler.domains(name):
            return NOTHING
        now = self._clock()
        domains = _counting(self._scheduler.within_reach(name, now))
        others = self._together.others if self._together else NOBODY
        return outlook(
            domains,
            self._scheduler.waiting(name),
            tokens,
            now,
            ahead=others.waiting.get(pool_name(*name), (0, 0)),
            spent=others.spent,
        )

    async def catch_up(self, names: Iterable[Name]) -> None:
        """Asks what other processes, or this one before it was started anew, have spent already.

        Worth while before `day_left` and `outlook`. Without a shared log there is nothing to ask.
        """
        for name in names:
            self._open(name)
        if self._together:
            await self._together.catch_up()

    @property
    def waiting(self) -> int:
        """Calls that wait for a place."""
        return len(self._scheduler)

    def day_left(self, provider: str, model: str) -> float:
        """Requests that today's limits leave for a model over all keys; `math.inf`: no limit."""
        for service in self._registry.services(provider):
            self._open((service, provider, model))
        now = self._clock()
        open_ = [each for each in self._registry.of_model(provider, model) if each.closed is None]
        lefts = [domain.day.left(now) for domain in _counting(open_)]
        return sum((math.inf if left is None else left for left in lefts), 0.0)

    def expect(self, name: Name, calls: int) -> None:
        """Says that a service is going to make calls: its room is then not lent to others."""
        self._open(name)
        self._scheduler.expect(name, calls)

    def sent(self, taken: Reservation) -> None:
        """The last byte of the attempt has left."""
        taken.domain.sent(taken, self._clock())
        self._scheduler.sharing.sent(taken, self._clock())
        if self._together:
            self._together.note(taken)
        self._look_soon()

    def settle(self, taken: Reservation, tokens: int) -> None:
        """What the attempt really took."""
        taken.domain.settle(taken, tokens)
        if self._together:
            self._together.note(taken, tokens)
        self._look_soon()

    def stated(self, taken: Reservation, remaining: tuple[Remaining, ...]) -> None:
        """The headers of an answer told limits, and what is left of them."""
        today = self._today()
        now = self._clock()
        midnight = now + (next_midnight(today) - today).total_seconds()
        stated(taken.domain, remaining, now, midnight=midnight)
        if self._together:
            for each in remaining:
                if each.metric is Metric.REQUESTS_A_DAY:
                    self._together.day_is_at(taken.domain, each.limit - each.remaining)

    def went_well(self, taken: Reservation) -> None:
        """The attempt was answered."""
        went_well(taken.domain, self._clock())
        self._scheduler.sharing.answered(taken, self._clock())
        self._breaker(taken.domain).went_well()

    def refused(
        self, taken: Reservation, credential: Credential, refusal: Refusal, attempts: int
    ) -> Next:
        """Learns from a refusal; says what becomes of the call that was sent `attempts` times."""
        now = self._clock()
        if refusal.reason is Reason.KEY:
            reason = "the provider refuses this key"
            self._registry.drop(credential, reason)
            taken.domain.forget(taken)
            if self._together:
                self._together.dead(credential.fingerprint, reason)
                self._together.give_back(taken)
        if refusal.reason in {Reason.MINUTE, Reason.RATE}:
            self._scheduler.sharing.refused(taken, now)
        else:
            self._scheduler.sharing.inconclusive(taken)
        today = self._today()
        midnight = now + (next_midnight(today) - today).total_seconds()
        then = learn(taken.domain, refusal, now, midnight=midnight)
        if then is Next.LATER:
            then = self._overloaded(taken.domain, attempts, now, refusal.retry_after)
        if self._together:
            if refusal.reason is Reason.DAY:
                self._together.day_is_at(taken.domain, taken.domain.day.used)
            self._together.learned()
        self._look_soon()
        return then

    def lost(self, taken: Reservation, attempts: int) -> Next:
        """The attempt ended without an answer: a broken connection, or too long a silence."""
        self._scheduler.sharing.inconclusive(taken)
        then = self._overloaded(taken.domain, attempts, self._clock(), None)
        if self._together:
            self._together.learned()
        self._look_soon()
        return then

    def pause(self, taken: Reservation, attempts: int) -> float:
        """Seconds until a call that was lost to an overloaded provider is tried again."""
        return self._breaker(taken.domain).pause(attempts)

    def _overloaded(
        self, domain: Domain, attempts: int, now: float, retry_after: float | None
    ) -> Next:
        breaker = self._breaker(domain)
        breaker.failed(now, retry_after)
        if now < breaker.open_until:
            for each in self._registry.of_model(domain.name.provider, domain.name.model):
                each.block(breaker.open_until)
        return Next.LATER if breaker.may_retry(attempts) else Next.NEVER

    def _breaker(self, domain: Domain) -> Breaker:
        model = (domain.name.provider, domain.name.model)
        return self._breakers.setdefault(model, Breaker(self._rng, self._pauses))

    async def _wait(
        self, name: Name, tokens: int, expected: float, deadline: float | None, share: Hashable
    ) -> Reservation:
        self._open(name)
        call = Call(name, expected, tokens, self._clock(), share)
        if not self._scheduler.domains(name):
            raise _no_key(name, "there is none")
        waiter: asyncio.Future[Assignment] = asyncio.get_running_loop().create_future()
        self._waiters[call] = waiter
        self._scheduler.submit(call)
        self._scheduler.expect(name, -1)
        self._look_soon()
        try:
            async with asyncio.timeout(None if deadline is None else deadline - self._clock()):
                return (await waiter).reservation
        except TimeoutError:
            self._forget(call, waiter)
            raise DeadlinePassed(
                f"the keys for {name[0]} had no room for a call in time",
                hint="`coursewright keys` shows what is spent, and when there is room again.",
            ) from None
        except BaseException:
            self._forget(call, waiter)
            raise

    def _forget(self, call: Call, waiter: asyncio.Future[Assignment]) -> None:
        """Nobody waits for the call any more; a place that it was just given is free again."""
        self._waiters.pop(call, None)
        self._scheduler.withdraw(call)
        if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
            self._give_back(waiter.result().reservation)
        self._look_soon()

    def _give_back(self, taken: Reservation) -> None:
        taken.domain.give_back(taken)
        self._scheduler.sharing.given_back(taken)
        if self._together and taken.sent_at is None:
            self._together.give_back(taken)

    def _granted(self, assignment: Assignment) -> None:
        """The place is the call's."""
        waiter = self._waiters.pop(assignment.call, None)
        if waiter is None or waiter.done():  # its task was cancelled, and may not have run since
            self._give_back(assignment.reservation)
        else:
            waiter.set_result(assignment)

    def _denied(self, assignment: Assignment) -> None:
        """Other processes were quicker: the call goes back to where it was in the queue."""
        self._give_back(assignment.reservation)
        waiter = self._waiters.get(assignment.call)
        if waiter is not None and not waiter.done():
            self._scheduler.submit(assignment.call)
        self._look_soon()

    def _waiting_by_pool(self) -> dict[str, Amount]:
        found: dict[str, Amount] = {}
        for call in self._waiters:
            service, provider, model = cast("Name", call.service)
            pool = pool_name(service, provider, model)
            calls, tokens = found.get(pool, (0, 0))
            found[pool] = (calls + 1, tokens + call.tokens)
        return found

    def _open(self, name: Name) -> None:
        """Opens the pools of all services for a model, since their idle domains may help."""
        if name in self._scheduler:
            return
        _, provider, model = name
        for service in {name[0], *self._registry.services(provider)}:
            domains = self._registry.pool(service, provider, model)
            self._scheduler.open_pool((service, provider, model), domains, lend=True)

    def _look_soon(self) -> None:
        """Looks once in this turn of the loop, however much has changed."""
        if self._due is None:
            self._due = asyncio.get_running_loop().call_soon(self._look)

    def _look(self) -> None:
        """Gives every call that can go its place, and comes back when the next one can."""
        self._due = None
        now = self._clock()
        if not self._waiters:
            return
        today = self._today()
        day_ends = now + (next_midnight(today) - today).total_seconds()
        while assignment := self._scheduler.take(now, day_ends=day_ends):
            if self._together:
                self._together.ask(assignment)
            else:
                self._granted(assignment)
        for call in self._scheduler.impossible(now):
            self._refuse(call)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        moment = self._scheduler.next_time(now) if len(self._scheduler) else None
        if moment is not None and moment < math.inf:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(max(0.0, moment - now) + _SOON, self._look)

    def _refuse(self, call: Call) -> None:
        """No domain can ever take the call: the caller hears why."""
        self._scheduler.withdraw(call)
        waiter = self._waiters.pop(call)
        name: Name = call.service  # pyright: ignore[reportAssignmentType] - every call here has one
        reasons = {domain.closed for domain in self._scheduler.domains(name) if domain.closed}
        if reasons and all(domain.closed for domain in self._scheduler.domains(name)):
            error: PoolError = _no_key(name, "; ".join(sorted(reasons)))
        else:
            error = CallTooLarge(
                f"a call of about {call.tokens} tokens is larger than a minute of {name[2]} allows",
                hint="Give shorter sources, or use a model or a paid tier with a larger limit.",
            )
        if not waiter.done():
            waiter.set_exception(error)


def _no_key(name: Name, reason: str) -> NoKey:
    service, provider, model = name
    return NoKey(
        f"no key for {service} can call {model} at {provider}: {reason}",
        hint="`coursewright keys` shows every key and what is wrong with it.",
    )


def _counting(domains: list[Domain]) -> list[Domain]:
    """Without those that spend the limits of another one, unless there are no others left."""
    return [each for each in domains if each.standing is not Standing.SHARED] or domains
