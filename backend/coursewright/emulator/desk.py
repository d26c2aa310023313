"""What happens to a call between its arrival and its answer: keys, limits, faults, the log."""

import hashlib
import json
import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, cast

from coursewright.emulator import faults, latency
from coursewright.emulator.faults import Fault
from coursewright.emulator.options import EmulatorOptions, ModelLimits, Provider
from coursewright.emulator.windows import Admission, Domain, Violation
from coursewright.emulator.writing.planting import Planted

_BYTES_A_TOKEN = 4
_FOREIGN = {"gemini": ("gsk_",), "groq": ("AIza", "AQ.")}


class KeyState(Enum):
    """What is wrong with a key."""

    GOOD = auto()
    DEAD = auto()
    LEAKED = auto()
    BARRED = auto()


@dataclass
class Call:
    """One request as it stands in the log. The key itself is never kept."""

    at: float
    """Seconds on the emulator's clock when its last byte had arrived."""
    provider: Provider
    project: str
    model: str
    key: str
    """The first 8 hexadecimal digits of the key's SHA-256."""
    call_id: str
    status: int = 0
    """0 until it is answered, and when its connection was reset; 499 when the client hung up."""
    fault: str | None = None
    attempt: int = 0
    """Which admitted attempt of this call it is, from 1; 0 when it was not admitted."""
    prompt_tokens: int = 0
    answer_tokens: int = 0
    ended: float | None = None
    """When the answer had been sent."""
    planted: tuple[Planted, ...] = ()
    """Questions of the answer that are wrong on purpose; they count when the status is 200."""


@dataclass
class Visit:
    """A call on its way through."""

    call: Call
    violations: tuple[Violation, ...] = ()
    terse: bool = False
    unsafe: bool = False
    """Whether the safety filter refuses it whatever happens."""
    admission: Admission | None = None
    fault: Fault | None = None


@dataclass
class Desk:
    """The state of the emulator."""

    options: EmulatorOptions
    clock: Callable[[], float]
    log: list[Call] = field(default_factory=list[Call])
    domains: dict[tuple[str, str, str], Domain] = field(
        default_factory=dict[tuple[str, str, str], Domain]
    )
    """By provider, project and model."""
    started: float = field(init=False)
    answered: Callable[[Call], None] | None = None
    """Told of each call when it is over."""
    _attempts: Counter[str] = field(default_factory=Counter[str])
    _refusals: Counter[str] = field(default_factory=Counter[str])

    def __post_init__(self) -> None:
        self.started = self.clock()

    def reset(self) -> None:
        """As if just started."""
        self.log.clear()
        self.domains.clear()
        self._attempts.clear()
        self._refusals.clear()
        self.started = self.clock()

    def key_state(self, provider: Provider, key: str) -> KeyState:
        """Keys of the other provider are dead here."""
        if key in self.options.leaked_keys:
            return KeyState.LEAKED
        if key in self.options.barred_keys:
            return KeyState.BARRED
        wrong = key.startswith(_FOREIGN[provider]) or key != key.strip(" \t\"'")
        return KeyState.DEAD if wrong or key in self.options.dead_keys else KeyState.GOOD

    def open(self, provider: Provider, key: str, model: str, body: Mapping[str, Any]) -> Visit:
        """A call has arrived: it stands in the log from now on."""
        call = Call(
            at=self.clock(),
            provider=provider,
            project=self.project(key),
            model=model,
            key=fingerprint(key),
            call_id=call_id(provider, model, body),
        )
        self.log.append(call)
        unsafe = self.options.unsafe
        refused = unsafe is not None and unsafe.search("\n".join(_texts(body))) is not None
        return Visit(call, unsafe=refused)

    def admit(self, visit: Visit, limits: ModelLimits, tokens: int) -> bool:
        """Counts it against the limits, and decides on its fault."""
        call = visit.call
        admission = self.domain(call, limits).admit(call.at, tokens)
        if admission.violations:
            self._refusals[call.call_id] += 1
            visit.violations = admission.violations
            visit.terse = faults.is_terse(self.options, call.call_id, self._refusals[call.call_id])
            return False
        # Only admitted attempts count, so that a strategy that is refused meets no other faults.
        self._attempts[call.call_id] += 1
        call.attempt = self._attempts[call.call_id]
        elapsed = call.at - self.started
        visit.fault = faults.draw(self.options, call.call_id, call.attempt, elapsed)
        if visit.unsafe and visit.fault is None:
            visit.fault = Fault.BLOCKED
        call.fault = visit.fault
        visit.admission = admission
        return True

    def close(self, visit: Visit, status: int) -> None:
        """It has been answered."""
        visit.call.status = status
        visit.call.ended = self.clock()
        if self.answered is not None:
            self.answered(visit.call)

    def settle(self, visit: Visit) -> None:
        """Gives back the tokens that were reserved and not used."""
        call = visit.call
        if self.options.settles and visit.admission is not None:
            visit.admission.settle(call.prompt_tokens + call.answer_tokens, self.clock())

    def pauses(self, visit: Visit) -> tuple[float, float]:
        """Seconds to the first token, and from there to the last."""
        call, scale = visit.call, self.options.latency_scale
        return latency.seconds(call.provider, call.call_id, call.answer_tokens, scale)

    def domain(self, call: Call, limits: ModelLimits) -> Domain:
        """Where the call counts."""
        name = (call.provider, call.project, call.model)
        if name not in self.domains:
            self.domains[name] = Domain(
                limits,
                kind=self.options.window,
                day=self.options.day_seconds,
                origin=self.started,
            )
        return self.domains[name]

    def project(self, key: str) -> str:
        """The project of a key; a key that no project was named for is one of its own."""
        return self.options.projects.get(key) or f"alone-{fingerprint(key)}"


def fingerprint(key: str) -> str:
    """What stands for a key in the log."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def call_id(provider: Provider, model: str, body: Mapping[str, Any]) -> str:
    """What is asked, whoever asks it and when."""
    text = json.dumps([provider, model, body], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def count_tokens(text: str) -> int:
    """A rule of thumb: four characters a token."""
    return math.ceil(len(text) / _BYTES_A_TOKEN)


def _texts(body: object) -> Iterator[str]:
    """All texts in a body, the names of fields left out."""
    if isinstance(body, str):
        yield body
    elif isinstance(body, Mapping):
        for each in cast("Mapping[str, object]", body).values():
            yield from _texts(each)
    elif isinstance(body, list):
        for each in cast("list[object]", body):
            yield from _texts(each)
