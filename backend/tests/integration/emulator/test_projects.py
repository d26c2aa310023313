"""Limits of single projects, the fault 500, and what the log says of planted questions."""

from typing import Any

import pytest

from coursewright.emulator.options import EmulatorOptions, ModelLimits
from coursewright.emulator.server import running

from .conftest import FLASH, Client

TEXT = (
    "A **query** is a request for data. A **table** is a named grid of rows. A **row** is the "
    "record of a single thing. A **column** is a named property of records. A **key** is a value "
    "that tells records apart. An **index** is a sorted list that speeds up a search."
)
QUESTIONS = {
    "type": "object",
    "properties": {
        "questions": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "chapter": {"type": "integer"},
                    "stem": {"type": "string"},
                    "correct": {"type": "string"},
                    "distractors": {"type": "array", "items": {"type": "string"}},
                },
            },
        }
    },
}


async def test_a_project_has_limits_of_its_own(client: Client) -> None:
    options = EmulatorOptions(
        latency_scale=0,
        projects={"one": "small", "two": "mixed", "three": "usual"},
        project_limits={
            "small": ModelLimits(rpm=1),
            ("mixed", FLASH): ModelLimits(rpm=2),
        },
    )
    async with running(options) as emulator:
        admitted = {
            key: sum(
                [(await client.gemini(emulator, key=key)).status_code == 200 for _ in range(7)]
            )
            for key in ("one", "two", "three")
        }
    assert admitted == {"one": 1, "two": 2, "three": 5}


async def test_the_fault_500_has_the_words_of_each_service(client: Client) -> None:
    async with running(EmulatorOptions(latency_scale=0, errors=1.0)) as emulator:
        gemini, groq = await client.gemini(emulator), await client.groq(emulator)
        assert [call.fault for call in emulator.log] == ["errors", "errors"]
    assert (gemini.status_code, gemini.json()["error"]["status"]) == (500, "INTERNAL")
    assert (groq.status_code, groq.json()["error"]["type"]) == (500, "internal_server_error")


@pytest.mark.parametrize("model", ["gemini-3.8-flash", "gemini-3.5-flash-lite"])
async def test_models_of_late_2026_are_there(client: Client, model: str) -> None:
    async with running(EmulatorOptions(latency_scale=0)) as emulator:
        assert (await client.gemini(emulator, model=model)).status_code == 200
        assert (await client.groq(emulator, model="qwen/qwen3.8-27b")).status_code == 200


async def test_the_log_says_which_questions_were_planted(client: Client) -> None:
    prompt = (
        f'Write 5 questions for each chapter\n<chapter number="4" title="Data">\n{TEXT}\n</chapter>'
    )
    async with running(EmulatorOptions(latency_scale=0, wrong_keys=1.0)) as emulator:
        sent = await client.gemini(emulator, prompt, schema=QUESTIONS)
        shown: Any = (await client.http.get(f"{emulator.url}/emulator/log")).json()
    assert sent.status_code == 200
    planted = emulator.log[0].planted
    assert len(planted) == 5
    assert {(each.kind, each.chapter) for each in planted} == {("wrong_key", 4)}
    assert [each["stem"] for each in shown[0]["planted"]] == [each.stem for each in planted]
