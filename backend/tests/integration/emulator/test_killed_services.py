"""The emulator of `benchmarks/api/chaos.py`: a process that is killed, and comes back."""

import importlib
from pathlib import Path

import httpx2
import pytest

BENCHMARKS = Path(__file__).resolve().parents[4] / "benchmarks"


async def test_the_services_tell_callers_apart_and_come_back_where_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    services = importlib.import_module("api.services").Services(
        {"latency_scale": 0}, tmp_path / "calls.jsonl"
    )
    body = {"contents": [{"role": "user", "parts": [{"text": "Tides"}]}]}
    path = "/v1beta/models/gemini-3.5-flash-lite:generateContent"
    await services.start()
    try:
        async with httpx2.AsyncClient(headers={"x-goog-api-key": "test-key-1"}) as client:
            for caller in ("worker-0-1", "worker-1-1"):
                url = services.settings(caller)["COURSEWRIGHT_GEMINI_URL"]
                assert (await client.post(url + path, json=body)).status_code == 200
            services.kill()
            with pytest.raises(httpx2.ConnectError):
                await client.post(url + path, json=body)
            await services.start()
            assert (await client.post(url + path, json=body)).status_code == 200
    finally:
        services.kill()
    calls = services.calls()
    assert [call.caller for call in calls] == ["worker-0-1", "worker-1-1", "worker-1-1"]
    assert len({call.call_id for call in calls}) == 1
    assert all(call.whole for call in calls)
