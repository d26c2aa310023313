"""The models' services, emulated in a process of their own, which can be killed.

    python benchmarks/api/services.py OPTIONS_AS_JSON PORT LOG

Prints its port, and writes a line for each call when it is over. Whoever asks below `/by/NAME` is
told from the others by that name.
"""

import asyncio
import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import asdict
from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from api.repeats import Call
from coursewright.emulator import desk
from coursewright.emulator.app import create_emulator
from coursewright.emulator.connections import Connections
from coursewright.emulator.options import EmulatorOptions

_BY = re.compile(r"/by/([^/]+)(/.*)")
_BACKLOG = 2048
_ENDS_IN = 15.0
_caller: ContextVar[str] = ContextVar("caller", default="")


class DidNotStart(Exception):
    """The process ended before it had a port."""


class Services:
    """Keeps its port and its log over all its lives."""

    def __init__(self, options: Mapping[str, Any], log: Path) -> None:
        self._options = json.dumps(options)
        self._log = log
        self._port = 0
        self._process: subprocess.Popen[str] | None = None

    async def start(self) -> None:
        """Returns as soon as it takes connections. Raises `DidNotStart`."""
        await asyncio.to_thread(self._start)

    def _start(self) -> None:
        command = [sys.executable, __file__, self._options, str(self._port), str(self._log)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None  # noqa: S101 - asked for above
        said = self._process.stdout.readline()
        if not said.strip():
            raise DidNotStart(f"exit code {self._process.wait()}")
        self._port = int(said)

    def kill(self) -> None:
        """Nobody answers at its port any more, and whatever is under way comes to nothing."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate(timeout=_ENDS_IN)
            self._process = None

    def settings(self, caller: str) -> dict[str, str]:
        """Where it is for whoever goes by that name."""
        url = f"http://127.0.0.1:{self._port}/by/{caller}"
        return {"COURSEWRIGHT_GEMINI_URL": url, "COURSEWRIGHT_GROQ_URL": f"{url}/openai/v1"}

    def calls(self) -> Sequence[Call]:
        """All that are over. A line that a kill cut off is none: nobody had that answer."""
        if not self._log.exists():
            return []
        lines = self._log.read_text(encoding="utf-8").splitlines(keepends=True)
        return [Call(**json.loads(line)) for line in lines if line.endswith("}\n")]


class _Named:
    """Takes `/by/NAME` off the path, and remembers the name for as long as the request lasts."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if found := _BY.fullmatch(scope.get("path", "")):
            _caller.set(found[1])
            scope = {**scope, "path": found[2], "raw_path": found[2].encode()}
        await self._app(scope, receive, send)


def main() -> None:
    """Serves until it is killed."""
    options = EmulatorOptions.model_validate(json.loads(sys.argv[1]))
    with (
        socket.create_server(("127.0.0.1", int(sys.argv[2])), backlog=_BACKLOG) as listening,
        Path(sys.argv[3]).open("a", encoding="utf-8", buffering=1) as log,
    ):

        def answered(call: desk.Call) -> None:
            over = Call(
                call_id=call.call_id,
                caller=_caller.get(),
                at=call.at,
                ended=call.at if call.ended is None else call.ended,
                status=call.status,
                fault=call.fault,
            )
            log.write(json.dumps(asdict(over)) + "\n")

        # All processes of a machine have one monotonic clock.
        app = create_emulator(options, clock=time.monotonic)
        app.state.desk.answered = answered
        connections: Connections = app.state.connections
        config = uvicorn.Config(
            _Named(app),
            http=connections.protocol(),
            log_config=None,
            access_log=False,
            lifespan="off",
        )
        print(listening.getsockname()[1], flush=True)
        uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main()
