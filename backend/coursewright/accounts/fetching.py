"""Fetching a project's public keys."""

import json
from typing import Any

import httpx2

from coursewright.accounts.jwks import Fetch
from coursewright.course.errors import Unavailable

_SECONDS = 5.0
_LARGEST = 256_000
"""Bytes. A document of two keys has some 500."""


def fetcher(url: str) -> Fetch:
    """Fetches the document at `url`."""

    async def fetch() -> dict[str, Any]:
        try:
            async with (
                httpx2.AsyncClient(timeout=_SECONDS) as client,
                client.stream("GET", url, headers={"Accept": "application/json"}) as answer,
            ):
                answer.raise_for_status()
                body = b""
                async for part in answer.aiter_bytes():
                    body += part
                    if len(body) > _LARGEST:
                        break  # what is cut off is no JSON
            document = json.loads(body)
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError, RecursionError) as error:
            raise Unavailable(
                f"the keys that tokens are checked with cannot be fetched ({type(error).__name__})",
                hint=f"Is COURSEWRIGHT_SUPABASE_URL right, and can this machine reach {url}?",
            ) from error
        if not isinstance(document, dict):
            raise Unavailable(
                "the keys that tokens are checked with are no JSON object",
                hint=f"Is COURSEWRIGHT_SUPABASE_URL right? {url} should be a JWKS document.",
            )
        return document  # pyright: ignore[reportUnknownVariableType] - JSON

    return fetch
