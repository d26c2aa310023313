"""The models behind one typed interface: Pydantic AI over the key pools.

Loading Pydantic AI takes more than a second, so it happens when the first model is asked.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING

import httpx2

from coursewright.keys.attempts import Attempt, Recorder
from coursewright.keys.hedging import Hedging
from coursewright.keys.pool import Pool
from coursewright.keys.transport import PoolTransport
from coursewright.keys.wire import GeminiWire, OpenAiWire, Wire
from coursewright.providers.names import GEMINI_URL, GROQ_URL, ModelName, Provider

if TYPE_CHECKING:
    from pydantic_ai.models import Model

_PLACEHOLDER = "the-pool-sets-the-key"
"""The SDKs want a key; the transport takes it off and sets the one whose turn it is."""
_CONNECTIONS = httpx2.Limits(max_connections=256)


@dataclass(frozen=True, kw_only=True)
class Endpoints:
    """Where the providers are, and how patient we are with each."""

    gemini_url: str = GEMINI_URL
    groq_url: str = GROQ_URL
    openai_url: str | None = None
    """None: nowhere."""
    patience: float = 120.0
    """Seconds without a byte until an attempt counts as lost."""
    patience_openai: float = 900.0
    """The same for a server that may be this very machine's processor."""


@dataclass
class Models:
    """All models of a process, by name; made when they are first asked for."""

    pool: Pool
    endpoints: Endpoints = field(default_factory=Endpoints)
    record: Recorder = lambda _: None
    at_once: Mapping[str, asyncio.Semaphore] = field(default_factory=dict[str, asyncio.Semaphore])
    hedge: bool = False
    """Whether calls that take unusually long are sent a second time (`keys.hedging`)."""
    inner: Callable[[], httpx2.AsyncBaseTransport] = field(
        default=lambda: httpx2.AsyncHTTPTransport(limits=_CONNECTIONS)
    )

    def __post_init__(self) -> None:
        self._clients: dict[Provider, httpx2.AsyncClient] = {}
        self._models: dict[ModelName, Model] = {}

    @staticmethod
    def preload() -> None:
        """Loads what the first call needs, which takes more than a second: in a thread of its own,
        while there is nothing else to do.
        """
        for name in ("direct", "models.google", "models.openai"):
            import_module(f"pydantic_ai.{name}")

    def get(self, name: ModelName) -> "Model":
        """The model of that name. Whether it exists, its provider says when it is asked."""
        found = self._models.get(name)
        if found is None:
            make = _gemini if name.provider is Provider.GEMINI else _openai
            found = self._models[name] = make(name, self._client(name.provider), self.endpoints)
        return found

    async def close(self) -> None:
        """Closes all connections."""
        for client in self._clients.values():
            await client.aclose()
        self._clients.clear()
        self._models.clear()

    def _client(self, provider: Provider) -> httpx2.AsyncClient:
        found = self._clients.get(provider)
        if found is None:
            wire: Wire = GeminiWire() if provider is Provider.GEMINI else OpenAiWire(provider)
            local = provider is Provider.OPENAI
            patience = self.endpoints.patience_openai if local else self.endpoints.patience
            found = httpx2.AsyncClient(
                transport=self._transport(wire),
                timeout=patience,
            )
            self._clients[provider] = found
        return found

    def _transport(self, wire: Wire) -> httpx2.AsyncBaseTransport:
        inner, at_once = self.inner(), self.at_once
        if not self.hedge:
            return PoolTransport(self.pool, wire, inner, record=self.record, at_once=at_once)

        def record(attempt: Attempt) -> None:
            hedging.record(attempt)
            self.record(attempt)

        pooled = PoolTransport(self.pool, wire, inner, record=record, at_once=at_once)
        hedging = Hedging(self.pool, wire, pooled)
        return hedging


def _gemini(name: ModelName, client: httpx2.AsyncClient, endpoints: Endpoints) -> "Model":
    from pydantic_ai.models.google import GoogleModel  # noqa: PLC0415 - see the module
    from pydantic_ai.providers.google import GoogleProvider  # noqa: PLC0415 - see the module

    provider = GoogleProvider(
        api_key=_PLACEHOLDER, http_client=client, base_url=endpoints.gemini_url
    )
    return GoogleModel(name.model, provider=provider)


def _openai(name: ModelName, client: httpx2.AsyncClient, endpoints: Endpoints) -> "Model":
    from pydantic_ai.models.openai import OpenAIChatModel  # noqa: PLC0415 - see the module
    from pydantic_ai.providers.openai import OpenAIProvider  # noqa: PLC0415 - see the module

    is_groq = name.provider is Provider.GROQ
    provider = OpenAIProvider(
        base_url=endpoints.groq_url if is_groq else endpoints.openai_url,
        api_key=_PLACEHOLDER,
        http_client=client,
    )
    provider.client.max_retries = 0  # the pool tries again, and knows when
    return OpenAIChatModel(name.model, provider=provider)
