"""How soon a call could be sent, without queueing it: for whoever may choose another model, or put
several questions into one call.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from coursewright.keys.domain import Domain, DomainName
from coursewright.keys.scheduler import Call
from coursewright.keys.shared import Amount
from coursewright.keys.sliding_log import UNLIMITED, WINDOW, SlidingLog


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """What a service can expect of its domains for one model, own ones and lent ones."""

    room: float
    """Calls that could be sent at this moment, beside those that wait already."""
    wait: float
    """Seconds until one more call is sent, estimated; `math.inf` where none ever is."""
    day_left: float
    """Requests that the day still allows; `math.inf` where no limit is known."""


_PARTS = 6
"""In which what others have spent becomes free within a minute."""

NOTHING = Outlook(room=0, wait=math.inf, day_left=0)


def outlook(
    domains: Sequence[Domain],
    waiting: Sequence[Call],
    tokens: int,
    now: float,
    *,
    ahead: Amount = (0, 0),
    spent: Mapping[DomainName, Amount] = MappingProxyType({}),
) -> Outlook:
    """Looks at `domains` on behalf of a call of `tokens` tokens that would queue behind `waiting`,
    and behind what waits in other processes (`ahead`), which have `spent` of the same minutes.

    The wait ends when as many places have become free as the queue needs, and when one domain has
    room for all the tokens of the call: an estimate, since other services may take them, and calls
    that are not sent yet are taken to be sent now.
    """
    alive = [each for each in domains if each.closed is None and _holds(each, tokens)]
    usable = [each for each in alive if _opens(each, now) <= now]
    day_left = sum(_known(each.day.left(now)) for each in alive)
    if not usable:
        moments = [_opens(each, now) - now for each in alive]
        return Outlook(room=0, wait=min(moments, default=math.inf), day_left=day_left)
    used = [spent.get(each.name, (0, 0)) for each in usable]
    requests = [
        _Minute(each.requests, calls) for each, (calls, _) in zip(usable, used, strict=True)
    ]
    minutes = [_Minute(each.tokens, amount) for each, (_, amount) in zip(usable, used, strict=True)]
    calls = len(waiting) + ahead[0]
    queued = sum(call.tokens for call in waiting) + ahead[1]
    room = max(0.0, min(sum(each.free(now) for each in requests), day_left) - calls)
    wait = max(
        _wait(requests, calls + 1, now),
        _wait(minutes, queued + tokens, now),
        min(_wait([each], tokens, now) for each in minutes),
    )
    return Outlook(room=room if wait == 0 else 0, wait=wait, day_left=day_left)


@dataclass(frozen=True)
class _Minute:
    """One limit, what this process has spent of it, and what others have."""

    log: SlidingLog | None
    by_others: int

    def free(self, now: float) -> float:
        log = self.log
        if log is None or log.limit >= UNLIMITED:
            return math.inf
        return max(0, log.free(now) - self.by_others)

    def expiries(self, now: float) -> list[tuple[float, float]]:
        """When it is free again. Of others only the sum is known: it is taken to be spread."""
        if self.log is None:
            return []
        theirs = [
            (now + WINDOW * part / _PARTS, self.by_others / _PARTS)
            for part in range(1, _PARTS + 1)
            if self.by_others
        ]
        return [*self.log.expiries(now), *theirs]


def _wait(minutes: Sequence[_Minute], amount: int, now: float) -> float:
    free = sum(each.free(now) for each in minutes)
    if amount <= free:
        return 0.0
    limits = sum(each.log.limit for each in minutes if each.log is not None)
    if not limits:
        return math.inf
    # What is free now is taken now; each place is free again a minute after it was taken.
    whole, missing = divmod(amount - 1, limits)
    missing -= int(free)
    moment = now
    for expires, freed in sorted(pair for each in minutes for pair in each.expiries(now)):
        if missing < 0:
            break
        moment = expires
        missing -= freed
    return whole * WINDOW + moment - now


def _holds(domain: Domain, tokens: int) -> bool:
    return domain.tokens is None or tokens <= domain.tokens.limit


def _known(left: int | None) -> float:
    return math.inf if left is None else left


def _opens(domain: Domain, now: float) -> float:
    day = domain.day.resets_at if domain.day.left(now) == 0 else now
    return max(domain.blocked_until, domain.held_until, day)
