"""How many calls a course needs, and whether today's quota carries them."""

import math
from collections.abc import Mapping

from coursewright.course.base import Value
from coursewright.course.errors import Unavailable
from coursewright.keys.pool import Pool
from coursewright.providers.names import Chain


class CallPlan(Value):
    """What is said before a course starts."""

    calls: int
    """About how many there will be."""
    least: int
    """How many it takes with as many chapters in one call as possible."""
    left: int | None
    """How many today's quota leaves for the models that are set; None where no limit is known."""
    missing: int
    """How many of `least` find no place in it."""

    def __str__(self) -> str:
        left = "no daily limit is known" if self.left is None else f"{self.left:,} are left today"
        return f"about {self.calls} model calls; {left}"

    def check(self) -> None:
        """Raises `Unavailable` where the course cannot be finished today."""
        if self.missing:
            raise Unavailable(
                f"today's quota does not carry this course: it needs at least {self.least} model"
                f" calls, and {self.missing} of them find no room ({self.left or 0} are left)",
                hint="Ask for fewer chapters (--chapters), come back after midnight Pacific time,"
                " add a key of another project, or set COURSEWRIGHT_LIMITS if yours are higher.",
            )


def plan_calls(
    pool: Pool,
    chains: Mapping[str, Chain],
    about: Mapping[str, int],
    least: Mapping[str, int],
) -> CallPlan:
    """Lays the calls of each service into what the day leaves its models, the first ones first.

    Keys may be lent from service to service, so what counts is what all keys leave for a model.
    """
    left: dict[tuple[str, str], float] = {}
    for service in about:
        for name in chains.get(service, ()):
            model = (name.provider, name.model)
            if model not in left:
                left[model] = pool.day_left(*model)
    total = sum(left.values())
    missing = 0
    for service, calls in least.items():
        wanted = float(calls)
        for name in chains.get(service, ()):
            taken = min(wanted, left[name.provider, name.model])
            left[name.provider, name.model] -= taken
            wanted -= taken
        missing += math.ceil(wanted)
    return CallPlan(
        calls=sum(about.values()),
        least=sum(least.values()),
        left=None if total == math.inf else int(total),
        missing=missing,
    )
