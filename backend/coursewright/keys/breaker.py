"""Patience with a provider that is overloaded: other keys of the same model are no cure."""

import math
import random
from dataclasses import dataclass, field

FREE_TRIES = 3
"""Attempts that every call has: a burst hits many calls at once, and none is lost to the first."""
TRIES = 6
"""Attempts that a call has as long as retries are few."""
SHARE = 0.10
"""Beyond the free ones, retries are at most this part of all calls..."""
_ALLOWANCE = 10
"""...and these, without which few calls could never be repeated."""
PAUSES = (0.5, 20.0)
"""Seconds of the shortest and the longest pause."""
_TRIP = 3
"""Failures in a row after which nothing is sent to the model for a pause."""


@dataclass(eq=False)
class Breaker:
    """What is known of one model's health."""

    rng: random.Random
    pauses: tuple[float, float] = PAUSES
    calls: int = 0
    retries: int = 0
    failures: int = 0
    """In a row."""
    open_until: float = -math.inf
    """Nothing is sent before."""
    _pause: float = field(init=False)

    def __post_init__(self) -> None:
        self._pause = self.pauses[0]

    def went_well(self) -> None:
        """A call was answered."""
        self.calls += 1
        self.failures = 0
        self._pause = self.pauses[0]

    def failed(self, now: float, retry_after: float | None = None) -> None:
        """A call was not answered, and it was the provider's fault.

        Calls that were under way when the pause began say nothing new, and do not lengthen it.
        The pauses grow by decorrelated jitter (Brooker, "Exponential Backoff And Jitter", AWS
        Architecture Blog, 2015).
        """
        self.calls += 1
        self.failures += 1
        if self.failures >= _TRIP and now >= self.open_until:
            shortest, longest = self.pauses
            self._pause = min(longest, self.rng.uniform(shortest, self._pause * 3))
            self.open_until = now + max(self._pause, retry_after or 0)

    def may_retry(self, attempts: int) -> bool:
        """Whether a call that was sent `attempts` times may be sent once more; counts it if so."""
        if attempts < FREE_TRIES:
            return True
        if attempts >= TRIES or self.retries >= _ALLOWANCE + SHARE * self.calls:
            return False
        self.retries += 1
        return True

    def pause(self, attempts: int) -> float:
        """Seconds until a call that failed `attempts` times is queued again."""
        shortest, longest = self.pauses
        return self.rng.uniform(shortest, min(longest, shortest * 3**attempts))
