"""Memory and processor time of the service and its Postgres, looked at every second."""

import asyncio
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import psutil

EVERY = 1.0
"""Seconds."""
_POSTGRES_EVERY = 5
"""Looks: to add up the memory of its processes takes some milliseconds."""
FLAT = 1.05
"""The last fifth of a measurement may have so much more memory than its second fifth."""


@dataclass(frozen=True)
class Look:
    """One look."""

    at: float
    """Seconds since 1970."""
    service_mb: float
    service_cpu: float
    """Seconds of the processor so far."""
    postgres_mb: float | None
    """Of all its processes; what they share is counted once."""
    postgres_cpu: float


class Watch:
    """Looks until it is stopped."""

    def __init__(self, service: int, postgres: int) -> None:
        """Both are process ids."""
        self._service = psutil.Process(service)
        self._postgres = psutil.Process(postgres)
        self.looks: list[Look] = []

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(EVERY)

    def look(self) -> None:
        """One look."""
        self.looks.append(
            Look(
                time.time(),
                self._service.memory_info().rss / 1e6,
                sum(self._service.cpu_times()[:2]),
                self._memory() if len(self.looks) % _POSTGRES_EVERY == 0 else None,
                self._cpu(),
            )
        )

    def _processes(self) -> list[psutil.Process]:
        return [self._postgres, *self._postgres.children()]

    def _memory(self) -> float:
        found = 0.0
        for process in self._processes():
            try:
                memory = process.memory_full_info()
            except psutil.NoSuchProcess:
                continue  # it has just ended
            found += getattr(memory, "pss", memory.uss) / 1e6
        return found

    def _cpu(self) -> float:
        """Those that have ended are in the time of their parent's children."""
        found = sum(self._postgres.cpu_times()[2:4])
        for process in self._processes():
            try:
                found += sum(process.cpu_times()[:2])
            except psutil.NoSuchProcess:
                continue
        return found


def summed_up(looks: Sequence[Look], requests: int) -> dict[str, Any]:
    """What the looks of one phase say."""
    first, last = looks[0], looks[-1]
    service = [(each.at, each.service_mb) for each in looks]
    postgres = [(each.at, each.postgres_mb) for each in looks if each.postgres_mb is not None]
    return {
        "service_cpu_ms_a_request": _each(first, last, requests, lambda look: look.service_cpu),
        "postgres_cpu_ms_a_request": _each(first, last, requests, lambda look: look.postgres_cpu),
        "service_cores": _cores(first, last, lambda look: look.service_cpu),
        "postgres_cores": _cores(first, last, lambda look: look.postgres_cpu),
        "service_memory": memory(service),
        "postgres_memory": memory(postgres),
    }


def memory(looks: Sequence[tuple[float, float]]) -> dict[str, Any]:
    """Of (time, megabytes): how it was early and late, and whether that is flat.

    The first fifth is left out, since it warms up: caches fill, connections are made.
    """
    began, ended = looks[0][0], looks[-1][0]
    fifth = (ended - began) / 5
    early = [mb for at, mb in looks if fifth <= at - began <= 2 * fifth]
    late = [mb for at, mb in looks if ended - at <= fifth]
    warm = [(at, mb) for at, mb in looks if at - began >= fifth]
    if not early or len(warm) < 2:  # noqa: PLR2004 - a line needs two
        return {"mb": round(looks[-1][1], 1), "growth": None, "mb_a_minute": None}
    slope = statistics.linear_regression(*zip(*warm, strict=True)).slope
    return {
        "mb": round(statistics.median(late), 1),
        "growth": round(statistics.median(late) / statistics.median(early), 3),
        "mb_a_minute": round(60 * slope, 2),
    }


def _each(first: Look, last: Look, requests: int, cpu: Callable[[Look], float]) -> float:
    return round(1000 * (cpu(last) - cpu(first)) / max(1, requests), 2)


def _cores(first: Look, last: Look, cpu: Callable[[Look], float]) -> float:
    return round((cpu(last) - cpu(first)) / max(0.001, last.at - first.at), 2)
