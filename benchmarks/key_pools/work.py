"""What is to be sent, and what a way to send it is."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

TIMEOUT = 30.0
"""Seconds that one request may take, for every strategy."""


@dataclass(frozen=True, kw_only=True)
class Work:
    """What is to be done."""

    base: str
    """Address of the emulator's Gemini, without `/v1beta`."""
    model: str
    warm_up_model: str
    """For a first call that loads a library, and is not counted."""
    prompts: Sequence[str]
    keys: Sequence[str]
    projects: Sequence[str]
    """Of each key."""
    rpm: int
    """Of each project."""
    deadline: float
    """Seconds after which a strategy that waits and tries again without end gives up."""
    start: Callable[[], Awaitable[None]]
    """Awaited by every strategy once it is ready to send: starts its clock. Until all others of the
    run are ready, it waits, so that nobody is measured while others load their libraries."""

    @property
    def url(self) -> str:
        """Of `generateContent`."""
        return f"{self.base}/v1beta/models/{self.model}:generateContent"

    @property
    def bodies(self) -> list[dict[str, object]]:
        """The requests, as the peers send them, too."""
        return [
            {"contents": [{"role": "user", "parts": [{"text": prompt}]}]} for prompt in self.prompts
        ]


Send = Callable[[Work], Awaitable[int]]
"""Sends everything; returns how many calls ended well."""


def always() -> bool:
    """It needs no package that may be missing."""
    return True


@dataclass(frozen=True, kw_only=True)
class Strategy:
    """A way to send many calls with many keys."""

    name: str
    """For `--only`."""
    title: str
    send: Send
    ours: bool = False
    knows_projects: bool = False
    """It is told which keys share a project."""
    peer: bool = False
    """Another's library: one seed is enough, unless more are asked for."""
    installed: Callable[[], bool] = always
