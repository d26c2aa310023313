"""What the pool must know of a provider's wire: where the model and the key stand, what counts."""

import json
import math
import re
from collections.abc import Mapping
from typing import Any, Protocol, cast
from urllib.parse import unquote

from coursewright.keys import gemini, groq
from coursewright.keys.attempts import Tokens
from coursewright.keys.groq import Remaining
from coursewright.keys.refusal import Metric, Refusal

_BYTES_A_TOKEN = 4
"""A rule of thumb of both providers' documentation for English; other scripts take more bytes."""
_GEMINI_CALL = re.compile(r"/models/([^/:]+):(?:streamGenerateContent|generateContent)$")


class Wire(Protocol):
    """One provider's wire."""

    @property
    def provider(self) -> str:
        """Its name in quota domains."""
        ...

    def model(self, path: str, body: bytes) -> str | None:
        """The model that a request calls; None for a request that is no model call."""
        ...

    def streams(self, path: str, body: bytes) -> bool:
        """Whether the answer comes in pieces, which are passed on as they come."""
        ...

    def authorize(self, secret: str) -> Mapping[str, str]:
        """The header that carries the key. Never the URL: URLs stand in logs."""
        ...

    def estimate(self, body: bytes) -> int:
        """Tokens that the provider will count when it admits the request."""
        ...

    def tokens(self, body: bytes) -> Tokens | None:
        """What an answer, or the end of a stream, says of its tokens; None where it does not."""
        ...

    def counted(self, tokens: Tokens) -> int:
        """How many of them the limit by the minute counts."""
        ...

    def stated(self, headers: Mapping[str, str]) -> tuple[Remaining, ...]:
        """Limits, and what is left of them, in the headers of an answer."""
        ...

    def refusal(self, status: int, headers: Mapping[str, str], body: bytes) -> Refusal:
        """What an answer with a status of 400 or more means."""
        ...


class GeminiWire:
    """generativelanguage.googleapis.com; the minute counts the tokens of prompts."""

    provider = "gemini"

    def model(self, path: str, body: bytes) -> str | None:
        """It stands in the path."""
        del body
        found = _GEMINI_CALL.search(unquote(path))
        return found[1] if found else None

    def streams(self, path: str, body: bytes) -> bool:
        """It stands in the path."""
        del body
        return path.endswith(":streamGenerateContent")

    def authorize(self, secret: str) -> Mapping[str, str]:
        """As `x-goog-api-key`."""
        return {"x-goog-api-key": secret}

    def estimate(self, body: bytes) -> int:
        """The request's bytes, divided by what a token has."""
        return math.ceil(len(body) / _BYTES_A_TOKEN)

    def tokens(self, body: bytes) -> Tokens | None:
        """`usageMetadata`; of a stream the last one."""
        prompt = _last("promptTokenCount", body)
        if prompt is None:
            return None
        answer = (_last(name, body) or 0 for name in ("candidatesTokenCount", "thoughtsTokenCount"))
        cached = _last("cachedContentTokenCount", body) or 0
        return Tokens(prompt=prompt, answer=sum(answer), cached=cached)

    def counted(self, tokens: Tokens) -> int:
        """Those of the prompt."""
        return tokens.prompt

    def stated(self, headers: Mapping[str, str]) -> tuple[Remaining, ...]:
        """Gemini says nothing there."""
        del headers
        return ()

    def refusal(self, status: int, headers: Mapping[str, str], body: bytes) -> Refusal:
        """`google.rpc.Status`."""
        return gemini.read_refusal(status, headers, body)


class OpenAiWire:
    """Groq, and every server that speaks OpenAI's chat completions; prompt and answer count."""

    def __init__(self, provider: str = "groq") -> None:
        self.provider = provider

    def model(self, path: str, body: bytes) -> str | None:
        """It stands in the body."""
        name = _object(body).get("model") if path.endswith("/chat/completions") else None
        return name if isinstance(name, str) and name else None

    def streams(self, path: str, body: bytes) -> bool:
        """It stands in the body."""
        del path
        return _object(body).get("stream") is True

    def authorize(self, secret: str) -> Mapping[str, str]:
        """As a bearer token."""
        return {"authorization": f"Bearer {secret}"}

    def estimate(self, body: bytes) -> int:
        """The prompt, and all that the answer may be: that much is reserved on admission."""
        request = _object(body)
        most = request.get("max_completion_tokens") or request.get("max_tokens") or 0
        answer = most if isinstance(most, int) and most > 0 else 0
        return math.ceil(len(body) / _BYTES_A_TOKEN) + answer

    def tokens(self, body: bytes) -> Tokens | None:
        """`usage`; some servers state the sum only."""
        answer = _last("completion_tokens", body) or 0
        total = _last("total_tokens", body)
        prompt = _last("prompt_tokens", body)
        if prompt is None and total is None:
            return None
        prompt = (total or 0) - answer if prompt is None else prompt
        cached = _last("cached_tokens", body) or 0
        return Tokens(prompt=prompt, answer=answer, cached=cached)

    def counted(self, tokens: Tokens) -> int:
        """Prompt and answer."""
        return tokens.prompt + tokens.answer

    def stated(self, headers: Mapping[str, str]) -> tuple[Remaining, ...]:
        """`x-ratelimit-*`: Groq counts requests by the day there; OpenAI mostly by the minute, so
        that its day would seem to be spent after some hundred calls.
        """
        return tuple(
            each
            for each in groq.read_headers(headers)
            if self.provider == "groq" or each.metric is not Metric.REQUESTS_A_DAY
        )

    def refusal(self, status: int, headers: Mapping[str, str], body: bytes) -> Refusal:
        """OpenAI's `error` object, with Groq's words for limits."""
        return groq.read_refusal(status, headers, body)


def _last(name: str, body: bytes) -> int | None:
    found = re.findall(rb'"%s"\s*:\s*(\d+)' % name.encode(), body)
    return int(found[-1]) if found else None


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        found: object = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return cast(Mapping[str, Any], found) if isinstance(found, dict) else {}
