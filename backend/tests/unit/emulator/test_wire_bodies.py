import json
import math
import re
from pathlib import Path

import pytest

from coursewright import emulator
from coursewright.emulator import gemini_errors, openai_errors
from coursewright.emulator.desk import Desk, KeyState, call_id, count_tokens
from coursewright.emulator.options import EmulatorOptions, ModelLimits
from coursewright.emulator.windows import Domain, Metric, Violation
from coursewright.keys.gemini import read_refusal as read_gemini
from coursewright.keys.groq import read_refusal as read_groq
from coursewright.keys.refusal import Reason


def violation(metric: Metric, *, limit: int = 5, wait: float = 46.1) -> Violation:
    return Violation(metric=metric, limit=limit, used=limit, requested=1, wait=wait)


def test_gemini_says_which_limit_and_when_to_come_back() -> None:
    body = gemini_errors.exhausted([violation("rpm")], "gemini-x", terse=False)
    error = body["error"]
    assert (error["code"], error["status"]) == (429, "RESOURCE_EXHAUSTED")
    assert "limit: 5, model: gemini-x\nPlease retry in 46.1s." in error["message"]
    failure, _, retry = error["details"]
    assert failure["violations"] == [
        {
            "quotaMetric": "generativelanguage.googleapis.com/generate_content_free_tier_requests",
            "quotaId": "GenerateRequestsPerMinutePerProjectPerModel-FreeTier",
            "quotaDimensions": {"location": "global", "model": "gemini-x"},
            "quotaValue": "5",
        }
    ]
    assert retry == {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "46s"}


def test_gemini_names_the_longest_of_several_waits() -> None:
    both = [violation("tpm"), violation("rpd", wait=37_025.72)]
    error = gemini_errors.exhausted(both, "gemini-x", terse=False)["error"]
    assert "Please retry in 10h17m5.72s." in error["message"]
    assert len(error["details"][0]["violations"]) == 2
    assert error["details"][2]["retryDelay"] == "37025s"


def test_a_gemini_limit_of_zero_stands_in_the_message_alone() -> None:
    error = gemini_errors.exhausted([violation("rpm", limit=0, wait=math.inf)], "m", terse=False)
    assert "limit: 0, model: m" in error["error"]["message"]
    assert "quotaValue" not in error["error"]["details"][0]["violations"][0]


def test_a_terse_refusal_has_no_details() -> None:
    error = gemini_errors.exhausted([violation("rpm")], "m", terse=True)["error"]
    assert set(error) == {"code", "status", "message"}


@pytest.mark.parametrize(
    ("state", "code", "status"),
    [
        (KeyState.DEAD, 400, "INVALID_ARGUMENT"),
        (KeyState.LEAKED, 403, "PERMISSION_DENIED"),
        (KeyState.BARRED, 400, "FAILED_PRECONDITION"),
    ],
)
def test_gemini_refuses_keys_in_its_own_words(state: KeyState, code: int, status: str) -> None:
    error = gemini_errors.bad_key(state)["error"]
    assert (error["code"], error["status"]) == (code, status)


def test_groq_says_which_limit_and_when_to_come_back() -> None:
    worst = Violation(metric="tpm", limit=6_000, used=3_513, requested=3_166, wait=6.78)
    found = openai_errors.limited([worst], "m", "team", terse=False)
    assert found.status == 429
    assert found.headers == {"retry-after": "7"}
    error = found.body["error"]
    assert (error["type"], error["code"]) == ("tokens", "rate_limit_exceeded")
    assert "tokens per minute (TPM): Limit 6000, Used 3513, Requested 3166." in error["message"]
    assert "Please try again in 6.78s." in error["message"]
    assert "team" not in json.dumps(found.body)


def test_groq_answers_413_to_what_will_never_fit() -> None:
    found = openai_errors.limited([violation("tpm", wait=math.inf)], "m", "team", terse=False)
    assert found.status == 413
    assert found.body["error"]["code"] == "rate_limit_exceeded"
    assert not found.headers


def test_groq_counts_down_in_its_headers() -> None:
    domain = Domain(ModelLimits(rpm=30, tpm=8_000, rpd=1_000))
    domain.admit(0.0, 500)
    assert openai_errors.limit_headers(domain, 10.0) == {
        "x-ratelimit-limit-requests": "1000",
        "x-ratelimit-remaining-requests": "999",
        "x-ratelimit-reset-requests": "23h59m50s",
        "x-ratelimit-limit-tokens": "8000",
        "x-ratelimit-remaining-tokens": "7500",
        "x-ratelimit-reset-tokens": "50s",
    }


@pytest.mark.parametrize(
    ("metric", "reason"),
    [
        ("rpm", Reason.MINUTE),
        ("tpm", Reason.MINUTE),
        ("rpd", Reason.DAY),
        ("tpd", Reason.DAY),
    ],
)
def test_the_pool_understands_both(metric: Metric, reason: Reason) -> None:
    """Two readings of the same documents, written apart, agree."""
    gemini = gemini_errors.exhausted([violation(metric)], "m", terse=False)
    read = read_gemini(429, {}, json.dumps(gemini).encode())
    assert (read.reason, read.retry_after, read.limits[0].value) == (reason, 46.1, 5)
    groq = openai_errors.limited([violation(metric)], "m", "team", terse=False)
    read = read_groq(429, groq.headers, json.dumps(groq.body).encode())
    assert (read.reason, read.limits[0].value) == (reason, 5)


def test_a_call_is_known_by_what_it_asks() -> None:
    one = call_id("gemini", "m", {"a": 1, "b": [2]})
    assert one == call_id("gemini", "m", {"b": [2], "a": 1})
    assert one != call_id("groq", "m", {"a": 1, "b": [2]})
    assert call_id("gemini", "m", {"a": "\ud800"})


@pytest.mark.parametrize(("text", "tokens"), [("", 0), ("abc", 1), ("abcd", 1), ("abcde", 2)])
def test_tokens_are_counted_by_four_characters(text: str, tokens: int) -> None:
    assert count_tokens(text) == tokens


def test_a_key_that_no_project_was_named_for_is_alone() -> None:
    options = EmulatorOptions(projects={"test-key-1": "p", "test-key-2": "p"})
    desk = Desk(options, lambda: 0.0)
    assert desk.project("test-key-1") == desk.project("test-key-2") == "p"
    assert desk.project("test-key-3") != desk.project("test-key-4")
    assert "test-key" not in desk.project("test-key-3")


@pytest.mark.parametrize("key", ['"test-key-1"', " test-key-1", "gsk_test-key-1"])
def test_a_foreign_or_quoted_key_is_none_of_geminis(key: str) -> None:
    assert Desk(EmulatorOptions(), lambda: 0.0).key_state("gemini", key) is KeyState.DEAD


@pytest.mark.parametrize(
    "wrong", [{"overloaded": 1.1}, {"window": "hourly"}, {"gemini": {"rpm": -1}}, {"rpm": 3}]
)
def test_options_that_mean_nothing_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        EmulatorOptions.model_validate(wrong)


def test_the_emulator_knows_nothing_of_what_it_checks() -> None:
    folder = Path(emulator.__path__[0])
    imported = {
        name
        for path in folder.glob("*.py")
        for name in re.findall(
            r"^(?:from|import) (coursewright[\w.]*)", path.read_text(), re.MULTILINE
        )
    }
    assert imported
    assert all(name.startswith("coursewright.emulator") for name in imported)
