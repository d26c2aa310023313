import asyncio

import pytest

from coursewright.emulator.options import EmulatorOptions
from coursewright.emulator.server import running

HEAD = (
    "POST /v1beta/models/gemini-2.5-flash:generateContent HTTP/1.1\r\nhost: here\r\n"
    "x-goog-api-key: test-key-1\r\ncontent-length: 1000\r\n\r\n"
)


async def test_a_client_that_dies_while_it_asks_is_no_call_and_no_fault(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with running(EmulatorOptions(latency_scale=0.0)) as emulator:
        port = int(emulator.url.rpartition(":")[2])
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HEAD.encode() + b'{"contents": [')
        await writer.drain()
        await asyncio.sleep(0.1)  # until the half is read
        writer.transport.abort()
        await asyncio.sleep(0.1)
    assert emulator.log == []
    assert [record.getMessage() for record in caplog.records] == []
