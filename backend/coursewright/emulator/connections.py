"""The open connections of the server, so that one can be reset in the middle of an answer."""

import asyncio
import socket
import struct
from collections.abc import Sequence
from typing import Any

from starlette.types import Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

_RESET_AT_ONCE = struct.pack("ii", 1, 0)
"""SO_LINGER on, 0 seconds: closing sends RST instead of FIN (socket(7))."""


class Connections:
    """By the client's address."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, int], asyncio.Transport] = {}

    def tear(self, scope: Scope) -> None:
        """Resets the connection on which a request came.

        Raises `RuntimeError` under another server than ours, which does not tell its connections.
        """
        transport = self._open.get(_peer(scope["client"]))
        if transport is None:
            raise RuntimeError("resets want the emulator's own server: emulator.server")
        found: socket.socket | None = transport.get_extra_info("socket")
        if found is not None:
            found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_AT_ONCE)
        transport.abort()

    def abort(self) -> None:
        """Closes all of them, whatever is under way."""
        for transport in list(self._open.values()):
            transport.abort()

    def protocol(self) -> type[H11Protocol]:
        """The protocol of uvicorn, which reports here what it opens."""
        opened = self._open

        class Reporting(H11Protocol):
            _peer: tuple[str, int] = ("", 0)

            def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as the parent has it
                self._peer = _peer(transport.get_extra_info("peername"))
                opened[self._peer] = transport
                found: socket.socket | None = transport.get_extra_info("socket")
                if found is not None:  # else a head and its body wait 40 ms for each other
                    found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                super().connection_made(transport)

            def connection_lost(self, exc: Exception | None) -> None:
                opened.pop(self._peer, None)
                super().connection_lost(exc)

        return Reporting


def _peer(address: Sequence[Any] | None) -> tuple[str, int]:
    """Host and port; for IPv6 an address has more parts."""
    return (str(address[0]), int(address[1])) if address else ("", 0)
