"""The plain way, written for this benchmark: what somebody builds of the contract in a day.

A semaphore for each service, its keys in turn, exponential backoff with jitter on refusals and
faults (eight attempts), chapters one after another, then everything else at once. The same prompts,
schemas and checks as ours; no blind solve.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Sequence
from itertools import cycle
from typing import Any

import httpx2
from pydantic import ValidationError

from coursewright.authors.prompting import reading, requests
from coursewright.course.article import ArticleType, AudioType
from coursewright.course.chapter import Chapter
from coursewright.providers.request import Request
from generation.scene import FLASH, GROQ, KEYS, LITE, brief

AT_ONCE = 4
ATTEMPTS = 8
PATIENCE = 120.0
MODELS = {"chapter": FLASH, "audio": GROQ}


class GaveUp(Exception):
    """Eight attempts were not enough."""


class Plain:
    """All courses of one run: the semaphores and keys are shared."""

    def __init__(self, url: str, client: httpx2.AsyncClient, seed: int) -> None:
        services = ("chapter", "quiz", "flashcard", "game", "article")
        self._url = url
        self._client = client
        self._rng = random.Random(seed)  # noqa: S311 - jitter
        self._keys = {
            name: cycle([key for var, key in KEYS.items() if f"_{name.upper()}_" in var])
            for name in services
        }
        self._keys["audio"] = cycle([key for var, key in KEYS.items() if "GROQ" in var])
        self._turns = {name: asyncio.Semaphore(AT_ONCE) for name in (*services, "audio")}
        self.statuses: Counter[int] = Counter()

    async def course(self, number: int) -> dict[str, Any]:
        """One course; what `run` puts into its table."""
        began = time.monotonic()
        order = brief(number)
        row: dict[str, Any] = {"outline": 0.0, "first_chapter": 0.0, "failed": {}}
        try:
            output = await self._ask(requests.outline(order, ()))
            outline = reading.read_outline(order, output, ())
            row["outline"] = time.monotonic() - began
            chapters: list[Chapter] = []
            for planned in outline.chapters:
                text = await self._ask(requests.chapter(order, outline, planned, ()))
                chapters.append(reading.read_chapter(planned, text, ()))
                row["first_chapter"] = row["first_chapter"] or time.monotonic() - began
        except GaveUp as error:
            row["failed"]["outline or chapters"] = str(error)
            return {**row, "seconds": time.monotonic() - began, "complete": False}
        rest: dict[str, Request[Any]] = {}
        for chapter in chapters:
            rest[f"flashcards/{chapter.number}"] = requests.flashcards(order, (chapter,))
            rest[f"mcqs/{chapter.number}"] = requests.mcqs(order, (chapter,))
            rest[f"glossary/{chapter.number}"] = requests.glossary(order, (chapter,))
        for kind in ArticleType:
            rest[f"article/{kind}"] = requests.article(order, kind, outline, chapters)
        for audio in AudioType:
            for part, request in enumerate(requests.audio_script(order, audio, outline, chapters)):
                rest[f"audio_script/{audio}/{part}"] = request
        rest["suggestions"] = requests.suggestions(order, outline, chapters)
        ends = await asyncio.gather(
            *(self._ask(request) for request in rest.values()), return_exceptions=True
        )
        for key, end in zip(rest, ends, strict=True):
            if isinstance(end, GaveUp):
                row["failed"][key] = str(end)
            elif isinstance(end, BaseException):
                raise end
        row |= {"seconds": time.monotonic() - began, "complete": not row["failed"]}
        return row

    async def _ask(self, request: Request[Any]) -> Any:
        why = ""
        for attempt in range(ATTEMPTS):
            if attempt:
                await asyncio.sleep(min(60.0, 2**attempt) * self._rng.uniform(0.5, 1.5))
            async with self._turns[request.service]:
                try:
                    text = await self._send(request)
                    value = request.output.model_validate_json(text)
                except (httpx2.TransportError, ValidationError, LookupError) as error:
                    why = type(error).__name__
                    continue
            if not request.check(value):
                return value
            why = "a check failed"
        raise GaveUp(why)

    async def _send(self, request: Request[Any]) -> str:
        key = next(self._keys[request.service])
        send = self._groq if request.service == "audio" else self._gemini
        response = await send(request, key, MODELS.get(request.service, LITE))
        self.statuses[response.status_code] += 1
        if not response.is_success:
            raise LookupError(response.status_code)
        answer = response.json()
        if request.service == "audio":
            return str(answer["choices"][0]["message"]["content"])
        return str(answer["candidates"][0]["content"]["parts"][0]["text"])

    async def _gemini(self, request: Request[Any], key: str, model: str) -> httpx2.Response:
        return await self._client.post(
            f"{self._url}/v1beta/models/{model}:generateContent",
            headers={"x-goog-api-key": key},
            json={
                "systemInstruction": {"parts": [{"text": request.system}]},
                "contents": [{"role": "user", "parts": [{"text": request.user}]}],
                "generationConfig": {
                    "responseMimeType": "application/json",
                    "responseJsonSchema": request.output.model_json_schema(),
                    "maxOutputTokens": request.max_tokens + 4000,
                },
            },
        )

    async def _groq(self, request: Request[Any], key: str, model: str) -> httpx2.Response:
        schema = {"name": "answer", "schema": request.output.model_json_schema()}
        return await self._client.post(
            f"{self._url}/openai/v1/chat/completions",
            headers={"authorization": f"Bearer {key}"},
            json={
                "model": model,
                "messages": [
                    {"role": "system", "content": request.system},
                    {"role": "user", "content": request.user},
                ],
                "max_completion_tokens": request.max_tokens,
                "response_format": {"type": "json_schema", "json_schema": schema},
            },
        )


async def make(url: str, numbers: Sequence[int], seed: int) -> dict[str, Any]:
    """Makes the courses with those numbers at once."""
    limits = httpx2.Limits(max_connections=512)
    async with httpx2.AsyncClient(timeout=PATIENCE, limits=limits) as client:
        plain = Plain(url, client, seed)
        rows = await asyncio.gather(*(plain.course(number) for number in numbers))
    return {
        "rows": rows,
        "refused": plain.statuses[429],
        "requests": sum(plain.statuses.values()),
    }
