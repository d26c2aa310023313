"""What a process has learnt about a domain, as others hear of it. Pure."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from coursewright.keys.domain import Domain, Standing
from coursewright.keys.shared import Fact, News
from coursewright.keys.sliding_log import UNLIMITED, SlidingLog

_NOISE = 0.05
"""Seconds by which a moment may differ from itself after its way through other clocks."""


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known of a domain at one time, or what others have been told of it."""

    rpm: int | None
    tpm: int | None
    rpd: int | None
    stated: int | None
    closed: str | None
    standing: str
    blocked_until: float
    day_ends: float
    """Only where the day is spent; else it is the same for everybody anyway."""


def known(domain: Domain) -> Known:
    """What there is to tell of a domain as it is."""
    day = domain.day
    spent = day.limit is not None and day.used >= day.limit
    return Known(
        rpm=limit_of(domain.requests),
        tpm=limit_of(domain.tokens),
        rpd=day.limit,
        stated=domain.stated,
        # Without any key left it is closed, too, but only for those who have no other key.
        closed=domain.closed if domain.credentials else None,
        standing=domain.standing,
        blocked_until=domain.blocked_until,
        day_ends=day.resets_at if spent else -math.inf,
    )


def untold(domain: Domain) -> Known:
    """Where telling begins: with what the settings say, and every process can read there."""
    if domain.standing is Standing.NAMED:
        return known(domain)
    return replace(known(domain), standing=Standing.UNTESTED)


def changes(before: Known, after: Known, now: float) -> dict[str, Fact]:
    """What is new since `before`, in the words of `Learned`."""
    if before == after:
        return {}
    old, new = vars(before), vars(after)
    found: dict[str, Fact] = {
        name: new[name]
        for name in ("rpm", "tpm", "rpd", "stated", "closed", "standing")
        if new[name] != old[name]
    }
    for name, duration in (("blocked_until", "blocked_for"), ("day_ends", "day_for")):
        if now < new[name] < math.inf and abs(new[name] - old[name]) > _NOISE:
            found[duration] = new[name] - now
    return found


def told(before: Known, said: Mapping[str, Fact], now: float) -> Known:
    """What others know once they have been told `said`, measured at `now`."""
    moments = {"blocked_for": "blocked_until", "day_for": "day_ends"}
    values = {
        moments.get(name, name): now + value
        if name in moments and isinstance(value, int | float)
        else value
        for name, value in said.items()
        if name != "day_used"  # counted by the log, and in each of its replies
    }
    return replace(before, **values)  # pyright: ignore[reportArgumentType] - names of its fields


def heard(before: Known, now_known: Known, unsaid: Mapping[str, Fact]) -> Known:
    """What need not be told: everything as it is now, but what was not told so far."""
    moments = {"blocked_for": "blocked_until", "day_for": "day_ends"}
    old = vars(before)
    return replace(
        now_known, **{moments.get(name, name): old[moments.get(name, name)] for name in unsaid}
    )


def adopt(
    domain: Domain, news: News, now: float, *, unsaid: Mapping[str, Fact], under_way: int
) -> None:
    """Writes into a domain what is news; `unsaid` is newer here, and stays.

    `under_way`: places that are taken here and not in the news yet.
    """
    domain.day.used = news.day_used + under_way
    if "day_for" not in unsaid:
        domain.day.resets_at = now + news.day_for
    facts = {name: fact for name, fact in (news.facts or {}).items() if name not in unsaid}
    rpm, tpm, rpd, stated = (_number(facts.get(name)) for name in ("rpm", "tpm", "rpd", "stated"))
    if rpm is not None and rpm != limit_of(domain.requests):
        domain.requests = _resized(domain.requests, rpm)
        domain.refused_at = now  # whoever learnt it lets it grow again, not everybody at once
    if tpm is not None:
        domain.tokens = _resized(domain.tokens, tpm)
    if rpd is not None:
        domain.day.guessed = domain.day.guessed or domain.day.limit is None
        domain.day.limit = rpd
    if stated is not None:
        domain.stated = stated
    closed, blocked_for = facts.get("closed"), facts.get("blocked_for")
    if isinstance(closed, str):
        domain.closed = domain.closed or closed
    if isinstance(blocked_for, int | float) and now + blocked_for > domain.blocked_until + _NOISE:
        domain.block(now + blocked_for)


def limit_of(log: SlidingLog | None) -> int | None:
    """The limit of a log; None where none is known."""
    return None if log is None or log.limit >= UNLIMITED else log.limit


def _number(fact: Fact) -> int | None:
    return int(fact) if isinstance(fact, int | float) else None


def _resized(log: SlidingLog | None, limit: int) -> SlidingLog:
    if log is None:
        return SlidingLog(limit)
    log.resize(limit)
    return log
