"""The socket on which the service listens."""

import asyncio
import socket

import pytest

from coursewright.cli.serve import bind
from coursewright.course.errors import NotConfigured


async def test_small_answers_are_sent_at_once() -> None:
    """Held back for company (Nagle's algorithm), each takes some 40 ms."""
    found = asyncio.get_running_loop().create_future()

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        accepted = writer.get_extra_info("socket")
        found.set_result(accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    listening = bind("127.0.0.1", 0)
    async with await asyncio.start_server(answer, sock=listening):
        _, writer = await asyncio.open_connection(*listening.getsockname())
        assert await found
        writer.close()
        await writer.wait_closed()


def test_a_port_that_is_taken_is_named_with_a_way_out() -> None:
    with bind("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(NotConfigured, match=str(port)) as raised:
            bind("127.0.0.1", port)
    assert "--port" in raised.value.hint


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(NotConfigured, match=r"192\.0\.2\.1"):
        bind("192.0.2.1", 0)
