"""A client for emulators on real ports."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from coursewright.emulator.server import Emulator

FLASH = "gemini-2.5-flash"
GROQ = "openai/gpt-oss-20b"


@dataclass
class Client:
    """Sends calls as the services' own SDKs do."""

    http: httpx2.AsyncClient
    key: str = "test-key-1"

    async def gemini(
        self,
        emulator: Emulator,
        prompt: str = "Say something about music theory",
        *,
        key: str | None = None,
        model: str = FLASH,
        method: str = "generateContent",
        schema: Mapping[str, Any] | None = None,
        **config: object,
    ) -> httpx2.Response:
        if schema is not None:
            config |= {"responseMimeType": "application/json", "responseJsonSchema": schema}
        body = {"contents": [{"role": "user", "parts": [{"text": prompt}]}]}
        return await self.http.post(
            f"{emulator.gemini_url}/v1beta/models/{model}:{method}",
            headers={"x-goog-api-key": key or self.key},
            json={**body, **({"generationConfig": config} if config else {})},
        )

    async def groq(
        self,
        emulator: Emulator,
        prompt: str = "Say something about music theory",
        *,
        key: str | None = None,
        model: str = GROQ,
        schema: Mapping[str, Any] | None = None,
        **fields: object,
    ) -> httpx2.Response:
        if schema is not None:
            named = {"name": "answer", "schema": schema, "strict": True}
            fields["response_format"] = {"type": "json_schema", "json_schema": named}
        return await self.http.post(
            f"{emulator.groq_url}/chat/completions",
            headers={"authorization": f"Bearer {key or self.key}"},
            json={"model": model, "messages": [{"role": "user", "content": prompt}], **fields},
        )


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with httpx2.AsyncClient(timeout=10) as http:
        yield Client(http)
