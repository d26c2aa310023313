import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from coursewright.emulator.options import EmulatorOptions, ModelLimits
from coursewright.emulator.server import running

FLASH = "gemini-2.5-flash"
FAST = {"latency_scale": 0.0}
ROOMY = ModelLimits(rpm=1_000, tpm=10_000_000)
SCHEMA = {
    "type": "object",
    "properties": {"title": {"type": "string"}, "body": {"type": "string"}},
    "required": ["title", "body"],
}


def options(**fields: Any) -> EmulatorOptions:
    return EmulatorOptions.model_validate({**FAST, **fields})


def text_of(response: httpx2.Response) -> str:
    return response.json()["candidates"][0]["content"]["parts"][0]["text"]


async def test_an_answer_has_text_that_fits_its_schema_and_its_usage(client: Any) -> None:
    async with running(options()) as emulator:
        response = await client.gemini(emulator, schema=SCHEMA)
    assert response.status_code == 200
    made = json.loads(text_of(response))
    assert set(made) == {"title", "body"}
    found = response.json()
    usage = found["usageMetadata"]
    assert usage["totalTokenCount"] == usage["promptTokenCount"] + usage["candidatesTokenCount"]
    assert found["candidates"][0]["finishReason"] == "STOP"
    assert found["modelVersion"] == FLASH
    assert found["responseId"]


async def test_the_sixth_call_of_a_minute_is_refused_and_the_log_knows(client: Any) -> None:
    async with running(options()) as emulator:
        answers = [await client.gemini(emulator, f"call {n}") for n in range(6)]
        log = (await client.http.get(f"{emulator.url}/emulator/log")).json()
        summary = (await client.http.get(f"{emulator.url}/emulator/summary")).json()
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    delay = answers[-1].json()["error"]["details"][2]["retryDelay"]
    assert 50 <= int(delay.removesuffix("s")) <= 60
    assert [call["status"] for call in log] == [200] * 5 + [429]
    assert summary[0]["by_status"] == {"200": 5, "429": 1}
    assert "test-key-1" not in json.dumps([log, summary])


async def test_keys_of_one_project_share_its_limit(client: Any) -> None:
    projects = {f"test-key-{n}": "shared" for n in range(6)}
    async with running(options(projects=projects)) as emulator:
        codes = [(await client.gemini(emulator, key=f"test-key-{n}")).status_code for n in range(6)]
        assert (await client.gemini(emulator, key="test-key-other")).status_code == 200
    assert codes == [200] * 5 + [429]


async def test_the_limit_frees_when_the_oldest_call_is_a_minute_old(client: Any) -> None:
    now = 100.0
    async with running(options(), clock=lambda: now) as emulator:
        for _ in range(5):
            await client.gemini(emulator)
        now = 159.9
        assert (await client.gemini(emulator)).status_code == 429
        now = 160.0
        assert (await client.gemini(emulator)).status_code == 200


async def test_a_hundred_calls_at_once_are_counted_exactly(client: Any) -> None:
    async with running(options(gemini={"rpm": 30})) as emulator:
        answers = await asyncio.gather(*(client.gemini(emulator, str(n)) for n in range(100)))
    assert sorted(answer.status_code for answer in answers) == [200] * 30 + [429] * 70


async def test_a_stream_carries_the_same_text_as_the_whole_answer(client: Any) -> None:
    async with running(options()) as emulator:
        whole = await client.gemini(emulator)
        events = await client.gemini(emulator, method="streamGenerateContent?alt=sse")
        array = await client.gemini(emulator, method="streamGenerateContent")
    assert events.headers["content-type"].startswith("text/event-stream")
    parts = [
        json.loads(line.removeprefix("data: "))
        for line in events.text.splitlines()
        if line.startswith("data: ")
    ]
    assert len(parts) > 2
    assert [each["candidates"] for each in array.json()] == [each["candidates"] for each in parts]
    streamed = [part["candidates"][0] for part in parts]
    text = "".join(part["content"]["parts"][0]["text"] for part in streamed)
    assert text == text_of(whole)
    assert [part.get("finishReason") for part in streamed] == [None] * (len(parts) - 1) + ["STOP"]
    assert parts[-1]["usageMetadata"] == whole.json()["usageMetadata"]


async def test_a_small_budget_cuts_the_text(client: Any) -> None:
    async with running(options()) as emulator:
        response = await client.gemini(emulator, maxOutputTokens=10)
    assert response.json()["candidates"][0]["finishReason"] == "MAX_TOKENS"
    assert len(text_of(response)) == 40


