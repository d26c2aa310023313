"""The commands where a model writes, against `coursewright emulate`."""

import json
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

from support.emulate_process import emulating

Run = Callable[..., Any]
DEAD = "planted-chapter-key-two"
KEYS = {
    "GEMINI_CHAPTER_KEY_1": "planted-chapter-key-one",
    "GEMINI_CHAPTER_KEY_2": DEAD,
    "GEMINI_QUIZ_KEY": "planted-quiz-key",
    "GEMINI_API_KEY": "planted-common-key",
    "GROQ_API_KEY": "planted-groq-key",
}
LIMITS = "gemini:* rpm=60 rpd=200; groq:* rpm=60 tpm=60000 rpd=1000"


@pytest.fixture
def with_keys(coursewright: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Run]:
    """The command line with five keys of an emulator, one of them dead; it must tell none."""
    for name, key in KEYS.items():
        monkeypatch.setenv(name, key)
    monkeypatch.setenv("COURSEWRIGHT_LIMITS", LIMITS)
    arguments = ("--latency", "0", "--limits", LIMITS, "--dead-key", DEAD)
    printed: list[str] = []

    def run(*words: str, **more: str) -> Any:
        ran = coursewright(*words, **more)
        printed.extend((ran.out, ran.err))
        return ran

    with emulating(tmp_path, *arguments) as (address, _):
        monkeypatch.setenv("COURSEWRIGHT_GEMINI_URL", address)
        monkeypatch.setenv("COURSEWRIGHT_GROQ_URL", f"{address}/openai/v1")
        yield run
    for key in KEYS.values():
        assert key not in "".join(printed)


def test_a_course_says_what_it_takes_and_what_it_took(with_keys: Run) -> None:
    ran = with_keys("create", "Sourdough Baking", "--chapters", "2", "--json")
    assert ran.code == 0, ran.err
    assert "plan: about " in ran.err
    made = json.loads(ran.out)
    assert made["author"] == "model"
    assert made["model_calls"] >= 15
    assert made["cost_usd"] > 0

    shown = with_keys("show", made["id"][:8])
    assert f"{made['model_calls']} model calls" in shown.err
    course = json.loads(with_keys("costs", "--json").out)
    assert [(row["name"], row["calls"]) for row in course] == [(made["title"], made["model_calls"])]
    services = json.loads(with_keys("costs", made["id"], "--json").out)
    assert sum(row["calls"] for row in services) == made["model_calls"]
    assert {"chapter", "quiz", "flashcard", "article", "audio"} <= {r["name"] for r in services}
    for by in ("model", "day", "outcome", "key"):
        ran = with_keys("costs", "--by", by)
        assert ran.code == 0, ran.err
        assert f"{made['model_calls']:,}" in ran.out  # the total
        assert "list prices" in ran.err
    assert "1 days" not in with_keys("costs", "--days", "1").err


def test_keys_tells_how_each_key_stands_and_tries_it(with_keys: Run) -> None:
    rows = json.loads(with_keys("keys", "--json").out)["keys"]
    assert {row["state"] for row in rows} == {"ok"}
    assert {name for row in rows for name in row["variables"]} == set(KEYS)
    assert {row["minute_limit"] for row in rows} == {60}

    tried = with_keys("keys", "--check", "--json")
    assert tried.code == 1, "one key is dead"
    checked = json.loads(tried.out)["checked"]
    bad = [each for each in checked if not each["works"]]
    assert len(checked) == len(KEYS)
    assert len(bad) == 1
    assert bad[0]["reason"]
    assert bad[0]["hint"]
    off = {row["fingerprint"] for row in json.loads(tried.out)["keys"] if row["state"] == "off"}
    assert off == {bad[0]["fingerprint"]}
    # A check spends, and that is counted: by the next start of the program, too.
    rows = json.loads(with_keys("keys", "--json").out)["keys"]
    assert sum(row["day_spent"] for row in rows) == len(KEYS) - 1
    assert sum(row["minute_spent"] for row in rows) == len(KEYS) - 1
    assert any(row["tokens_spent"] for row in rows)

    table = with_keys("keys")
    assert table.code == 0
    assert "GEMINI_CHAPTER_KEY_2" in table.out
    assert "the provider refuses this key" in table.out
    assert "one quota" in " ".join(table.err.split())


def test_doctor_names_the_models_and_what_is_spent_at_most(
    with_keys: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURSEWRIGHT_MAX_COST_PER_COURSE", "0.5")
    monkeypatch.setenv("COURSEWRIGHT_MODEL_QUIZ", "groq:openai/gpt-oss-20b")
    ran = with_keys("doctor", "--json")
    found = {each["name"].strip(): each for each in json.loads(ran.out)}
    assert found["Author"]["says"] == "a model (auto)"
    assert found["quiz"]["says"] == "groq:openai/gpt-oss-20b"
    assert "gemini-" in found["chapter"]["says"]
    assert found["Cost limit"]["says"] == "$0.5 a course"
    assert "keys --check" in found["Keys"]["says"]


def test_without_a_key_there_is_nothing_to_tell_and_it_is_said(coursewright: Run) -> None:
    ran = coursewright("keys")
    assert ran.code == 0
    assert "none is needed" in ran.err
    assert json.loads(coursewright("keys", "--check", "--json").out) == {"keys": []}
    assert "No model was called" in coursewright("costs").err
    assert json.loads(coursewright("costs", "--json").out) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["costs", "nowhere"], "no course"),
        (["costs", "--by", "colour"], "--by"),
        (["costs", "--days", "0"], "--days"),
    ],
)
def test_wrong_questions_are_told(coursewright: Run, arguments: list[str], said: str) -> None:
    ran = coursewright(*arguments)
    assert ran.code == 2
    assert said in ran.err


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("COURSEWRIGHT_MODEL", "google", "COURSEWRIGHT_MODEL"),
        ("COURSEWRIGHT_LIMITS", "gemini:* rpm=-3", "COURSEWRIGHT_LIMITS"),
        ("COURSEWRIGHT_AUTHOR", "model", "GEMINI_API_KEY"),
    ],
)
def test_doctor_says_which_setting_is_not_usable_and_how_to_mend_it(
    coursewright: Run, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    ran = coursewright("doctor")
    assert ran.code == 1
    assert said in ran.out + ran.err
