"""What was seen of each request: how long it took, how large it was, what went wrong."""

import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_SHOWN = 200


def percentile(values: Sequence[float], share: float) -> float:
    """The value that so large a share of all does not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -int(-share * len(ordered) // 1) - 1))]


@dataclass
class Record:
    """Of one phase."""

    seconds: defaultdict[str, list[float]] = field(
        default_factory=lambda: defaultdict[str, list[float]](list)
    )
    """By the name of the route."""
    sizes: defaultdict[str, list[int]] = field(
        default_factory=lambda: defaultdict[str, list[int]](list)
    )
    """Bytes of the bodies of answers."""
    errors: Counter[str] = field(default_factory=Counter[str])
    lag: list[float] = field(default_factory=list[float])
    """Seconds by which this process itself woke up too late."""

    def add(self, route: str, seconds: float, size: int) -> None:
        """A request was answered as it should be."""
        self.seconds[route].append(seconds)
        self.sizes[route].append(size)

    def failed(self, route: str, why: str) -> None:
        """A request was not answered as it should be."""
        self.errors[f"{route}: {why[:_SHOWN]}"] += 1

    def rows(self) -> list[dict[str, Any]]:
        """A row for each route, then one for all."""
        everything = [each for values in self.seconds.values() for each in values]
        groups = [*sorted(self.seconds.items()), *([("all", everything)] if everything else [])]
        return [
            {
                "route": name,
                "requests": len(values),
                "p50_ms": _ms(percentile(values, 0.5)),
                "p99_ms": _ms(percentile(values, 0.99)),
                "max_ms": _ms(max(values)),
                "kb": round(statistics.mean(self.sizes[name]) / 1000, 1) if name != "all" else None,
            }
            for name, values in groups
        ]


def requests_of(phase: Mapping[str, Any]) -> int:
    """How many were answered in a phase."""
    return sum(row["requests"] for row in phase["rows"] if row["route"] != "all")


class Clock:
    """How much of a core this process takes, and for how long."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def read(self) -> tuple[float, float]:
        """Seconds by the clock, and of the processor, since this was made."""
        return time.perf_counter() - self._wall, time.process_time() - self._cpu


def _ms(seconds: float) -> float:
    return round(1000 * seconds, 2)