async def test_models_and_tokens_can_be_asked_for_without_a_cost(client: Any) -> None:
    async with running(options()) as emulator:
        url = f"{emulator.gemini_url}/v1beta/models"
        headers = {"x-goog-api-key": "test-key-1"}
        models = (await client.http.get(url, headers=headers)).json()["models"]
        one = (await client.http.get(f"{url}/{FLASH}", headers=headers)).json()
        missing = await client.http.get(f"{url}/none", headers=headers)
        count = await client.gemini(emulator, "abcde", method="countTokens")
        assert emulator.log == []
    assert f"models/{FLASH}" in {model["name"] for model in models}
    assert one["name"] == f"models/{FLASH}"
    assert missing.status_code == 404
    assert count.json()["totalTokens"] == 2


async def test_version_1_is_the_same_and_shares_a_path_with_openai(client: Any) -> None:
    async with running(options()) as emulator:
        url = f"{emulator.url}/v1/models"
        key = {"x-goog-api-key": "test-key-1"}
        body = {"contents": [{"parts": [{"text": "x"}]}]}
        answer = await client.http.post(f"{url}/{FLASH}:generateContent", json=body, headers=key)
        gemini = await client.http.get(url, headers=key)
        token = {"authorization": "Bearer test-key-1"}
        openai = await client.http.get(url, headers=token)
    assert answer.status_code == 200
    assert "models" in gemini.json()
    assert "data" in openai.json()


async def test_a_method_that_does_not_exist_is_not_found(client: Any) -> None:
    async with running(options()) as emulator:
        response = await client.gemini(emulator, method="embedContent")
        assert emulator.log == []
    assert response.json()["error"]["status"] == "NOT_FOUND"


async def test_a_429_may_say_nothing(client: Any) -> None:
    async with running(options(terse_429=1.0, gemini={"rpm": 1})) as emulator:
        await client.gemini(emulator)
        error = (await client.gemini(emulator)).json()["error"]
    assert error["code"] == 429
    assert "details" not in error


@pytest.mark.parametrize(
    ("fields", "code", "status"),
    [
        ({"dead_keys": ["test-key-1"]}, 400, "INVALID_ARGUMENT"),
        ({"leaked_keys": ["test-key-1"]}, 403, "PERMISSION_DENIED"),
        ({"barred_keys": ["test-key-1"]}, 400, "FAILED_PRECONDITION"),
        ({"overloaded": 1.0}, 503, "UNAVAILABLE"),
        ({"gemini": {"rpm": 0}}, 429, "RESOURCE_EXHAUSTED"),
        ({"gemini_models": {}}, 404, "NOT_FOUND"),
    ],
)
async def test_refusals(client: Any, fields: dict[str, Any], code: int, status: str) -> None:
    async with running(options(**fields)) as emulator:
        response = await client.gemini(emulator)
        stream = await client.gemini(emulator, method="streamGenerateContent")
        log = list(emulator.log)
    assert response.status_code == code
    assert response.json()["error"]["status"] == status
    assert stream.json()[0]["error"]["status"] == status
    assert [call.status for call in log] == [code, code]


async def test_an_overloaded_answer_costs_its_place(client: Any) -> None:
    async with running(options(overloaded=1.0, gemini={"rpm": 1})) as emulator:
        codes = [(await client.gemini(emulator)).status_code for _ in range(2)]
    assert codes == [503, 429]


async def test_a_key_in_the_url_or_none_is_refused(client: Any) -> None:
    async with running(options()) as emulator:
        url = f"{emulator.gemini_url}/v1beta/models/{FLASH}:generateContent"
        body = {"contents": [{"parts": [{"text": "x"}]}]}
        in_url = await client.http.post(f"{url}?key=test-key-1", json=body)
        none = await client.http.post(url, json=body)
        token = await client.http.post(url, json=body, headers={"authorization": "Bearer x"})
    assert in_url.status_code == 400
    assert "x-goog-api-key" in in_url.json()["error"]["message"]
    assert "test-key-1" not in in_url.text
    assert (none.status_code, token.status_code) == (403, 401)


