"""How every key stands: for people who ask why something waits."""

import math
from collections.abc import Mapping, Sequence

from coursewright.course.base import Value
from coursewright.keys.credentials import Credential
from coursewright.keys.domain import Domain, DomainName, Standing
from coursewright.keys.registry import Registry
from coursewright.keys.sliding_log import UNLIMITED, SlidingLog
from coursewright.providers.names import Chain

LastMinute = Mapping[DomainName, Sequence[tuple[int, float | None]]]
"""What counts in the minute of each domain: tokens, and how many seconds ago each call was sent;
None for those that were not sent yet.
"""


class KeyRow(Value):
    """One key and one model that it may call."""

    fingerprint: str
    variables: tuple[str, ...]
    """The names of what holds it, never what they hold."""
    provider: str
    model: str
    services: tuple[str, ...]
    project: str | None
    shared_with: tuple[str, ...] = ()
    """Fingerprints of keys that spend the same limits."""
    state: str
    """`ok`, `off`, `waits`, `day spent` or `adds nothing`."""
    reason: str = ""
    minute_spent: int = 0
    minute_limit: int | None = None
    tokens_spent: int = 0
    tokens_limit: int | None = None
    day_spent: int = 0
    day_limit: int | None = None
    free_in: float | None = None
    """Seconds until it has room for a call; None where that depends on calls under way, or never
    comes.
    """


def key_rows(
    registry: Registry, chains: Mapping[str, Chain], now: float, spent: LastMinute
) -> list[KeyRow]:
    """A row for each key and model of the chains, in the order of the services."""
    services: dict[tuple[Credential, str, str], list[str]] = {}
    for service, chain in chains.items():
        for name in chain:
            for credential in registry.keys(service, name.provider):
                key = (credential, str(name.provider), name.model)
                services.setdefault(key, []).append(service)
    rows: list[KeyRow] = []
    for (credential, provider, model), names in services.items():
        domain = registry.domain(credential, provider, model)
        dead = registry.dead().get(credential)
        minute = spent.get(domain.name, ())
        rows.append(_row(credential, domain, names, dead, now, minute))
    return rows


def _row(
    credential: Credential,
    domain: Domain,
    services: Sequence[str],
    dead: str | None,
    now: float,
    minute: Sequence[tuple[int, float | None]],
) -> KeyRow:
    state, reason = _state(domain, dead, now)
    requests = _with_others(domain.requests, [(1, ago) for _, ago in minute], now)
    tokens = _with_others(domain.tokens, minute, now)
    moment = None if dead else _free(domain, requests, tokens, now)
    return KeyRow(
        fingerprint=credential.fingerprint,
        variables=credential.names,
        provider=domain.name.provider,
        model=domain.name.model,
        services=tuple(services),
        project=credential.project,
        shared_with=tuple(each.fingerprint for each in domain.credentials if each != credential),
        state=state,
        reason=reason,
        minute_spent=0 if requests is None else requests.used(now),
        minute_limit=None if requests is None or requests.limit >= UNLIMITED else requests.limit,
        tokens_spent=0 if tokens is None else tokens.used(now),
        tokens_limit=None if tokens is None else tokens.limit,
        day_spent=0 if now >= domain.day.resets_at else domain.day.used,
        day_limit=domain.day.limit,
        free_in=None if moment is None or moment == math.inf else max(0.0, moment - now),
    )


def _with_others(
    log: SlidingLog | None, minute: Sequence[tuple[int, float | None]], now: float
) -> SlidingLog | None:
    """The log as all processes see it; it may hold more than its limit."""
    if log is None or not minute:
        return log
    whole = SlidingLog(UNLIMITED, log.window, log.guard)
    for amount, ago in minute:
        slot = whole.reserve(now, amount)
        if ago is not None:
            whole.sent(slot, now - ago)
    whole.resize(log.limit)
    return whole


def _free(
    domain: Domain, requests: SlidingLog | None, tokens: SlidingLog | None, now: float
) -> float | None:
    moments = [
        domain.earliest(now, 1),
        *(log.earliest(now, 1) for log in (requests, tokens) if log is not None),
    ]
    known = [moment for moment in moments if moment is not None]
    return max(known) if len(known) == len(moments) else None


def _state(domain: Domain, dead: str | None, now: float) -> tuple[str, str]:
    if dead is not None:
        return "off", dead
    if domain.closed is not None:
        return "off", domain.closed
    if domain.day.left(now) == 0:
        return "day spent", "its day's requests are used up"
    if domain.standing is Standing.SHARED:
        return "adds nothing", "it spends the limits of another key"
    if domain.blocked_until > now:
        return "waits", "the provider asked for patience"
    return "ok", ""
