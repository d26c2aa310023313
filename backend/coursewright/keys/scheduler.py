"""Which call goes next, where, and when: pure, with the clock passed in.

The longest expected call goes first (LPT: Graham 1969), since a long one that starts last is what
everybody waits for at the end; waiting adds to a call's rank, so that none starves. A call goes to
its own pool; another pool's domain is lent only while its owner has no call waiting for it and
expects fewer than there is room for.

Where the calls of several shares wait (of several users, say), one of each is sent in turn, whoever
has how many: start-time fair queueing (Goyal, Vin and Cheng 1996), each call counting as one.
"""

import math
from bisect import insort
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from coursewright.keys.domain import Domain, Reservation, Standing
from coursewright.keys.sharing import Sharing

AGEING = 0.5
"""Seconds of expected length that a second of waiting is worth."""
OVERTAKEN = 10.0
"""Seconds after which a call is no longer overtaken by smaller ones: its domain is kept for it."""


@dataclass(frozen=True, eq=False)
class Call:
    """A call that waits to be sent."""

    service: Hashable
    """Whose pool it belongs to."""
    expected: float
    """Seconds that it is thought to take."""
    tokens: int
    """Its prompt and what it may answer, as the provider counts them."""
    submitted_at: float
    share: Hashable = None
    """For whom it is; all shares get the same."""

    @property
    def rank(self) -> tuple[float, float]:
        """The lowest goes first. All calls age alike, so their order never changes."""
        return AGEING * self.submitted_at - self.expected, self.submitted_at


@dataclass(frozen=True, eq=False)
class Assignment:
    """A call that may be sent now."""

    call: Call
    reservation: Reservation


