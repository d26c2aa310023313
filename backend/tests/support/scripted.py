"""Providers that answer what they are told to, on Gemini's and OpenAI's wire."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx2

from coursewright.keys.attempts import Attempt
from coursewright.keys.credentials import from_environment
from coursewright.keys.limits import LimitTable, parse_limits
from coursewright.keys.pool import Pool
from coursewright.keys.registry import Registry
from coursewright.providers.answers import Answers, NoAnswers
from coursewright.providers.asker import Asker
from coursewright.providers.budget import Budget
from coursewright.providers.models import Models
from coursewright.providers.names import parse_chain
from coursewright.providers.opening import keys_by_service
from coursewright.providers.request import Answer
from coursewright.providers.scope import Scope

KEYS = {"GEMINI_API_KEY": "planted-gemini-key", "GROQ_API_KEY": "planted-groq-key"}
GEMINI, GROQ = "gemini:gemini-3.5-flash-lite", "groq:openai/gpt-oss-120b"


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What comes back."""

    text: str = ""
    status: int = 200
    finish: str = "stop"
    """`stop`, `length` or `blocked`."""
    choices: bool = True
    breaks_after: int | None = None
    """Bytes of the answer after which the connection breaks; 0: at once."""
    waits: asyncio.Event | None = None
    raw: bytes | None = None
    """Instead of all that is of the provider's form."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A call as it arrived."""

    provider: str
    model: str
    key: str
    streams: bool
    body: dict[str, Any]

    @property
    def said(self) -> str:
        """All of the conversation."""
        return json.dumps(self.body.get("contents") or self.body.get("messages"))


Script = Callable[[Seen], Reply]


@dataclass
class Provider(httpx2.AsyncBaseTransport):
    """All providers at once: `script` says what each call gets."""

    script: Script
    seen: list[Seen] = field(default_factory=list[Seen])
    cancelled: int = 0

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        body = json.loads(await request.aread())
        gemini = "/models/" in request.url.path
        model = request.url.path.split("/models/")[1].split(":")[0] if gemini else body["model"]
        key = request.headers.get("x-goog-api-key") or request.headers.get("authorization", "")
        seen = Seen(
            provider="gemini" if gemini else "groq",
            model=model,
            key=key.removeprefix("Bearer "),
            streams="stream" in request.url.path or bool(body.get("stream")),
            body=body,
        )
        self.seen.append(seen)
        reply = self.script(seen)
        if reply.waits is not None:
            try:
                await reply.waits.wait()
            except asyncio.CancelledError:
                self.cancelled += 1
                raise
        if reply.breaks_after == 0:
            message = "the connection broke"
            raise httpx2.ReadError(message)
        wire = reply.raw or (_gemini(seen, reply) if gemini else _openai(seen, reply))
        kind = "text/event-stream" if seen.streams and reply.status == 200 else "application/json"
        return httpx2.Response(
            reply.status, headers={"content-type": kind}, stream=_Stream(wire, reply.breaks_after)
        )


class _Stream(httpx2.AsyncByteStream):
    def __init__(self, data: bytes, breaks_after: int | None) -> None:
        self._data, self._breaks_after = data, breaks_after

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for at in range(0, len(self._data), 64):
            if self._breaks_after is not None and at >= self._breaks_after:
                message = "the connection broke"
                raise httpx2.ReadError(message)
            yield self._data[at : at + 64]
            await asyncio.sleep(0)


def _gemini(seen: Seen, reply: Reply) -> bytes:
    if reply.status != 200:
        error = {"code": reply.status, "message": reply.text, "status": "FAILED"}
        return json.dumps({"error": error}).encode()
    reason = {"stop": "STOP", "length": "MAX_TOKENS", "blocked": "SAFETY"}[reply.finish]
    usage = {"promptTokenCount": 100, "candidatesTokenCount": 50, "totalTokenCount": 150}

    def whole(text: str, finish: str | None) -> dict[str, Any]:
        candidate: dict[str, Any] = {
            "content": {"role": "model", "parts": [{"text": text}] if text else []},
            "index": 0,
        }
        if finish:
            candidate["finishReason"] = finish
        candidates = [candidate] if reply.choices else []
        return {"candidates": candidates, "usageMetadata": usage, "modelVersion": seen.model}

    if not seen.streams:
        return json.dumps(whole(reply.text, reason)).encode()
    parts = [reply.text[at : at + 40] for at in range(0, len(reply.text), 40)] or [""]
    events = [whole(each, None) for each in parts[:-1]] + [whole(parts[-1], reason)]
    return "".join(f"data: {json.dumps(each)}\r\n\r\n" for each in events).encode()


