"""A quota domain: one provider, one project and one model share what they may spend."""

import math
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from coursewright.keys.credentials import Credential
from coursewright.keys.day_budget import DayBudget
from coursewright.keys.sliding_log import SlidingLog, Slot


@dataclass(frozen=True)
class DomainName:
    """What limits belong to. Keys of one project share them; more keys add nothing."""

    provider: str
    project: str
    """As configured; a fingerprint of the key where nobody has said."""
    model: str


class Standing(StrEnum):
    """Whether a domain is known to have limits of its own."""

    NAMED = "named"
    """Its project was named."""
    TRUSTED = "trusted"
    """It went on being admitted while those that are trusted were full, or it was the first."""
    UNTESTED = "untested"
    SHARED = "shared"
    """Another key spends the same limits: it adds nothing."""


@dataclass(eq=False)
class Reservation:
    """A place for one call in every limit of a domain."""

    domain: "Domain"
    requests: Slot | None
    tokens: Slot | None
    claim: UUID | None = None
    """Its name in the log that processes share; None where there is no such log."""

    @property
    def sent_at(self) -> float | None:
        """When its last byte had left."""
        return next((slot.sent_at for slot in (self.requests, self.tokens) if slot), None)


@dataclass(eq=False)
class Domain:
    """The limits of a domain, and what is spent of them. None is a limit that is not known."""

    name: DomainName
    requests: SlidingLog | None = None
    tokens: SlidingLog | None = None
    day: DayBudget = field(default_factory=lambda: DayBudget(None, math.inf))
    credentials: tuple[Credential, ...] = ()
    """The keys of the project, in the order in which they are tried."""
    blocked_until: float = -math.inf
    """The provider asked for patience."""
    closed: str | None = None
    """Why no call of it will ever go through; None while some may."""
    stated: int | None = None
    """The requests a minute that the provider or the settings state; a learnt limit stays below."""
    unexplained: int = 0
    """How often in a row the provider refused without a word on which limit it was."""
    days_refused: int = 0
    """How often in a row the provider said that the day is spent."""
    refused_at: float = -math.inf
    """When it last refused for a limit."""
    standing: Standing = Standing.NAMED
    _held: list[tuple[int, float]] = field(default_factory=list[tuple[int, float]])
    """Other processes have spent it: tokens from which on that matters, and until when."""

    def earliest(self, now: float, tokens: int) -> float | None:
        """The first moment at which a call of that size may be sent.

        `math.inf` for never; None while it depends on calls that are under way.
        """
        if self.closed is not None:
            return math.inf
        start = max(now, self.blocked_until)
        if self.day.left(start) == 0:
            start = max(start, self.day.resets_at)
        if self._held:
            start = max([start, *(until for least, until in self._held if tokens >= least)])
        moments = [start]
        for log, amount in ((self.requests, 1), (self.tokens, tokens)):
            if log is not None:
                feasible = log.earliest(start, amount)
                if feasible is None:
                    return None
                moments.append(feasible)
        return max(moments)

    def reserve(self, now: float, tokens: int, *, day_ends: float) -> Reservation:
        """Takes a place in every limit. Raises `ValueError` where there is none at `now`."""
        if self.earliest(now, tokens) != now:
            message = f"{self.name} has no room at this moment"
            raise ValueError(message)
        self.day.spend(now, resets_at=day_ends)
        return Reservation(
            domain=self,
            requests=self.requests.reserve(now, 1) if self.requests else None,
            tokens=self.tokens.reserve(now, tokens) if self.tokens else None,
        )

    def sent(self, taken: Reservation, at: float) -> None:
        """The last byte has left: from now on the minute runs."""
        if self.requests and taken.requests:
            self.requests.sent(taken.requests, at)
        if self.tokens and taken.tokens:
            self.tokens.sent(taken.tokens, at)

    def settle(self, taken: Reservation, tokens: int) -> None:
        """The tokens that the call really took."""
        if self.tokens and taken.tokens:
            self.tokens.settle(taken.tokens, tokens)

    def give_back(self, taken: Reservation) -> None:
        """The call was never sent."""
        never_sent = all(
            slot is None or slot.sent_at is None for slot in (taken.requests, taken.tokens)
        )
        if never_sent:
            self.day.give_back()
        if self.requests and taken.requests:
            self.requests.give_back(taken.requests)
        if self.tokens and taken.tokens:
            self.tokens.give_back(taken.tokens)

    def forget(self, taken: Reservation) -> None:
        """The call was sent with a key that is not valid: no project's limits paid for it."""
        self.day.give_back()
        if self.requests and taken.requests:
            self.requests.forget(taken.requests)
        if self.tokens and taken.tokens:
            self.tokens.forget(taken.tokens)

    def block(self, until: float) -> None:
        """No call before `until`."""
        self.blocked_until = max(self.blocked_until, until)

    def hold(self, now: float, until: float, *, tokens: int) -> None:
        """No call of that many tokens or more before `until`: other processes have spent them."""
        self._held = [(least, end) for least, end in self._held if end > now]
        self._held.append((tokens, until))

    def release(self) -> None:
        """Other processes may have given something back: it is worth while to ask again."""
        self._held = []

    @property
    def held_until(self) -> float:
        """Until when other processes have spent it, for calls of whatever size."""
        return max((until for least, until in self._held if least == 0), default=-math.inf)

    def drop(self, credential: Credential, reason: str) -> None:
        """Never uses that key again; without any key left the domain is closed."""
        self.credentials = tuple(each for each in self.credentials if each != credential)
        if not self.credentials:
            self.closed = reason