class Scheduler:
    """All calls that wait, and all domains that can take them."""

    def __init__(
        self,
        pools: Mapping[Hashable, Sequence[Domain]] | None = None,
        *,
        lend: Iterable[Hashable] = (),
    ) -> None:
        """`pools`: the domains of each service; `lend`: the services whose idle domains may help
        others.
        """
        self._pools = {service: tuple(domains) for service, domains in (pools or {}).items()}
        self._lend = {service for service in lend if service in self._pools}
        self._waiting: list[Call] = []
        """By rank."""
        self._served: dict[Hashable, int] = {}
        """The calls that were sent for each share of which some wait; who joins begins with the
        least of them."""
        self._shares: Counter[Hashable] = Counter()
        """How many wait, by share."""
        self._wanted: Counter[Hashable] = Counter()
        self._forecast: dict[Hashable, int] = {}
        self._kept_until: list[float] = []
        """When domains have room for those calls for which `take` last kept them."""
        self.sharing = Sharing()
        """What is known of keys whose projects nobody named."""

    def __len__(self) -> int:
        return len(self._waiting)

    def __contains__(self, service: Hashable) -> bool:
        return service in self._pools

    def open_pool(self, service: Hashable, domains: Sequence[Domain], *, lend: bool) -> None:
        """Gives a service its domains; those it had are replaced."""
        self._pools[service] = tuple(domains)
        (self._lend.add if lend else self._lend.discard)(service)

    def domains(self, service: Hashable) -> tuple[Domain, ...]:
        """A service's own domains; empty where there is none."""
        return self._pools.get(service, ())

    def expect(self, service: Hashable, calls: int) -> None:
        """Says how many calls a service is going to submit soon: room for them is not lent."""
        self._forecast[service] = max(0, self._forecast.get(service, 0) + calls)

    def submit(self, call: Call) -> None:
        """Queues a call. Raises `LookupError` for a service without any domain."""
        if not self._pools.get(call.service):
            message = f"no key serves {call.service}"
            raise LookupError(message)
        insort(self._waiting, call, key=lambda each: each.rank)
        self._served.setdefault(call.share, min(self._served.values(), default=0))
        self._shares[call.share] += 1
        self._wanted[call.service] += 1

    def waiting(self, service: Hashable) -> list[Call]:
        """The calls of a service that wait, the next one first."""
        return [call for call in self._waiting if call.service == service]

    def within_reach(self, service: Hashable, now: float) -> list[Domain]:
        """A service's own domains, and those that others would lend it at this moment."""
        own = self.domains(service)
        lent = dict.fromkeys(self._lent(service, now)) if own else {}
        return [*own, *lent]

    def withdraw(self, call: Call) -> bool:
        """Takes a call out of the queue; False when it is not in it (any more)."""
        if call not in self._waiting:
            return False
        self._waiting.remove(call)
        self._shares[call.share] -= 1
        if not self._shares[call.share]:
            del self._shares[call.share], self._served[call.share]
        self._wanted[call.service] -= 1
        return True

    def take(self, now: float, *, day_ends: float = math.inf) -> Assignment | None:
        """The call that is to be sent at `now`, with its places; None when none can be."""
        hopeless: dict[Hashable, int] = {}  # what needs that many tokens or more finds no place
        kept: set[int] = set()
        self._kept_until = []
        for call in self._in_turn():
            if call.tokens >= hopeless.get(call.service, call.tokens + 1):
                continue
            domain = self._domain_for(call, call.tokens, now, kept)
            if domain is not None:
                self._served[call.share] += 1
                self.withdraw(call)
                taken = domain.reserve(now, call.tokens, day_ends=day_ends)
                self.sharing.taken(taken, now)
                return Assignment(call, taken)
            anything = self._domain_for(call, 0, now, kept)
            hopeless[call.service] = 0 if anything is None else call.tokens
            if now - call.submitted_at > OVERTAKEN:
                self._keep(call, now, kept)
            if all(hopeless.get(each) == 0 for each, count in self._wanted.items() if count):
                break
        return None

    def _in_turn(self) -> list[Call]:
        """By rank; of several shares the one that was served least comes first."""
        if len(self._served) < 2:  # noqa: PLR2004 - one is served alone
            return self._waiting
        ahead = Counter[Hashable]()
        turns: list[int] = []
        for call in self._waiting:
            turns.append(self._served[call.share] + ahead[call.share])
            ahead[call.share] += 1
        # Sorting keeps the order by rank within a turn.
        places = sorted(range(len(turns)), key=turns.__getitem__)
        return [self._waiting[place] for place in places]

    def next_time(self, now: float) -> float | None:
        """When it is worth while to call `take` again, once it has given None at `now`.

        None while that depends on what is under way, `math.inf` when no waiting call can ever be
        sent.
        """
        smallest: dict[Hashable, Call] = {}
        for call in self._waiting:
            if call.tokens < smallest.setdefault(call.service, call).tokens:
                smallest[call.service] = call
        moments = [
            domain.earliest(now, call.tokens)
            for call in smallest.values()
            for domain in (
                *self._pools[call.service],
                *(each for _, domains in self._idle(call.service) for each in domains),
            )
        ]
        moments.append(self.sharing.next_time(now))
        # Room that there is now is kept for a call that was overtaken for long: it is looked at
        # when that call can go.
        moments += self._kept_until
        known = [moment for moment in moments if moment is not None and moment > now]
        return min(known) if known else None

    def impossible(self, now: float) -> list[Call]:
        """The waiting calls that no domain of theirs can ever take."""
        largest: dict[Hashable, int] = {}
        for call in self._waiting:
            largest[call.service] = max(call.tokens, largest.get(call.service, 0))
        suspects = {service for service, most in largest.items() if self._never(service, most, now)}
        return [
            call
            for call in self._waiting
            if call.service in suspects and self._never(call.service, call.tokens, now)
        ]

    def _never(self, service: Hashable, tokens: int, now: float) -> bool:
        return all(domain.earliest(now, tokens) == math.inf for domain in self._pools[service])

    def _domain_for(self, call: Call, tokens: int, now: float, kept: set[int]) -> Domain | None:
        """The domain with room now of which most is left, so that all wear evenly."""
        for group in (self._pools[call.service], self._lent(call.service, now)):
            open_ = [
                domain
                for domain in group
                if id(domain) not in kept
                and domain.earliest(now, tokens) == now
                and self.sharing.allows(domain, now)
            ]
            if open_:
                return max(open_, key=lambda domain: (_is_known(domain), _room(domain, now)))
        return None

    def _keep(self, call: Call, now: float, kept: set[int]) -> None:
        """Keeps the one of its domains that will have room for it first."""
        moments = [
            (moment, id(domain))
            for domain in self._pools[call.service]
            if self.sharing.allows(domain, now)
            and (moment := domain.earliest(now, call.tokens)) is not None
            and moment < math.inf
        ]
        if moments:
            moment, domain = min(moments)
            kept.add(domain)
            self._kept_until.append(moment)

    def _lent(self, borrower: Hashable, now: float) -> list[Domain]:
        return [
            domain
            for service, domains in self._idle(borrower)
            if sum(_room(each, now) for each in self._pools[service])
            > self._forecast.get(service, 0)
            for domain in domains
        ]

    def _idle(self, borrower: Hashable) -> list[tuple[Hashable, list[Domain]]]:
        """What others could lend, were there room: by service, for the same models."""
        own = set(map(id, self._pools[borrower]))
        # A key is of use for its own provider only, and a limit for its own model.
        models = {(each.name.provider, each.name.model) for each in self._pools[borrower]}
        idle: list[tuple[Hashable, list[Domain]]] = []
        for service in self._lend - {borrower}:
            if self._wanted[service]:
                continue
            domains = [
                domain
                for domain in self._pools[service]
                if id(domain) not in own and (domain.name.provider, domain.name.model) in models
            ]
            if domains:
                idle.append((service, domains))
        return idle


def _is_known(domain: Domain) -> bool:
    return domain.standing in {Standing.NAMED, Standing.TRUSTED}


def _room(domain: Domain, now: float) -> float:
    free = math.inf if domain.requests is None else domain.requests.free(now)
    left = domain.day.left(now)
    return min(free, math.inf if left is None else left)
