"""All quota domains of a process, and which keys lead to them."""

import math
from collections.abc import Iterable, Mapping, Sequence

from coursewright.keys.credentials import Credential
from coursewright.keys.day_budget import DayBudget
from coursewright.keys.domain import Domain, DomainName, Standing
from coursewright.keys.limits import LimitTable
from coursewright.keys.sliding_log import UNLIMITED, SlidingLog


class Registry:
    """Makes domains when they are first asked for, one for each provider, project and model."""

    def __init__(
        self, keys: Mapping[tuple[str, str], Sequence[Credential]], limits: LimitTable
    ) -> None:
        """`keys`: by service and provider."""
        self._keys = {name: tuple(found) for name, found in keys.items()}
        self._limits = limits
        self._domains: dict[DomainName, Domain] = {}
        self._dead: dict[Credential, str] = {}

    def services(self, provider: str) -> list[str]:
        """The services that have a key for that provider."""
        return [name for (name, each), found in self._keys.items() if each == provider and found]

    def pool(self, service: str, provider: str, model: str) -> tuple[Domain, ...]:
        """The domains in which the keys of a service may call a model; empty without a key."""
        names: dict[DomainName, None] = {}
        for credential in self._keys.get((service, provider), ()):
            names[_name(credential, provider, model)] = None
        return tuple(map(self._domain, names))

    def all(self) -> Iterable[Domain]:
        """Every domain that was asked for so far."""
        return self._domains.values()

    def of_model(self, provider: str, model: str) -> list[Domain]:
        """The domains of one model."""
        return [
            domain
            for name, domain in self._domains.items()
            if (name.provider, name.model) == (provider, model)
        ]

    def drop(self, credential: Credential, reason: str) -> None:
        """Never uses a key again, in whatever domain."""
        self._dead[credential] = reason
        for domain in self._domains.values():
            domain.drop(credential, reason)

    def drop_fingerprint(self, fingerprint: str, reason: str) -> None:
        """Never uses a key again that another process found to be refused."""
        ours = {credential: None for found in self._keys.values() for credential in found}
        for credential in ours:
            if credential.fingerprint == fingerprint and credential not in self._dead:
                self.drop(credential, reason)

    def dead(self) -> Mapping[Credential, str]:
        """The keys that are off for good, and why."""
        return dict(self._dead)

    def _domain(self, name: DomainName) -> Domain:
        found = self._domains.get(name)
        if found is None:
            limits = self._limits.of(name.provider, name.model)
            members = self._members(name)
            named = any(member.project for member in members)
            found = Domain(
                name,
                # Counted even where no limit is known, so that the load is spread.
                requests=SlidingLog(UNLIMITED if limits.rpm is None else limits.rpm),
                tokens=None if limits.tpm is None else SlidingLog(limits.tpm),
                day=DayBudget(limits.rpd, -math.inf),
                credentials=members,
                stated=limits.rpm,
                standing=Standing.NAMED if named else Standing.UNTESTED,
            )
            for credential, reason in self._dead.items():
                found.drop(credential, reason)
            self._domains[name] = found
        return found

    def _members(self, name: DomainName) -> tuple[Credential, ...]:
        """The keys of the project, of whatever service: they share what it may spend."""
        members = {
            credential: None
            for (_, provider), found in self._keys.items()
            if provider == name.provider
            for credential in found
            if _name(credential, provider, name.model) == name
        }
        return tuple(members)


def _name(credential: Credential, provider: str, model: str) -> DomainName:
    return DomainName(provider, credential.project or credential.fingerprint, model)
