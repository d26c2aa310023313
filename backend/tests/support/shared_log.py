"""A shared log in memory, for pools in one process; and a loop in which time costs nothing."""

import asyncio
import math
import selectors
from collections import defaultdict
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")


class LogGone(Exception):
    """The log does not answer."""


@dataclass
class _Slot:
    domain: str
    tokens: int
    expires: float = math.inf


@dataclass
class MemoryLog:
    """What processes share: limits by requests, tokens and days, places, facts."""

    clock: Callable[[], float]
    gone: bool = False
    slots: dict[str, _Slot] = field(default_factory=dict[str, _Slot])
    used: defaultdict[str, int] = field(default_factory=lambda: defaultdict[str, int](int))
    facts: defaultdict[str, dict[str, Any]] = field(
        default_factory=lambda: defaultdict[str, dict[str, Any]](dict)
    )
    blocked: dict[str, float] = field(default_factory=dict[str, float])
    versions: defaultdict[str, int] = field(default_factory=lambda: defaultdict[str, int](int))
    dead: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    members: list["MemoryState"] = field(default_factory=list["MemoryState"])
    letters: int = 0

    def join(self, *, delay: float = 0.0) -> "MemoryState":
        """One more process; each way of a letter takes `delay` seconds."""
        self.members.append(MemoryState(self, delay))
        return self.members[-1]

    def exchange(self, sender: "MemoryState", letter: Mapping[str, Any]) -> dict[str, Any]:
        now = self.clock()
        self.letters += 1
        silent = [
            each
            for each in self.members
            if each is not sender and not each.has_left and now - 600 < each.seen_at < now - 7.5
        ]
        is_new = sender.seen_at == -math.inf
        too_early = is_new and bool(silent)
        sender.seen_at, sender.has_left = now, letter["bye"]
        names = ["/".join(parts[:3]) for parts in letter["domains"]]
        freed = self._hear(letter, names, now)
        for key in letter["dead"]:
            self.dead.append({**key, "number": len(self.dead) + 1})
        verdicts = [
            {"granted": False, "seconds": 1.0, "tokens": 0}
            if too_early
            else self._claim(names[each["domain"]], each, now)
            for each in letter["claims"]
        ]
        for member in self.members:
            if member is not sender:
                for number in [0] * is_new + [self._number(name) for name in freed]:
                    member.news.put_nowait(number)
        return {
            "verdicts": verdicts,
            "news": [
                {
                    "number": self._number(name),
                    "version": self.versions[name],
                    "facts": {**self.facts[name], **self._block(name, now)}
                    if self.versions[name] != parts[3]
                    else None,
                    "day_used": self.used[name],
                    "day_for": 40_000.0,
                }
                for name, parts in zip(names, letter["domains"], strict=True)
            ],
            "dead": [key for key in self.dead if key["number"] > letter["dead_known"]],
            "processes": sum(
                each.seen_at > now - letter["lease"] and not each.has_left for each in self.members
            ),
        }

    def _hear(self, letter: Mapping[str, Any], names: list[str], now: float) -> set[str]:
        """What became of places; returns where others may find room now."""
        freed: set[str] = set()
        for told in letter["learned"]:
            name = names[told["domain"]]
            changes = dict(told["changes"])
            self.blocked[name] = now + changes.pop("blocked_for", -math.inf)
            changes.pop("day_for", None)
            self.used[name] = max(self.used[name], changes.pop("day_used", 0))
            self.facts[name] |= changes
            self.versions[name] += 1
            freed.add(name)
        for told in letter["spent"]:
            name = names[told["domain"]]
            if told["id"] not in self.slots and told["again"]:
                self.slots[told["id"]] = _Slot(name, told["tokens"])
                self.used[name] += 1
            slot = self.slots.get(told["id"])
            if slot is not None:
                slot.tokens = told["tokens"]
                if told["sent_ago"] is not None:
                    slot.expires = now - told["sent_ago"] + told["keep"]
                freed.add(name)
        for back in letter["given_back"]:
            if self.slots.pop(back["id"], None):
                self.used[names[back["domain"]]] -= 1
                freed.add(names[back["domain"]])
        return freed

    def _claim(self, name: str, wanted: Mapping[str, Any], now: float) -> dict[str, Any]:
        if wanted["id"] in self.slots:
            return {"granted": True}
        for each, slot in list(self.slots.items()):
            if slot.expires <= now:
                del self.slots[each]
        mine = sorted(
            (slot for slot in self.slots.values() if slot.domain == name), key=lambda s: s.expires
        )
        rpm = self.facts[name].get("rpm") or wanted["rpm"] or math.inf
        tpm = self.facts[name].get("tpm") or wanted["tpm"] or math.inf
        until = max(now, self.blocked.get(name, -math.inf))
        if self.used[name] >= (wanted["rpd"] or math.inf):
            until = max(until, now + 40_000.0)
        if len(mine) + 1 > rpm:
            until = max(until, mine[len(mine) - int(rpm)].expires)
        early = until
        missing = sum(slot.tokens for slot in mine) + wanted["tokens"] - tpm
        for slot in mine:
            if missing > 0:
                missing -= slot.tokens
                until = max(until, slot.expires)
        if until > now:
            seconds = None if until == math.inf else until - now
            least = wanted["tokens"] if early <= now else 0
            return {"granted": False, "seconds": seconds, "tokens": least}
        self.slots[wanted["id"]] = _Slot(name, wanted["tokens"])
        self.used[name] += 1
        return {"granted": True}

    def _block(self, name: str, now: float) -> dict[str, float]:
        left = self.blocked.get(name, -math.inf) - now
        return {"blocked_for": left} if left > 0 else {}

    def _number(self, name: str) -> int:
        return list(self.versions).index(name) + 1 if name in self.versions else self._new(name)

    def _new(self, name: str) -> int:
        self.versions[name] = 0
        return len(self.versions)


@dataclass(eq=False)
class MemoryState:
    """The log as one process sees it."""

    log: MemoryLog
    delay: float
    gone: type[Exception] = LogGone
    cut_off: bool = False
    """Whether this process alone cannot reach the log."""
    seen_at: float = -math.inf
    has_left: bool = False
    news: asyncio.Queue[int | None] = field(default_factory=asyncio.Queue[int | None])

    async def exchange(self, letter: Mapping[str, Any]) -> dict[str, Any]:
        await asyncio.sleep(self.delay)
        if self.log.gone or self.cut_off:
            raise LogGone("the log does not answer")
        reply = self.log.exchange(self, letter)
        await asyncio.sleep(self.delay)
        return reply

    @asynccontextmanager
    async def changes(self) -> AsyncGenerator[AsyncIterator[int | None]]:
        async def each() -> AsyncIterator[int | None]:
            while True:
                yield await self.news.get()

        yield each()

    async def close(self) -> None:
        """There is nothing to close."""


class _Impatient(selectors.DefaultSelector):
    """Waits for nothing: it moves the clock instead."""

    now = 0.0

    def select(self, timeout: float | None = None) -> Any:
        if timeout is None:
            message = "everybody waits, and nothing will ever happen"
            raise RuntimeError(message)
        self.now += timeout
        return super().select(0)


class _QuickLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._clock = _Impatient()
        super().__init__(self._clock)

    def time(self) -> float:
        return self._clock.now


def run_quickly(main: Coroutine[Any, Any, T]) -> T:
    """Runs `main` in a loop whose clock jumps to whatever is next. Only for what does no I/O."""
    with asyncio.Runner(loop_factory=_QuickLoop) as runner:
        return runner.run(main)
