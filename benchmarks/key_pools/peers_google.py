"""The retries of Google's own SDK, in its own process: see `peer_job`.

Settings, and why: a client for each key, since a client holds one key, and calls given to them in
turn. `HttpRetryOptions(attempts=...)` is the SDK's documented way to retry; 5 attempts are its
default once retries are asked for. Delays and statuses are left at their defaults: exponential
from 1 s to 60 s with jitter, for 408, 429 and 5xx.
"""

import asyncio
import importlib
from collections.abc import Awaitable
from typing import Any, Protocol, cast

from key_pools.peer_job import Job, work


class _Models(Protocol):
    def generate_content(self, *, model: str, contents: str) -> Awaitable[object]: ...


class _Google:
    """A client for each key."""

    def __init__(self, job: Job) -> None:
        genai = cast("Any", importlib.import_module("google.genai"))
        types = cast("Any", importlib.import_module("google.genai.types"))
        options = types.HttpOptions(
            base_url=job.base,
            timeout=int(job.timeout * 1000),
            retry_options=types.HttpRetryOptions(attempts=job.settings["attempts"]),
        )
        self._job = job
        # A client that is collected closes its connections, so clients are kept.
        self._clients = [genai.Client(api_key=key, http_options=options) for key in job.keys]

    async def warm_up(self) -> None:
        await self._send(0, self._job.warm_up_model, "Say something.")

    async def send_all(self) -> int:
        calls = (self._attempt(number, prompt) for number, prompt in enumerate(self._job.prompts))
        return sum(await asyncio.gather(*calls))

    async def _attempt(self, number: int, prompt: str) -> bool:
        try:
            await self._send(number, self._job.model, prompt)
        except Exception:  # noqa: BLE001 - whatever it raises, the call is not done
            return False
        return True

    async def _send(self, number: int, model: str, prompt: str) -> None:
        client = self._clients[number % len(self._clients)]
        await cast("_Models", client.aio.models).generate_content(model=model, contents=prompt)


if __name__ == "__main__":
    work(_Google)
