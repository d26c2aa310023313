"""Work for the processor, in threads, a few at a time, so that the event loop comes round.

Threads of one interpreter take turns. Whoever answers a request needs ten turns or so, and with six
threads at work waits for six others each time: two thirds of a second for what takes a hundredth
(`benchmarks/api/load.py` shows it). More threads would get no more done.
"""

import sys
from collections.abc import Callable
from typing import TypeVar, TypeVarTuple

from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

AT_ONCE = 2
_TURN = 0.001
"""Seconds; Python's own are 0.005."""


class Aside:
    """Some threads for one kind of work."""

    def __init__(self, name: str, at_once: int = AT_ONCE) -> None:
        """`name` sets its threads apart from those of other kinds, which never wait for these."""
        self._at_once = at_once
        self._limiter = RunVar[CapacityLimiter](f"coursewright {name}")

    async def run(self, work: Callable[[*Ts], T], *arguments: *Ts) -> T:
        """Does `work` in a thread. Who is cancelled does not wait for its end."""
        limiter = self._limiter.get(None)
        if limiter is None:
            limiter = CapacityLimiter(self._at_once)
            self._limiter.set(limiter)
        return await to_thread.run_sync(work, *arguments, limiter=limiter, abandon_on_cancel=True)


def take_short_turns() -> None:
    """For a process that answers while it works: its threads change places more often."""
    sys.setswitchinterval(_TURN)
