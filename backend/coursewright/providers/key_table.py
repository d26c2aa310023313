"""How every key stands: for people who ask why something waits."""

import math
from collections.abc import Mapping, Sequence

from coursewright.course.base import Value
from coursewright.keys.credentials import Credential
from coursewright.keys.domain import Domain, Standing
from coursewright.keys.registry import Registry
from coursewright.keys.sliding_log import UNLIMITED
from coursewright.providers.names import Chain


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


def key_rows(registry: Registry, chains: Mapping[str, Chain], now: float) -> list[KeyRow]:
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
        rows.append(_row(credential, domain, names, registry.dead().get(credential), now))
    return rows


def _row(
    credential: Credential, domain: Domain, services: Sequence[str], dead: str | None, now: float
) -> KeyRow:
    state, reason = _state(domain, dead, now)
    requests, tokens = domain.requests, domain.tokens
    moment = None if dead else domain.earliest(now, 1)
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
