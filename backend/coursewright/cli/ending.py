"""How a process ends that is told to: SIGTERM is as good as Ctrl-C, and the end comes in time."""

import asyncio
import os
import signal
import socket
import sys
import threading
from collections.abc import Coroutine, Generator
from contextlib import contextmanager
from types import FrameType
from typing import Any, TypeVar

T = TypeVar("T")

GRACE = 10.0
"""Seconds after which the process is gone, whatever still runs. What is stored is safe at any
moment (docs/decisions/0001), so nothing is lost by it; supervisors kill after 10 (Docker) or more.
"""
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Ended(Exception):
    """The process was told to end, and everything was handed back."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number
        """The signal's."""


_asking = False
_told: list[int] = []
"""The signals that were heard."""


@contextmanager
def asking() -> Generator[None]:
    """Around a question to a person: a signal ends the program there and then.

    The answer is waited for by the thread that hears of signals, so that no task could be cancelled
    meanwhile. `Watch` raises `Ended` out of the question instead, or before it is asked.
    """
    global _asking  # noqa: PLW0603 - there is one terminal
    _asking = True
    try:
        if _told:
            raise Ended(_told[0])
        yield
    finally:
        _asking = False


class Watch:
    """Sees to it that a process that was told to end does so within `GRACE`."""

    def __init__(self, seconds: float = GRACE) -> None:
        self._seconds = seconds
        self._timer: threading.Timer | None = None

    async def over(self, main: Coroutine[Any, Any, T]) -> T:
        """Runs `main`, and cancels it at a signal; at a second one, even its tidying up.

        Raises `Ended` where a signal has ended it.
        """
        task = asyncio.current_task()
        if task is None or threading.current_thread() is not threading.main_thread():
            return await main  # only the main thread hears of signals
        loop = asyncio.get_running_loop()

        def tell(number: int, _: FrameType | None) -> None:
            if not _told:
                self._start(number)
            _told.append(number)
            if _asking:
                raise Ended(number)
            loop.call_soon_threadsafe(task.cancel)

        before = {each: signal.signal(each, tell) for each in _SIGNALS}
        try:
            with _waking(loop):
                return await main
        except asyncio.CancelledError:
            if not _told:
                raise
            raise Ended(_told[0]) from None
        finally:
            _told.clear()
            for each, handler in before.items():
                signal.signal(each, handler)

    def done(self) -> None:
        """It has ended by itself: nobody needs to be hurried any more."""
        if self._timer is not None:
            self._timer.cancel()

    def _start(self, number: int) -> None:
        self._timer = threading.Timer(self._seconds, _leave, [number])
        self._timer.daemon = True
        self._timer.start()


@contextmanager
def _waking(loop: asyncio.AbstractEventLoop) -> Generator[None]:
    """A signal wakes the loop, whichever thread it came to and however short before it slept:
    else it would be heard of when something else does.
    """
    heard, tells = socket.socketpair()
    with heard, tells:
        heard.setblocking(False)
        tells.setblocking(False)
        loop.add_reader(heard, heard.recv, 4096)
        before = signal.set_wakeup_fd(tells.fileno(), warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(before)
            loop.remove_reader(heard)


def _leave(number: int) -> None:
    sys.stderr.write("error: something would not end in time; the process ends all the same\n")
    sys.stderr.flush()
    os._exit(128 + number)