TEXT = b'"contents": [{"parts": [{"text": "x"}]}]'


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b"\xff\xfe",
        b'{"contents": NaN}',
        b"[" * 100_000,
        b'{"contents": []}',
        b'{"contents": 7}',
        b'{"contents": [7]}',
        b'{"contents": [{"parts": []}]}',
        b'{"contents": [{"parts": [{"text": 7}]}]}',
        b'{"contents": [{"parts": [{}]}]}',
        b"{%b, %b}" % (TEXT, b'"wish": 1'),
        b"{%b, %b}" % (TEXT, b'"generationConfig": []'),
        b"{%b, %b}" % (TEXT, b'"generationConfig": {"maxOutputTokens": "9"}'),
        b"{%b, %b}" % (TEXT, b'"generationConfig": {"responseSchema": {"type": "OBJECT"}}'),
        b'{%b, "generationConfig": {"responseMimeType": "application/json", %b}}'
        % (TEXT, b'"responseSchema": {"$ref": "#/none"}'),
        b"x" * (20 * 1024 * 1024 + 1),
    ],
)
async def test_bad_bodies_get_a_400_that_says_why(client: Any, body: bytes) -> None:
    async with running(options()) as emulator:
        response = await client.http.post(
            f"{emulator.gemini_url}/v1beta/models/{FLASH}:generateContent",
            headers={"x-goog-api-key": "test-key-1"},
            content=body,
        )
    error = response.json()["error"]
    assert (error["code"], error["status"]) == (400, "INVALID_ARGUMENT")
    assert error["message"]


async def test_lone_surrogates_do_no_harm(client: Any) -> None:
    async with running(options()) as emulator:
        response = await client.http.post(
            f"{emulator.gemini_url}/v1beta/models/{FLASH}:generateContent",
            headers={"x-goog-api-key": "test-key-1"},
            content=b'{"contents": [{"parts": [{"text": "'
            + b"A word \\ud800 is. " * 90
            + b'"}]}]}',
        )
    assert response.status_code == 200


async def test_failures_that_come_with_200(client: Any) -> None:
    async with running(options(blocked=1.0)) as emulator:
        found = (await client.gemini(emulator)).json()
        assert found["promptFeedback"] == {"blockReason": "SAFETY"}
        assert "candidates" not in found
    async with running(options(empty=1.0)) as emulator:
        found = (await client.gemini(emulator)).json()
        assert not {"promptFeedback", "candidates"} & set(found)
    async with running(options(malformed=1.0, gemini=ROOMY.model_dump())) as emulator:
        for number in range(10):
            response = await client.gemini(emulator, f"call {number}", schema=SCHEMA)
            with pytest.raises(ValueError, match=r"."):
                json.loads(text_of(response))


@pytest.mark.parametrize("method", ["generateContent", "streamGenerateContent?alt=sse"])
async def test_a_reset_breaks_the_connection(client: Any, method: str) -> None:
    async with running(options(reset=1.0)) as emulator:
        with pytest.raises(httpx2.TransportError):
            await client.gemini(emulator, method=method)
        assert [(call.fault, call.status) for call in emulator.log] == [("reset", 0)]


async def test_a_stalled_call_never_answers(client: Any) -> None:
    async with running(options(stall=1.0)) as emulator:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await client.gemini(emulator)
        await until(lambda: emulator.log[0].ended is not None)
        assert [(call.fault, call.status) for call in emulator.log] == [("stall", 499)]


async def test_a_stall_may_end(client: Any) -> None:
    async with running(options(stall=1.0, stall_seconds=0.05)) as emulator:
        assert (await client.gemini(emulator)).status_code == 200


async def test_a_server_with_stalled_calls_stops(client: Any) -> None:
    async with running(options(stall=1.0)) as emulator:
        hanging = asyncio.ensure_future(client.gemini(emulator))
        await until(lambda: bool(emulator.log))
    with pytest.raises(httpx2.TransportError):
        await hanging


async def test_an_answer_takes_its_time_and_no_longer_on_another_key(client: Any) -> None:
    async with running(EmulatorOptions(latency_scale=0.05)) as emulator:
        for key in ("test-key-1", "test-key-2"):
            await client.gemini(emulator, "The same", key=key)
        first, second = ((call.ended or 0) - call.at for call in emulator.log)
    assert first > 0.03
    assert second == pytest.approx(first, abs=0.03)


async def test_a_reset_of_the_emulator_forgets_everything(client: Any) -> None:
    async with running(options(gemini={"rpm": 1})) as emulator:
        await client.gemini(emulator)
        assert (await client.gemini(emulator)).status_code == 429
        await client.http.post(f"{emulator.url}/emulator/reset")
        assert emulator.log == []
        assert (await client.gemini(emulator)).status_code == 200


async def until(done: Callable[[], bool]) -> None:
    for _ in range(500):
        if done():
            return
        await asyncio.sleep(0.01)
    pytest.fail("it did not happen within 5 s")
