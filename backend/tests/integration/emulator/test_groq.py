import json
import signal
import socket
import subprocess
import sys
import time
from typing import Any

import httpx2
import pytest

from coursewright.emulator.options import EmulatorOptions
from coursewright.emulator.server import NotLoopback, running, serve

MODEL = "openai/gpt-oss-20b"
SCHEMA = {
    "type": "object",
    "properties": {"title": {"type": "string"}, "body": {"type": "string"}},
    "required": ["title", "body"],
    "additionalProperties": False,
}


def options(**fields: Any) -> EmulatorOptions:
    return EmulatorOptions.model_validate({"latency_scale": 0.0, **fields})


def chunks(response: httpx2.Response) -> list[str]:
    lines = response.text.splitlines()
    return [line.removeprefix("data: ") for line in lines if line.startswith("data: ")]


async def test_an_answer_fits_its_schema_and_counts_down_the_limits(client: Any) -> None:
    async with running(options(settles=False)) as emulator:
        response = await client.groq(emulator, "abcd", schema=SCHEMA, max_tokens=2_000)
    found = response.json()
    assert set(json.loads(found["choices"][0]["message"]["content"])) == {"title", "body"}
    assert found["choices"][0]["finish_reason"] == "stop"
    usage = found["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    remaining = int(response.headers["x-ratelimit-remaining-tokens"])
    assert remaining == 8_000 - 2_000 - usage["prompt_tokens"]
    assert response.headers["x-ratelimit-remaining-requests"] == "999"
    assert response.headers["x-ratelimit-reset-tokens"].endswith("s")


async def test_what_was_reserved_and_not_used_is_given_back(client: Any) -> None:
    async with running(options()) as emulator:
        response = await client.groq(emulator, max_tokens=7_000)
        total = response.json()["usage"]["total_tokens"]
        again = await client.groq(emulator, max_completion_tokens=7_000)
    assert int(response.headers["x-ratelimit-remaining-tokens"]) == 8_000 - total
    assert again.status_code == 200


async def test_prompt_and_answer_count_when_a_call_is_admitted(client: Any) -> None:
    async with running(options(settles=False)) as emulator:
        first = await client.groq(emulator, max_tokens=5_000)
        second = await client.groq(emulator, max_tokens=5_000)
        third = await client.groq(emulator, max_tokens=9_000)
    assert (first.status_code, second.status_code, third.status_code) == (200, 429, 413)
    assert "tokens per minute (TPM): Limit 8000, Used 5008" in second.json()["error"]["message"]
    assert 50 <= int(second.headers["retry-after"]) <= 60
    assert second.headers["x-ratelimit-remaining-tokens"] == "2992"
    assert "Requested 9008, please reduce" in third.json()["error"]["message"]


async def test_requests_of_a_minute_are_limited_too(client: Any) -> None:
    async with running(options(groq={"rpm": 2})) as emulator:
        codes = [(await client.groq(emulator, f"call {n}")).status_code for n in range(3)]
    assert codes == [200, 200, 429]


async def test_a_stream_ends_as_it_should(client: Any) -> None:
    async with running(options(groq={})) as emulator:
        whole = (await client.groq(emulator)).json()
        response = await client.groq(emulator, stream=True, stream_options={"include_usage": True})
    *parts, last = chunks(response)
    assert last == "[DONE]"
    found = [json.loads(part) for part in parts]
    assert found[-1]["choices"] == []
    assert found[-1]["usage"]["completion_tokens"] > 0
    assert found[-2]["choices"][0]["finish_reason"] == "stop"
    assert found[-2]["x_groq"]["usage"] == found[-1]["usage"]
    text = "".join(part["choices"][0]["delta"].get("content", "") for part in found[:-1])
    assert len(text) == pytest.approx(len(whole["choices"][0]["message"]["content"]), rel=0.5)


async def test_any_openai_server_has_the_same_paths_without_groqs_prefix(client: Any) -> None:
    async with running(options()) as emulator:
        headers = {"authorization": "Bearer test-key-1"}
        body = {"model": MODEL, "messages": [{"role": "user", "content": "x"}], "max_tokens": 5}
        url = f"{emulator.url}/v1"
        answer = await client.http.post(f"{url}/chat/completions", headers=headers, json=body)
        models = await client.http.get(f"{url}/models", headers=headers)
    assert answer.json()["choices"][0]["finish_reason"] == "length"
    assert MODEL in {model["id"] for model in models.json()["data"]}


@pytest.mark.parametrize(
    ("fields", "code", "name"),
    [
        ({"dead_keys": ["test-key-1"]}, 401, "invalid_api_key"),
        ({"overloaded": 1.0}, 503, None),
        ({"groq_models": {}}, 404, "model_not_found"),
        ({"malformed": 1.0}, 400, "json_validate_failed"),
    ],
)
async def test_refusals(client: Any, fields: dict[str, Any], code: int, name: str | None) -> None:
    async with running(options(**fields)) as emulator:
        response = await client.groq(emulator, schema=SCHEMA)
        log = list(emulator.log)
    assert response.status_code == code
    assert response.json()["error"].get("code") == name
    assert [call.status for call in log] == [code]


async def test_failures_that_come_with_200(client: Any) -> None:
    async with running(options(blocked=1.0)) as emulator:
        assert (await client.groq(emulator)).json()["choices"][0]["finish_reason"] == (
            "content_filter"
        )
    async with running(options(empty=1.0)) as emulator:
        assert (await client.groq(emulator)).json()["choices"] == []
        assert chunks(await client.groq(emulator, stream=True))[-1] == "[DONE]"
    async with running(options(reset=1.0)) as emulator:
        with pytest.raises(httpx2.TransportError):
            await client.groq(emulator, stream=True)


CALL = b'"model": "openai/gpt-oss-20b", "messages": [{"role": "user", "content": "x"}]'
LOOSE = b'{"name": "a", "strict": true, "schema": {"type": "object", "properties": {"a": {}}}}'


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", 400),
        (b"[]", 400),
        (b"{}", 400),
        (b'{"model": 7}', 400),
        (b'{"model": "openai/gpt-oss-20b"}', 400),
        (b'{"model": "openai/gpt-oss-20b", "messages": []}', 400),
        (b'{"model": "openai/gpt-oss-20b", "messages": [{"role": "king"}]}', 400),
        (b'{"model": "openai/gpt-oss-20b", "messages": [{"role": "user", "content": 3}]}', 400),
        (b"{%b, %b}" % (CALL, b'"max_tokens": -1'), 400),
        (b"{%b, %b}" % (CALL, b'"stream_options": []'), 400),
        (b"{%b, %b}" % (CALL, b'"response_format": {"type": "xml"}'), 400),
        (
            b'{%b, "response_format": {"type": "json_schema", "json_schema": %b}}' % (CALL, LOOSE),
            400,
        ),
        (b"x" * (20 * 1024 * 1024 + 1), 413),
    ],
)
async def test_bad_bodies_are_refused(client: Any, body: bytes, code: int) -> None:
    async with running(options()) as emulator:
        response = await client.http.post(
            f"{emulator.groq_url}/chat/completions",
            headers={"authorization": "Bearer test-key-1"},
            content=body,
        )
    assert response.status_code == code
    assert response.json()["error"]["type"] == "invalid_request_error"
    assert response.json()["error"]["message"]


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "example.org", "", "::"])  # noqa: S104 - that it is refused is what is tested
def test_only_this_machine_may_reach_it(host: str) -> None:
    with pytest.raises(NotLoopback):
        serve(EmulatorOptions(), host)


def test_it_serves_as_a_program_until_it_is_interrupted() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    code = (
        "from coursewright.emulator.options import EmulatorOptions\n"
        "from coursewright.emulator.server import serve\n"
        f"serve(EmulatorOptions(stall=1.0), port={port})"
    )
    with subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE) as program:
        for _ in range(200):
            try:
                assert httpx2.get(f"http://127.0.0.1:{port}/emulator/summary").json() == []
                break
            except httpx2.ConnectError:
                time.sleep(0.05)
        else:
            pytest.fail("it did not start within 10 s")
        program.send_signal(signal.SIGINT)
        _, errors = program.communicate(timeout=10)
    assert program.returncode == 0
    assert errors == b""
