"""Patience with a provider that is overloaded: other keys of the same model are no cure."""

import random
from dataclasses import dataclass, field

TRIES = 6
"""Attempts that an overloaded provider gets for one call before the caller hears of it."""
SHARE = 0.10
"""Retries may be at most this part of all calls, so that a storm is not fed..."""
_FREE = 10
"""...beyond these, without which few calls could never be repeated."""
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
    _pause: float = field(init=False)

    def __post_init__(self) -> None:
        self._pause = self.pauses[0]

    def went_well(self) -> None:
        """A call was answered."""
        self.calls += 1
        self.failures = 0
        self._pause = self.pauses[0]

    def failed(self) -> None:
        """A call was not answered, and it was the provider's fault."""
        self.calls += 1
        self.failures += 1

    def may_retry(self, attempts: int) -> bool:
        """Whether a call that was sent `attempts` times may be sent once more; counts it if so."""
        if attempts >= TRIES or self.retries >= _FREE + SHARE * self.calls:
            return False
        self.retries += 1
        return True

    def pause(self) -> float:
        """Seconds until the next attempt: decorrelated jitter, so that no two come together.

        (Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.)
        """
        shortest, longest = self.pauses
        self._pause = min(longest, self.rng.uniform(shortest, self._pause * 3))
        return self._pause

    @property
    def is_open(self) -> bool:
        """Whether the model should be left alone for the pause, and not only this call."""
        return self.failures >= _TRIP
