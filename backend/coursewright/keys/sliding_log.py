"""An exact log of what was spent in the last minute, so that no window ever holds too much.

A token bucket admits nearly twice the limit within one window, and calendar minutes do so at their
border; a provider that counts any 60 seconds refuses both. The clock is passed in; times are
seconds on any one clock.
"""

import math
from dataclasses import dataclass, field
from itertools import count

WINDOW = 60.0
"""Seconds that a limit by the minute looks back."""
GUARD = 0.15
"""Seconds that a slot is kept longer, for the way to the provider: with slots stamped when the last
byte was sent, 0.15 s gave no refusal, 0.05 s before sending gave 49 (docs: 3-key-pools)."""


UNLIMITED = 2**53
"""A limit that is not known."""


@dataclass(eq=False)
class Slot:
    """What one call takes out of a limit. It counts from its reservation until it expires."""

    amount: int
    """1 for a limit on requests; tokens for one on tokens."""
    number: int
    sent_at: float | None = None
    """When its last byte had been sent; until then it cannot expire."""


@dataclass(eq=False)
class SlidingLog:
    """One limit, and the slots that count against it."""

    limit: int
    window: float = WINDOW
    guard: float = GUARD
    _slots: list[Slot] = field(default_factory=list[Slot])
    _numbers: "count[int]" = field(default_factory=count)

    def used(self, now: float) -> int:
        """What counts at `now`, which may lie ahead: nothing is forgotten for it."""
        return sum(slot.amount for slot in self._counting(now))

    def free(self, now: float) -> int:
        """What can be reserved at `now`; never less than 0."""
        return max(0, self.limit - self.used(now))

    def earliest(self, now: float, amount: int) -> float | None:
        """The first moment from `now` on at which `amount` fits, if nothing else is reserved.

        `math.inf` for what never fits; None while that depends on calls that are not sent yet.
        """
        if amount > self.limit:
            return math.inf
        missing = self.used(now) + amount - self.limit
        if missing <= 0:
            return now
        sent = sorted(
            (self._expires(slot.sent_at), slot.amount)
            for slot in self._counting(now)
            if slot.sent_at is not None
        )
        for expires, freed in sent:
            missing -= freed
            if missing <= 0:
                return expires
        return None

    def expiries(self, now: float) -> list[tuple[float, int]]:
        """When what counts expires, and how much; as if what is not sent yet were sent now."""
        return [
            (self._expires(now if slot.sent_at is None else slot.sent_at), slot.amount)
            for slot in self._counting(now)
        ]

    def reserve(self, now: float, amount: int) -> Slot:
        """Takes a slot. Raises `ValueError` when it does not fit: ask `earliest` before."""
        if self.used(now) + amount > self.limit:
            message = f"{amount} do not fit: {self.used(now)} of {self.limit} are used"
            raise ValueError(message)
        slot = Slot(amount, next(self._numbers))
        self._slots = [*self._counting(now), slot]
        return slot

    def sent(self, slot: Slot, at: float) -> None:
        """The last byte of the call has left. An attempt costs its slot whatever comes back."""
        slot.sent_at = at if slot.sent_at is None else max(at, slot.sent_at)

    def give_back(self, slot: Slot) -> None:
        """The call was never sent, so it costs nothing. Harmless when it was given back before."""
        if slot.sent_at is None:
            self._slots = [each for each in self._slots if each is not slot]

    def forget(self, slot: Slot) -> None:
        """The call was sent, and surely did not count."""
        self._slots = [each for each in self._slots if each is not slot]

    def settle(self, slot: Slot, amount: int) -> None:
        """The true amount, as the answer states it: for tokens, which are estimated before."""
        slot.amount = max(0, amount)

    def resize(self, limit: int) -> None:
        """Another limit, learnt or stated. What is under way stays."""
        self.limit = max(0, limit)

    def _counting(self, now: float) -> list[Slot]:
        return [
            slot
            for slot in self._slots
            if slot.sent_at is None or self._expires(slot.sent_at) > now
        ]

    def _expires(self, sent_at: float) -> float:
        # One expression for all: rounded otherwise, a slot would expire after its own expiry.
        return sent_at + (self.window + self.guard)
