"""Limits that count what arrives. The clock is passed in, in seconds."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from coursewright.emulator.options import ModelLimits, WindowKind

MINUTE = 60.0
_ROUNDING = 1e-9
"""Less than this of a request is an error of arithmetic."""
Metric = Literal["rpm", "tpm", "rpd", "tpd"]


@dataclass
class Entry:
    """A call as one limit saw it."""

    at: float
    amount: int
    accepted: bool


@dataclass
class Limit:
    """One limit. It admits or refuses nothing by itself: see `Domain`."""

    metric: Metric
    value: int
    kind: WindowKind = "sliding"
    span: float = MINUTE
    """Seconds that it looks back (sliding), that a period takes (calendar), to fill (bucket)."""
    origin: float = 0.0
    """When the first calendar period began."""
    log: list[Entry] = field(default_factory=list[Entry])
    """Every call that arrived, refused ones included."""
    _live: list[Entry] = field(default_factory=list[Entry])
    _spent: float = 0.0  # of the bucket, at `_at`
    _at: float = 0.0

    def used(self, now: float) -> int:
        """What counts at `now`."""
        if self.kind == "bucket":
            return math.ceil(self._level(now) - _ROUNDING)
        start = self._period(now)
        # A call at t counts until just before t + span, so that any half-open span holds `value`.
        self._live = [
            entry
            for entry in self._live
            if (entry.at + self.span > now if self.kind == "sliding" else entry.at >= start)
        ]
        return sum(entry.amount for entry in self._live)

    def wait(self, now: float, amount: int) -> float:
        """Seconds until `amount` fits, if nothing else comes; inf when it never will."""
        if amount > self.value:
            return math.inf
        excess = self.used(now) + amount - self.value
        if self.kind == "bucket":
            excess_level = self._level(now) + amount - self.value
            return (
                max(0.0, excess_level * self.span / self.value) if excess_level > _ROUNDING else 0.0
            )
        if excess <= 0:
            return 0.0
        if self.kind == "calendar":
            return self._period(now) + self.span - now
        for entry in self._live:
            excess -= entry.amount
            if excess <= 0:
                return entry.at + self.span - now
        return math.inf  # not reached: all that counts is more than what is missing

    def full_reset(self, now: float) -> float:
        """Seconds until nothing counts any more."""
        if not self.used(now):
            return 0.0
        if self.kind == "bucket":
            return self._level(now) * self.span / self.value
        if self.kind == "calendar":
            return self._period(now) + self.span - now
        return self._live[-1].at + self.span - now

    def record(self, now: float, amount: int, *, accepted: bool) -> Entry:
        """Writes a call down; an accepted one counts."""
        entry = Entry(now, amount, accepted)
        self.log.append(entry)
        if accepted:
            self._spent, self._at = self._level(now) + amount, now
            self._live.append(entry)
        return entry

    def settle(self, entry: Entry, amount: int, now: float) -> None:
        """What an accepted call took in the end, where less counts than was reserved."""
        less = entry.amount - amount
        if less > 0:
            entry.amount = amount
            self._spent, self._at = max(0.0, self._level(now) - less), now

    def _level(self, now: float) -> float:
        return max(0.0, self._spent - (now - self._at) * self.value / self.span)

    def _period(self, now: float) -> float:
        return self.origin + math.floor((now - self.origin) / self.span) * self.span


@dataclass(frozen=True, kw_only=True)
class Violation:
    """A limit that a call would have broken."""

    metric: Metric
    limit: int
    used: int
    requested: int
    wait: float
    """Seconds; inf when the call alone is more than the limit."""


class Domain:
    """All limits of one project and one model."""

    def __init__(
        self,
        limits: ModelLimits,
        *,
        kind: WindowKind = "sliding",
        day: float = 86_400.0,
        origin: float = 0.0,
    ) -> None:
        kinds: dict[Metric, tuple[int | None, WindowKind, float]] = {
            "rpm": (limits.rpm, kind, MINUTE),
            "tpm": (limits.tpm, kind, MINUTE),
            "rpd": (limits.rpd, "calendar", day),
            "tpd": (limits.tpd, "calendar", day),
        }
        self.limits = {
            metric: Limit(metric, value, each, span, origin)
            for metric, (value, each, span) in kinds.items()
            if value is not None
        }

    def admit(self, now: float, tokens: int) -> "Admission":
        """Counts a call against all limits, or against none: then says which ones it breaks."""
        found = tuple(self._violations(now, tokens))
        entries: dict[Metric, Entry] = {
            limit.metric: limit.record(now, _amount(limit.metric, tokens), accepted=not found)
            for limit in self.limits.values()
        }
        return Admission(self, found, entries)

    def _violations(self, now: float, tokens: int) -> Iterable[Violation]:
        for limit in self.limits.values():
            amount = _amount(limit.metric, tokens)
            if (wait := limit.wait(now, amount)) > 0:
                yield Violation(
                    metric=limit.metric,
                    limit=limit.value,
                    used=limit.used(now),
                    requested=amount,
                    wait=wait,
                )


@dataclass(frozen=True)
class Admission:
    """What became of a call."""

    domain: Domain
    violations: tuple[Violation, ...]
    """The limits that it would have broken; empty when it was admitted."""
    entries: Mapping[Metric, Entry]

    def settle(self, used: int, now: float) -> None:
        """The tokens that it took in the end, where that is less than was reserved."""
        for metric in ("tpm", "tpd"):
            if (entry := self.entries.get(metric)) is not None and entry.accepted:
                self.domain.limits[metric].settle(entry, used, now)


def _amount(metric: Metric, tokens: int) -> int:
    return tokens if metric in {"tpm", "tpd"} else 1
