"""What is sent again, and when. Pure: chance is passed in."""

from dataclasses import dataclass

_FIRST = 0.25
"""Seconds before the second attempt; each further wait is twice as long."""
_LONGEST = 15.0
"""Seconds. Where the service asks for more, whoever called is told instead."""
BUSY = {429, 502, 503, 504}
"""Statuses after which the same may succeed (RFC 9110, RFC 6585)."""


@dataclass(frozen=True, kw_only=True)
class Retries:
    """How often a call that failed is sent again."""

    most: int = 3
    """Attempts after the first."""

    def wait(self, failed: int, chance: float, *, asked: float | None = None) -> float | None:
        """Seconds until the next attempt; None when there is none (or none that soon).

        Args:
            failed: how many attempts have failed.
            chance: evenly from 0 to 1, so that many clients do not come back at once.
            asked: what the service says in `Retry-After`, in seconds.
        """
        if failed > self.most or (asked or 0) > _LONGEST:
            return None
        own = _FIRST * 2 ** (failed - 1) * (0.5 + chance)
        return min(max(own, asked or 0), _LONGEST)
