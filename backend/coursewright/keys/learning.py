"""What answers teach about a quota domain: the errors table of the key pools, without any I/O."""

import math
from enum import StrEnum

from coursewright.keys.domain import Domain
from coursewright.keys.groq import Remaining
from coursewright.keys.refusal import Metric, Reason, Refusal
from coursewright.keys.sliding_log import GUARD, UNLIMITED, WINDOW, SlidingLog

_SHRINK = 0.7
"""What is left of a limit that turned out to be too high, when nobody says what it is."""
_DOUBT = 8
"""Minutes after the second refusal for a day in a row; eight times as many after the next one."""
_LONGEST_PAUSE = 960.0
"""Seconds of patience with a provider that never says how long."""


class Next(StrEnum):
    """What becomes of the call that was refused."""

    AGAIN = "again"
    """Back into the queue: it costs only time. The scheduler finds the place and the moment."""
    LATER = "later"
    """The provider is overloaded: again after a pause, as long as the retries are not used up."""
    NEVER = "never"
    """The caller gets the answer as it is."""


def learn(domain: Domain, refusal: Refusal, now: float, *, midnight: float) -> Next:
    """Writes into `domain` what a refusal says, and returns what becomes of the call.

    `midnight`: when the provider's day ends, on the clock of `now`. A bad key is the caller's to
    drop, since it may belong to several domains: here it only means `AGAIN`.
    """
    match refusal.reason:
        case Reason.MINUTE:
            _state(domain, refusal)
            domain.block(now + _pause(refusal, WINDOW))
        case Reason.DAY:
            _state(domain, refusal)
            domain.day.exhaust(until=_day_opens(domain, refusal, now, midnight))
        case Reason.RATE:
            _guess(domain, refusal, now)
        case Reason.NO_QUOTA:
            domain.closed = "the project may not use this model (its limit is 0)"
        case Reason.PLACE:
            domain.closed = "the region or the billing of the account does not allow it"
        case Reason.KEY:
            pass
        case Reason.OVERLOADED:
            return Next.LATER
        case Reason.TOO_LARGE | Reason.REQUEST:
            return Next.NEVER
    if refusal.reason in {Reason.MINUTE, Reason.DAY, Reason.RATE}:
        domain.refused_at = now
    return Next.AGAIN


def went_well(domain: Domain, now: float) -> None:
    """A call was answered. A learnt limit grows by one for each clean minute, up to what is stated.

    Without a statement it has no bound to grow to, and stays as it is for five minutes at a time.
    """
    domain.unexplained = domain.days_refused = 0
    log = domain.requests
    if log is None or log.limit == domain.stated or log.limit >= UNLIMITED:
        return
    patience = WINDOW if domain.stated is not None else 5 * WINDOW
    if now - domain.refused_at >= patience:
        log.resize(log.limit + 1)
        domain.refused_at = now


def stated(
    domain: Domain, remaining: tuple[Remaining, ...], now: float, *, midnight: float
) -> None:
    """Takes over what the headers of an answer say: limits, and that others spend them, too.

    `midnight` as in `learn`. What they say of the minute's tokens is not believed: calls under way
    are not in it, and our own log is exact.
    """
    for each in remaining:
        if each.metric is Metric.TOKENS_A_MINUTE:
            domain.tokens = _resized(domain.tokens, each.limit)
        elif each.metric is Metric.REQUESTS_A_DAY:
            domain.day.state(each.limit, each.limit - each.remaining, now, resets_at=midnight)


def _state(domain: Domain, refusal: Refusal) -> None:
    """Takes over the limits that the provider states."""
    for limit in refusal.limits:
        if limit.model is not None and limit.model != domain.name.model:
            continue
        if limit.metric is Metric.REQUESTS_A_MINUTE:
            domain.stated = limit.value
            domain.requests = _resized(domain.requests, limit.value)
        elif limit.metric is Metric.TOKENS_A_MINUTE:
            domain.tokens = _resized(domain.tokens, limit.value)
        elif limit.metric is Metric.REQUESTS_A_DAY:
            domain.day.limit, domain.day.guessed = limit.value, False


def _day_opens(domain: Domain, refusal: Refusal, now: float, midnight: float) -> float:
    """When it is worth while to ask again. What the provider says is believed, but seconds are not
    believed twice in a row: Gemini states them for a day that is spent, too.
    """
    domain.days_refused += 1
    if refusal.retry_after is None:
        return midnight
    stated = now + _pause(refusal, 0)
    if domain.days_refused == 1:
        return stated
    return max(stated, min(midnight, now + WINDOW * _DOUBT ** (domain.days_refused - 1)))


def _resized(log: SlidingLog | None, limit: int) -> SlidingLog:
    if log is None:
        return SlidingLog(limit)
    log.resize(limit)
    return log


def _guess(domain: Domain, refusal: Refusal, now: float) -> None:
    """Nobody says which limit it was: less from now on, and longer pauses each time."""
    pause = min(WINDOW * 2**domain.unexplained, _LONGEST_PAUSE)
    domain.unexplained += 1
    domain.block(now + _pause(refusal, pause))
    if domain.requests is not None:
        used = min(domain.requests.limit, domain.requests.used(now))
        domain.requests.resize(max(1, math.floor(used * _SHRINK)))


def _pause(refusal: Refusal, otherwise: float) -> float:
    return (otherwise if refusal.retry_after is None else refusal.retry_after) + GUARD