def _openai(seen: Seen, reply: Reply) -> bytes:
    if reply.status != 200:
        return json.dumps({"error": {"message": reply.text, "type": "failed"}}).encode()
    finish = {"stop": "stop", "length": "length", "blocked": "content_filter"}[reply.finish]
    usage = {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150}
    message = {"role": "assistant", "content": reply.text}
    choice = {"index": 0, "message": message, "finish_reason": finish}
    body: dict[str, Any] = {
        "id": "c",
        "object": "chat.completion",
        "created": 0,
        "model": seen.model,
    }
    if not seen.streams:
        choices = [choice] if reply.choices else []
        return json.dumps({**body, "choices": choices, "usage": usage}).encode()
    chunk = {**body, "object": "chat.completion.chunk"}
    parts = [reply.text[at : at + 40] for at in range(0, len(reply.text), 40)]
    events: list[dict[str, Any]] = [
        {**chunk, "choices": [{"index": 0, "delta": {"content": each}, "finish_reason": None}]}
        for each in parts
    ]
    events.append({**chunk, "choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
    events.append({**chunk, "choices": [], "usage": usage})
    return (
        "".join(f"data: {json.dumps(each)}\n\n" for each in events) + "data: [DONE]\n\n"
    ).encode()


@dataclass
class Kept(Answers):
    """Answers in memory."""

    answers: dict[tuple[Scope, str], Answer] = field(default_factory=dict[Any, Answer])

    async def find(self, scope: Scope, request_hash: str) -> Answer | None:
        await asyncio.sleep(0)
        return self.answers.get((scope, request_hash))

    def asking(self, scope: Scope, request_hash: str) -> AbstractAsyncContextManager[None]:
        del scope, request_hash
        return nullcontext()

    async def keep(self, scope: Scope, request_hash: str, answer: Answer) -> None:
        await asyncio.sleep(0)
        self.answers[scope, request_hash] = answer

    async def drop(self, scope: Scope, request_hashes: Any) -> None:
        for each in request_hashes:
            self.answers.pop((scope, each), None)


@dataclass
class Scene:
    """An asker and the providers behind it."""

    asker: Asker
    provider: Provider
    pool: Pool
    attempts: list[Attempt]

    @property
    def asked(self) -> list[str]:
        """The models that were asked, in order."""
        return [each.model for each in self.provider.seen]


@asynccontextmanager
async def scene(
    script: Script,
    *,
    chain: str = f"{GEMINI}, {GROQ}",
    keys: Mapping[str, str] = KEYS,
    limits: str = "",
    answers: Answers | None = None,
    budget: Budget | None = None,
    wait: float = 5.0,
    patience: float = 20.0,
) -> AsyncGenerator[Scene]:
    """An asker whose calls are answered by `script`."""
    by_service = keys_by_service(from_environment(keys), has_openai=False)
    table = parse_limits(limits) if limits else LimitTable()
    pool = Pool(Registry(by_service, table), pauses=(0.01, 0.02))
    provider = Provider(script)
    attempts: list[Attempt] = []
    models = Models(pool=pool, record=attempts.append, inner=lambda: provider)
    names = parse_chain(chain)
    for name in names:
        models.get(name)  # loads its SDK: the first call would miss a short deadline by that
    asker = Asker(
        models=models,
        chains={
            service: tuple(each for each in names if (service, each.provider) in by_service)
            for service in ("chapter", "quiz", "flashcard", "game", "article", "audio")
        },
        answers=answers or NoAnswers(),
        wait=wait,
        patience=patience,
        budget=budget,
    )
    try:
        yield Scene(asker, provider, pool, attempts)
    finally:
        await models.close()
        await pool.close()


def scope(piece: str = "chapter/1") -> Scope:
    """A piece of a course."""
    return Scope(user_id=UUID(int=1), course_id=UUID(int=2), piece_key=piece)


def in_turn(*replies: Reply) -> Script:
    """One reply after another; the last one again and again."""
    left = list(replies)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]
