"""Which call goes next, where, and when: pure, with the clock passed in.

The longest expected call goes first (LPT: Graham 1969), since a long one that starts last is what
everybody waits for at the end; waiting adds to a call's rank, so that none starves. A call goes to
its own pool; another pool's domain is lent only while its owner has no call waiting for it.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from coursewright.keys.domain import Domain, Reservation

AGEING = 0.5
"""Seconds of expected length that a second of waiting is worth."""


@dataclass(frozen=True, eq=False)
class Call:
    """A call that waits to be sent."""

    service: str
    expected: float
    """Seconds that it is thought to take."""
    tokens: int
    """Its prompt and what it may answer, as the provider counts them."""
    submitted_at: float


@dataclass(frozen=True, eq=False)
class Assignment:
    """A call that may be sent now."""

    call: Call
    reservation: Reservation


class Scheduler:
    """All calls that wait, and all domains that can take them."""

    def __init__(self, pools: Mapping[str, Sequence[Domain]], *, lend: Iterable[str] = ()) -> None:
        """`pools`: the domains of each service; `lend`: the services whose idle domains may help
        others.
        """
        self._pools = {service: tuple(domains) for service, domains in pools.items()}
        self._lend = tuple(service for service in lend if service in self._pools)
        self._waiting: list[Call] = []

    def __len__(self) -> int:
        return len(self._waiting)

    def submit(self, call: Call) -> None:
        """Queues a call. Raises `LookupError` for a service without any domain."""
        if not self._pools.get(call.service):
            message = f"no key serves {call.service}"
            raise LookupError(message)
        self._waiting.append(call)

    def withdraw(self, call: Call) -> bool:
        """Takes a call out of the queue; False when it is not in it (any more)."""
        before = len(self._waiting)
        self._waiting = [each for each in self._waiting if each is not call]
        return len(self._waiting) < before

    def take(self, now: float, *, day_ends: float = math.inf) -> Assignment | None:
        """The call that is to be sent at `now`, with its places; None when none can be."""
        for call in sorted(self._waiting, key=lambda each: self._rank(each, now)):
            domain = self._domain_for(call, now)
            if domain is not None:
                self.withdraw(call)
                taken = domain.reserve(now, call.tokens, day_ends=day_ends)
                return Assignment(call, taken)
        return None

    def next_time(self, now: float) -> float | None:
        """When it is worth while to call `take` again; None while that depends on what is under
        way, `math.inf` when no waiting call can ever be sent.
        """
        moments = [
            domain.earliest(now, call.tokens)
            for call in self._waiting
            for domain in self._candidates(call)
        ]
        known = [moment for moment in moments if moment is not None]
        return min(known) if known else None

    def _rank(self, call: Call, now: float) -> tuple[float, float]:
        return -(call.expected + AGEING * (now - call.submitted_at)), call.submitted_at

    def _domain_for(self, call: Call, now: float) -> Domain | None:
        """The domain with room now of which most is left, so that all wear evenly."""
        own = self._pools[call.service]
        for group in (own, self._lent_to(call)):
            open_ = [domain for domain in group if domain.earliest(now, call.tokens) == now]
            if open_:
                return max(open_, key=lambda domain: _room(domain, now))
        return None

    def _candidates(self, call: Call) -> Iterable[Domain]:
        return (*self._pools[call.service], *self._lent_to(call))

    def _lent_to(self, call: Call) -> list[Domain]:
        wanted = {each.service for each in self._waiting if each.service != call.service}
        own = set(map(id, self._pools[call.service]))
        return [
            domain
            for service in self._lend
            if service not in wanted
            for domain in self._pools[service]
            if id(domain) not in own
        ]


def _room(domain: Domain, now: float) -> float:
    free = math.inf if domain.requests is None else domain.requests.free(now)
    left = domain.day.left(now)
    return min(free, math.inf if left is None else left)
