"""How long an answer takes, drawn by what is asked: the same call costs the same in every run."""

import math
from dataclasses import dataclass
from statistics import NormalDist

from coursewright.emulator.chance import unit
from coursewright.emulator.options import Provider

_NORMAL = NormalDist()
_SPREAD = 0.35
"""Of the logarithm: one call in 20 takes 1.8 times the median, one in 100 takes 2.3 times."""


@dataclass(frozen=True)
class Pace:
    """Medians for one provider, rounded from what small and fast models showed in 2026."""

    first: float
    """Seconds to the first token."""
    tokens_a_second: float


PACES: dict[Provider, Pace] = {
    "gemini": Pace(first=0.6, tokens_a_second=220.0),
    "groq": Pace(first=0.25, tokens_a_second=450.0),
}


def seconds(provider: Provider, call_id: str, tokens: int, scale: float) -> tuple[float, float]:
    """Seconds to the first token, and from there to the last of `tokens`."""
    pace = PACES[provider]
    tail = math.exp(_SPREAD * _NORMAL.inv_cdf(unit("latency", call_id)))
    return scale * tail * pace.first, scale * tail * tokens / pace.tokens_a_second
