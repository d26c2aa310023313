"""How soon a call could be sent, without queueing it: for whoever may choose another model, or put
several questions into one call.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from coursewright.keys.domain import Domain
from coursewright.keys.scheduler import Call
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


NOTHING = Outlook(room=0, wait=math.inf, day_left=0)


def outlook(domains: Sequence[Domain], waiting: Sequence[Call], tokens: int, now: float) -> Outlook:
    """Looks at `domains` on behalf of a call of `tokens` tokens that would queue behind `waiting`.

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
    free = sum(_free(each.requests, now) for each in usable)
    room = max(0.0, min(free, day_left) - len(waiting))
    wait = max(
        _wait([each.requests for each in usable], len(waiting) + 1, now),
        _wait([each.tokens for each in usable], sum(call.tokens for call in waiting) + tokens, now),
        min(_wait([each.tokens], tokens, now) for each in usable),
    )
    return Outlook(room=room if wait == 0 else 0, wait=wait, day_left=day_left)


def _wait(logs: Sequence[SlidingLog | None], amount: int, now: float) -> float:
    free = sum(_free(log, now) for log in logs)
    if amount <= free:
        return 0.0
    known = [log for log in logs if log is not None]
    limits = sum(log.limit for log in known)
    if not limits:
        return math.inf
    # What is free now is taken now; each place is free again a minute after it was taken.
    minutes, missing = divmod(amount - 1, limits)
    missing -= int(free)
    moment = now
    for expires, freed in sorted(pair for log in known for pair in log.expiries(now)):
        if missing < 0:
            break
        moment = expires
        missing -= freed
    return minutes * WINDOW + moment - now


def _free(log: SlidingLog | None, now: float) -> float:
    return math.inf if log is None or log.limit >= UNLIMITED else log.free(now)


def _holds(domain: Domain, tokens: int) -> bool:
    return domain.tokens is None or tokens <= domain.tokens.limit


def _known(left: int | None) -> float:
    return math.inf if left is None else left


def _opens(domain: Domain, now: float) -> float:
    day = domain.day.resets_at if domain.day.left(now) == 0 else now
    return max(domain.blocked_until, domain.held_until, day)
