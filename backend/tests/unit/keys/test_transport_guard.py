"""Whatever goes wrong above it: the transport hands no key to a foreign provider."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr

from coursewright.keys.credentials import Credential
from coursewright.keys.limits import LimitTable
from coursewright.keys.pool import Pool
from coursewright.keys.registry import Registry
from coursewright.keys.transport import Caller, PoolTransport, calling
from coursewright.keys.wire import OpenAiWire


class Confused(Pool):
    """Gives a place of another provider than the one that was asked for."""

    @asynccontextmanager
    async def place(self, name: Any, **how: Any) -> AsyncGenerator[Any]:
        async with super().place(("chapter", "gemini", name[2]), **how) as taken:
            yield taken


async def test_a_key_is_never_sent_to_another_provider() -> None:
    sent: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        sent.append(request)
        return httpx2.Response(200)

    key = Credential(secret=SecretStr("planted-gemini-key"), names=("GEMINI_API_KEY",))
    pool = Confused(Registry({("chapter", "gemini"): (key,)}, LimitTable()))
    transport = PoolTransport(pool, OpenAiWire("groq"), httpx2.MockTransport(answer))
    async with httpx2.AsyncClient(transport=transport) as client:
        with calling(Caller(service="chapter")), pytest.raises(RuntimeError, match="own provider"):
            await client.post("http://groq.test/openai/v1/chat/completions", json={"model": "m"})
    assert sent == []
    await pool.close()
