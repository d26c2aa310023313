"""S5: `call_gemini_with_retry(..., service=...)` and `call_groq_with_retry(...)` exist and work."""

from collections.abc import AsyncIterator

import pytest
from pydantic import BaseModel

from coursewright.calls import call_gemini_with_retry, call_groq_with_retry, close_calls
from coursewright.course.errors import BadRequest, NotConfigured, Unavailable
from coursewright.emulator.options import EmulatorOptions
from coursewright.emulator.server import Emulator, running

MODELS = "google:gemini-2.5-flash-lite, groq:openai/gpt-oss-20b"


class Plan(BaseModel):
    title: str
    objectives: list[str]


@pytest.fixture
async def emulator(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Emulator]:
    options = EmulatorOptions(latency_scale=0, dead_keys=frozenset({"test-key-dead"}))
    async with running(options) as found:
        monkeypatch.setenv("COURSEWRIGHT_GEMINI_URL", found.gemini_url)
        monkeypatch.setenv("COURSEWRIGHT_GROQ_URL", found.groq_url)
        monkeypatch.setenv("COURSEWRIGHT_MODEL", MODELS)
        yield found
        await close_calls()


@pytest.mark.parametrize("service", ["chapter", "quiz", "flashcard", "game", "article"])
async def test_gemini_answers_with_the_key_of_the_service(
    service: str, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", "test-key-fallback")
    monkeypatch.setenv(f"GEMINI_{service.upper()}_KEY", f"test-key-{service}")
    text = await call_gemini_with_retry("Explain photosynthesis.", service=service)
    assert len(text.split()) > 5
    assert [call.provider for call in emulator.log] == ["gemini"]


async def test_groq_answers_in_the_type_that_is_asked_for(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROQ_API_KEY_1", "test-key-1")
    plan = await call_groq_with_retry("Plan a lecture on SQL.", output=Plan)
    assert plan.title
    assert plan.objectives
    assert [call.provider for call in emulator.log] == ["groq"]


async def test_many_calls_share_one_pool_and_are_never_refused(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEMINI_API_KEY_1", "test-key-1")
    monkeypatch.setenv("GEMINI_API_KEY_2", "test-key-dead")
    for number in range(4):
        await call_gemini_with_retry(f"Explain number {number}.", service="quiz")
    assert [call.status for call in emulator.log].count(200) == 4
    assert 429 not in {call.status for call in emulator.log}


@pytest.mark.usefixtures("emulator")
async def test_what_cannot_work_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadRequest, match="no service 'audio'"):
        await call_gemini_with_retry("Hello.", service="audio")
    with pytest.raises(NotConfigured, match="no model of gemini with a key"):
        await call_gemini_with_retry("Hello.", service="quiz")
    await close_calls()
    monkeypatch.setenv("GEMINI_API_KEY", "test-key-dead")
    with pytest.raises(Unavailable, match="refuses this key") as refused:
        await call_gemini_with_retry("Hello.", service="quiz")
    assert "test-key-dead" not in f"{refused.value} {refused.value.hint}"
