"""What is told of every attempt to call a model: for a ledger, whoever keeps one."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """What the provider counted. All of it is 0 where an answer does not say."""

    prompt: int = 0
    """Those of `cached` included."""
    answer: int = 0
    """Thoughts included: they are paid like the answer."""
    cached: int = 0


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One request that was sent. A call that is tried three times is three of these."""

    service: str
    provider: str
    model: str
    fingerprint: str
    """Of the key that was used; never the key."""
    project: str | None
    seconds: float
    """From sending to the end of the answer, or until it was lost."""
    outcome: str
    """`ok`, `lost`, or the reason of the refusal (`refusal.Reason`)."""
    status: int | None = None
    """Of HTTP; None where no answer came."""
    tokens: Tokens = Tokens()
    error: str | None = None
    """The provider's words, shortened and redacted."""


Recorder = Callable[[Attempt], None]
"""Must neither block nor raise."""
