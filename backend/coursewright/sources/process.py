"""Parsing in a process of its own: a parser that hangs, swells or crashes takes nothing with it."""

import asyncio
import os
import subprocess
import sys
import tempfile
import threading
from io import BufferedReader
from pathlib import Path
from typing import cast

from pydantic import ValidationError

import coursewright
from coursewright.course.errors import SourceError
from coursewright.sources.blocks import Parsed
from coursewright.sources.child import Answer, Request, too_much_memory

_CHUNK = 1 << 16
_KEPT = ("PATH", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP", "LD_LIBRARY_PATH", "VIRTUAL_ENV")
"""Of the environment. Keys and passwords stay here."""
_KILLED = -9
_CPU_EXCEEDED = -24


async def parse_in_child(request: Request, data: bytes) -> Parsed:
    """Parses `data` within the limits of the request. Cancelling it kills the process.

    Raises:
        SourceError: whatever the child says, or it took too long, too much memory, or crashed.
    """
    child = _Child(request, data)
    try:
        return await asyncio.to_thread(child.run)
    except asyncio.CancelledError:
        child.kill()
        raise


class _Child:
    def __init__(self, request: Request, data: bytes) -> None:
        self._request = request
        self._data = data
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped = ""

    def kill(self, reason: str = "cancelled") -> None:
        """Ends the process, now or as soon as it starts."""
        with self._lock:
            self._stopped = self._stopped or reason
            if self._process is not None:
                self._process.kill()

    def run(self) -> Parsed:
        request = self._request
        timer = threading.Timer(request.limits.seconds, self.kill, ["time"])
        timer.daemon = True
        with tempfile.TemporaryFile(prefix="coursewright-") as document:
            document.write(self._data)
            self._data = b""
            document.seek(0)
            timer.start()
            try:
                output, status = self._communicate(document.fileno())
            finally:
                timer.cancel()
        if status or self._stopped:
            raise self._failure(status)
        try:
            found = Answer.model_validate_json(output)
        except ValidationError:
            raise self._failure(status) from None
        if found.refusal is not None:
            raise SourceError(found.refusal.message, source=request.name, hint=found.refusal.hint)
        if found.parsed is None:
            raise self._failure(status)
        return found.parsed

    def _communicate(self, document: int) -> tuple[bytes, int]:
        command = [sys.executable, "-P", "-m", "coursewright.sources.child"]
        limits = self._request.limits
        most = limits.max_characters * 4 + limits.max_blocks * 120 + _CHUNK
        with subprocess.Popen(  # noqa: S603 - our own interpreter and module, the request is one argument
            [*command, self._request.model_dump_json(ensure_ascii=True)],
            stdin=document,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            close_fds=True,
        ) as process:
            with self._lock:
                self._process = process
                if self._stopped:
                    process.kill()
            output = bytearray()
            pipe = cast(BufferedReader, process.stdout)
            while chunk := pipe.read1(_CHUNK):
                output += chunk
                if len(output) > most:
                    self.kill("output")
                    break
        return bytes(output), process.returncode

    def _failure(self, status: int) -> SourceError:
        name, limits = self._request.name, self._request.limits
        if self._stopped == "time" or status == _CPU_EXCEEDED:
            return SourceError(
                f"reading {name} took longer than {limits.seconds:g} s, and was stopped",
                source=name,
                hint="Give the part that matters, or raise COURSEWRIGHT_SOURCE_SECONDS.",
            )
        if self._stopped == "output":
            return SourceError(
                f"{name} holds more than {limits.max_characters:,} characters of text",
                source=name,
                hint="Give the part that matters as a file of its own.",
            )
        if status == _KILLED:  # by the system, which does so when memory runs out
            refusal = too_much_memory(name, limits)
            return SourceError(refusal.message, source=name, hint=refusal.hint)
        return SourceError(
            f"{name} is damaged: its reader crashed (status {status})",
            source=name,
            hint="Open it in the program that made it and save it anew, or give another format of"
            " it.",
        )


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    root = str(Path(coursewright.__file__).resolve().parents[1])
    return kept | {"PYTHONPATH": root, "PYTHONIOENCODING": "utf-8", "PYTHONDONTWRITEBYTECODE": "1"}
