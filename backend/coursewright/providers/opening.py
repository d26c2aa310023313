"""All that it takes to call models, wired together: keys, pool, models, ledger."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

from pydantic import SecretStr

from coursewright.keys.credentials import Credential, Credentials, Service
from coursewright.keys.limits import LimitTable
from coursewright.keys.pool import Pool
from coursewright.keys.registry import Registry
from coursewright.keys.shared import SharedState
from coursewright.providers.answers import Answers
from coursewright.providers.asker import Asker
from coursewright.providers.budget import Budget
from coursewright.providers.key_table import KeyRow, LastMinute, key_rows
from coursewright.providers.ledger import Entry, Ledger, Write
from coursewright.providers.models import Endpoints, Models
from coursewright.providers.names import AUDIO, SERVICES, Chain, Provider

_NO_KEY = Credential(secret=SecretStr("none"), names=("none",), project="local")
"""For servers of one's own, which ask for none."""


@dataclass(frozen=True, kw_only=True)
class Config:
    """Everything that can be set."""

    chains: Mapping[str, Chain]
    """By service; those without a key for it are left out when they are used."""
    limits: LimitTable
    endpoints: Endpoints = field(default_factory=Endpoints)
    at_once: Mapping[str, int] = field(default_factory=dict[str, int])
    """By service, the calls under way at once."""
    wait: float = 1800.0
    """Seconds that a call may wait for its place."""
    patience: float = 20.0
    """Seconds that a call waits for the better model before the next one is asked instead."""
    hedge: bool = False
    """Whether calls that take unusually long are sent a second time."""


@dataclass(frozen=True, kw_only=True)
class Providers:
    """What is open."""

    config: Config
    registry: Registry
    pool: Pool
    models: Models
    asker: Asker
    ledger: Ledger

    async def key_rows(self, spent: LastMinute) -> list[KeyRow]:
        """How every key stands; `spent` is what all processes spent in the last minute."""
        chains = self.asker.chains
        await self.pool.catch_up(
            (service, name.provider, name.model)
            for service, chain in chains.items()
            for name in chain
        )
        now = asyncio.get_running_loop().time()
        return key_rows(self.registry, chains, now, spent)


def keys_by_service(
    credentials: Credentials, *, has_openai: bool
) -> dict[tuple[str, str], tuple[Credential, ...]]:
    """Which keys serve which service at which provider.

    A service that has no Gemini key of its own, nor a fallback key, may use those of the others:
    better a call in somebody else's idle minute than none. Audio scripts have none of their own.
    """
    found: dict[tuple[str, str], tuple[Credential, ...]] = {}
    for service in SERVICES:
        own = () if service == AUDIO else credentials.services[Service(service)]
        if gemini := own or credentials.gemini:
            found[service, Provider.GEMINI] = gemini
        if credentials.groq:
            found[service, Provider.GROQ] = credentials.groq
        if openai := credentials.openai or ((_NO_KEY,) if has_openai else ()):
            found[service, Provider.OPENAI] = openai
    return found


def usable(chains: Mapping[str, Chain], credentials: Credentials, endpoints: Endpoints) -> bool:
    """Whether every service has a model for which there is a key."""
    keys = keys_by_service(credentials, has_openai=endpoints.openai_url is not None)
    return all(_keyed(service, chains, keys, endpoints) for service in SERVICES)


@asynccontextmanager
async def open_providers(
    config: Config,
    credentials: Credentials,
    *,
    answers: Answers,
    write: Write,
    owner: UUID,
    budget: Budget | None = None,
    shared: SharedState | None = None,
    told: Callable[[Entry], None] | None = None,
) -> AsyncGenerator[Providers]:
    """Opens the pools.

    Args:
        config: what is set.
        credentials: the keys.
        answers: where answers are kept until their piece is stored.
        write: writes the ledger.
        owner: is named in the ledger for calls that belong to no course.
        budget: a limit on what a course may cost.
        shared: what other processes spend of the same limits; without it this one is alone.
        told: hears of each entry of the ledger at once.
    """
    has_openai = config.endpoints.openai_url is not None
    keys = keys_by_service(credentials, has_openai=has_openai)
    registry = Registry(keys, config.limits)
    pool = Pool(registry, shared=shared)
    ledger = Ledger(write, owner=owner, told=told)
    models = Models(
        pool=pool,
        endpoints=config.endpoints,
        record=ledger.record,
        hedge=config.hedge,
        at_once={name: asyncio.Semaphore(most) for name, most in config.at_once.items()},
    )
    chains = {
        service: _keyed(service, config.chains, keys, config.endpoints) for service in SERVICES
    }
    asker = Asker(
        models=models,
        chains=chains,
        answers=answers,
        wait=config.wait,
        patience=config.patience,
        budget=budget,
    )
    try:
        yield Providers(
            config=config,
            registry=registry,
            pool=pool,
            models=models,
            asker=asker,
            ledger=ledger,
        )
    finally:
        await models.close()
        await pool.close()
        await ledger.close()


def _keyed(
    service: str,
    chains: Mapping[str, Chain],
    keys: Mapping[tuple[str, str], tuple[Credential, ...]],
    endpoints: Endpoints,
) -> Chain:
    return tuple(
        name
        for name in chains.get(service, ())
        if (service, name.provider) in keys
        and (name.provider is not Provider.OPENAI or endpoints.openai_url is not None)
    )
