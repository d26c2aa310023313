"""The providers' own SDKs."""

import json
from typing import Any

import openai
import pytest
from google import genai

from coursewright.emulator.options import EmulatorOptions
from coursewright.emulator.server import running

OPTIONS = EmulatorOptions(latency_scale=0.0)
SCHEMA = {
    "type": "object",
    "properties": {"title": {"type": "string"}},
    "required": ["title"],
    "additionalProperties": False,
}


async def test_google_genai_reads_answers_streams_and_refusals() -> None:
    async with running(OPTIONS) as emulator:
        client: Any = genai.Client(
            api_key="test-key-1", http_options={"base_url": emulator.gemini_url}, vertexai=False
        )
        config = {"response_mime_type": "application/json", "response_json_schema": SCHEMA}
        call: dict[str, Any] = {"model": "gemini-2.5-flash", "contents": "SQL", "config": config}
        answer = await client.aio.models.generate_content(**call)
        assert json.loads(answer.text)["title"]
        assert answer.usage_metadata.candidates_token_count > 0
        stream = await client.aio.models.generate_content_stream(**call)
        assert "".join([part.text async for part in stream]) == answer.text
        for _ in range(3):
            await client.aio.models.generate_content(**call)
        with pytest.raises(genai.errors.ClientError) as refused:
            await client.aio.models.generate_content(**call)
        assert refused.value.code == 429
        assert refused.value.status == "RESOURCE_EXHAUSTED"
        await client.aio.aclose()


async def test_openai_reads_answers_streams_and_refusals() -> None:
    async with (
        running(OPTIONS) as emulator,
        openai.AsyncOpenAI(
            api_key="test-key-1", base_url=emulator.groq_url, max_retries=0
        ) as client,
    ):
        named = {"name": "answer", "schema": SCHEMA, "strict": True}
        call: dict[str, Any] = {
            "model": "openai/gpt-oss-20b",
            "messages": [{"role": "user", "content": "SQL"}],
            "response_format": {"type": "json_schema", "json_schema": named},
        }
        answer = await client.chat.completions.create(**call, max_tokens=500)
        assert json.loads(answer.choices[0].message.content)["title"]
        stream = await client.chat.completions.create(**call, stream=True)
        text = [part.choices[0].delta.content or "" async for part in stream]
        assert json.loads("".join(text))["title"]
        with pytest.raises(openai.APIStatusError) as refused:
            await client.chat.completions.create(**call, max_tokens=9_000)
        assert refused.value.status_code == 413
        assert refused.value.code == "rate_limit_exceeded"
