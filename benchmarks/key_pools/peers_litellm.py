"""LiteLLM's Router, in its own process: see `peer_job`.

Settings, and why:
- A deployment for each key in one model group, with the `rpm` of the limit: its documentation's
  way to balance keys. `usage-based-routing-v2` enforces that `rpm`; with `simple-shuffle` it is
  enforced by `optional_pre_call_checks=["enforce_model_rate_limits"]`, which the one behind the
  queue is given (the bare one keeps the defaults, where `rpm` is only a weight).
- Bare: everything else is left as it comes, so 2 retries and a cooldown of 5 s.
- Behind a queue: at most as many calls at once as one minute allows, each sent again, after a rest
  of about a second, until it is done or the deadline is over. `cooldown_time` is 60 s, as long as
  the limit's window. Rests of 1 s and 5 s and cooldowns of 5 s (the default) and 60 s were tried.
  In a run of all but 5 s with 5 s, these two took the least time with both ways of routing.
- Its minutes are those of the clock on the wall, and the limit's are any 60 seconds, so its figures
  change with the second of the minute in which it starts: `--peer-seeds` shows by how much.
"""

import asyncio
import importlib
import logging
import os
import random
import time
from collections.abc import Awaitable
from typing import Any, Protocol, cast

from key_pools.peer_job import Job, Peer, work

GROUP, WARM_UP = "course", "warm-up"


class _Router(Protocol):
    def acompletion(self, model: str, messages: list[dict[str, str]]) -> Awaitable[object]: ...


def prepare(job: Job) -> Peer:
    """The router is made before the clock starts."""
    router = _router(job)
    return _Queue(job, router) if job.settings["queue"] else _Bare(job, router)


def _router(job: Job) -> _Router:
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    litellm = cast("Any", importlib.import_module("litellm"))
    litellm.telemetry = False
    litellm.suppress_debug_info = True
    logging.disable(logging.CRITICAL)
    options: dict[str, object] = {}
    if job.settings["queue"]:
        options["cooldown_time"] = job.settings["cooldown"]
        if job.settings["routing"] == "simple-shuffle":
            options["optional_pre_call_checks"] = ["enforce_model_rate_limits"]
    deployments = [_deployment(job, GROUP, job.model, key) for key in job.keys]
    deployments.append(_deployment(job, WARM_UP, job.warm_up_model, job.keys[0]))
    made = litellm.Router(
        model_list=deployments,
        routing_strategy=job.settings["routing"],
        timeout=job.timeout,
        **options,
    )
    return cast("_Router", made)


def _deployment(job: Job, group: str, model: str, key: str) -> dict[str, object]:
    return {
        "model_name": group,
        "litellm_params": {
            "model": f"gemini/{model}",
            "api_key": key,
            "api_base": f"{job.base}/v1beta",
            "rpm": job.rpm,
        },
    }


class _Bare:
    """All calls at once; what the router raises is the end of a call."""

    def __init__(self, job: Job, router: _Router) -> None:
        self._job = job
        self._router = router

    async def warm_up(self) -> None:
        await self._send(WARM_UP, "Say something.")

    async def send_all(self) -> int:
        return sum(await asyncio.gather(*(self.attempt(prompt) for prompt in self._job.prompts)))

    async def attempt(self, prompt: str) -> bool:
        try:
            await self._send(GROUP, prompt)
        except Exception:  # noqa: BLE001 - whatever it raises, the call is not done
            return False
        return True

    async def _send(self, group: str, prompt: str) -> None:
        await self._router.acompletion(group, [{"role": "user", "content": prompt}])


class _Queue(_Bare):
    """Calls wait for a worker, and are sent again until they are done."""

    def __init__(self, job: Job, router: _Router) -> None:
        super().__init__(job, router)
        self._workers = asyncio.Semaphore(len(job.keys) * job.rpm)
        self._rest = float(job.settings["rest"])
        self._rng = random.Random(1)  # noqa: S311 - spreads retries
        self._ends = 0.0

    async def send_all(self) -> int:
        self._ends = time.monotonic() + self._job.deadline
        return await super().send_all()

    async def attempt(self, prompt: str) -> bool:
        async with self._workers:
            while time.monotonic() < self._ends:
                if await super().attempt(prompt):
                    return True
                await asyncio.sleep(self._rest * self._rng.uniform(0.5, 1.5))
        return False


if __name__ == "__main__":
    work(prepare)
