import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursewright.keys import gemini, groq
from coursewright.keys.durations import parse_duration
from coursewright.keys.refusal import Metric, Reason, Refusal
from coursewright.keys.wire import OpenAiWire

QUOTA = "type.googleapis.com/google.rpc.QuotaFailure"
RETRY = "type.googleapis.com/google.rpc.RetryInfo"
INFO = "type.googleapis.com/google.rpc.ErrorInfo"
MINUTE = "GenerateRequestsPerMinutePerProjectPerModel-FreeTier"
DAY = "GenerateRequestsPerDayPerProjectPerModel-FreeTier"
TOKENS = "GenerateContentInputTokensPerModelPerMinute-FreeTier"


def body(
    status: str = "RESOURCE_EXHAUSTED",
    message: str = "You exceeded your current quota.",
    details: list[dict[str, object]] | None = None,
) -> bytes:
    return json.dumps(
        {"error": {"code": 0, "message": message, "status": status, "details": details or []}}
    ).encode()


def quota(*ids: str, value: str | None = "5", model: str = "m") -> dict[str, object]:
    violations: list[dict[str, object]] = []
    for name in ids:
        violation: dict[str, object] = {"quotaId": name, "quotaDimensions": {"model": model}}
        if value is not None:
            violation["quotaValue"] = value
        violations.append(violation)
    return {"@type": QUOTA, "violations": violations}


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("46s", 46.0),
        ("46.1s", 46.1),
        ("2m59.56s", 179.56),
        ("10h17m5.72s", 37_025.72),
        ("120ms", 0.12),
        ("1d2h", 93_600.0),
        ("7", 7.0),
        (" 7.5 ", 7.5),
        ("", None),
        ("soon", None),
        ("5 minutes", None),
        ("-3s", None),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None),
    ],
)
def test_durations_are_read(text: str, seconds: float | None) -> None:
    found = parse_duration(text)
    assert found == (None if seconds is None else pytest.approx(seconds))


@pytest.mark.parametrize(
    ("status", "answer", "reason", "retry_after"),
    [
        (429, body(details=[quota(MINUTE), {"@type": RETRY, "retryDelay": "46s"}]), "minute", 46),
        (429, body(details=[quota(DAY, value="20")]), "day", None),
        (429, body(details=[quota(TOKENS, value="250000")]), "minute", None),
        (429, body(details=[quota(MINUTE, DAY)]), "day", None),
        (429, body(details=[quota(MINUTE, value="0")]), "no_quota", None),
        (429, body(), "rate", None),
        (429, b"", "rate", None),
        (429, body(message="limit: 5, model: m\nPlease retry in 46.1s."), "rate", 46.1),
        (429, body(details=[{"@type": RETRY, "retryDelay": "10h17m5.72s"}]), "rate", 37_025.72),
        (503, body("UNAVAILABLE", "The model is overloaded."), "overloaded", None),
        (500, b"<html>", "overloaded", None),
        (400, body("INVALID_ARGUMENT", details=[{"@type": INFO, "reason": "API_KEY_INVALID"}]),
         "key", None),
        (401, body("UNAUTHENTICATED"), "key", None),
        (403, body("PERMISSION_DENIED", "Your API key was reported as leaked."), "key", None),
        (400, body("FAILED_PRECONDITION", "User location is not supported."), "place", None),
        (413, b"", "too_large", None),
        (400, body("INVALID_ARGUMENT", "Unknown field."), "request", None),
        (400, body("INVALID_ARGUMENT", "API key not valid. Please pass a valid one."), "key", None),
        (400, body("INVALID_ARGUMENT", "`apiKey`: an API key is no field of it."), "request", None),
    ],
)  # fmt: skip
def test_refusals_of_gemini_are_understood(
    status: int, answer: bytes, reason: str, retry_after: float | None
) -> None:
    for wrapped in (answer, b"[" + answer + b"]"):
        found = gemini.read_refusal(status, {}, wrapped)
        assert found.reason == reason
        assert found.retry_after == (None if retry_after is None else pytest.approx(retry_after))


def test_a_limit_of_gemini_is_taken_from_the_violation_or_from_the_message() -> None:
    stated = gemini.read_refusal(429, {}, body(details=[quota(MINUTE, value="15")])).limits
    assert [(each.metric, each.value, each.model) for each in stated] == [
        (Metric.REQUESTS_A_MINUTE, 15, "m")
    ]
    message = "Quota exceeded, limit: 7, model: m\nPlease retry in 3s."
    spoken = gemini.read_refusal(429, {}, body(message=message, details=[quota(DAY, value=None)]))
    assert [(each.metric, each.value) for each in spoken.limits] == [(Metric.REQUESTS_A_DAY, 7)]
    # One number does not tell which of two limits it is.
    both = gemini.read_refusal(
        429, {}, body(message=message, details=[quota(MINUTE, DAY, value=None)])
    )
    assert both.limits == ()


def test_a_model_that_is_not_for_the_project_is_known_by_several_limits_of_zero() -> None:
    """As Gemini says it: a value of 0 is left out of protobuf's JSON, and every limit is broken."""
    metric = "generativelanguage.googleapis.com/generate_content_free_tier"
    message = "You exceeded your current quota. \n" + "".join(
        f"* Quota exceeded for metric: {metric}_{what}, limit: 0, model: gemini-3-pro\n"
        for what in ("requests", "requests", "input_token_count")
    )
    found = gemini.read_refusal(
        429,
        {},
        body(
            message=message + "Please retry in 46.1s.",
            details=[quota(DAY, MINUTE, TOKENS, value=None), {"@type": RETRY, "retryDelay": "46s"}],
        ),
    )
    assert found.reason is Reason.NO_QUOTA


def test_a_message_with_more_or_fewer_numbers_than_violations_states_no_limit() -> None:
    found = gemini.read_refusal(
        429, {}, body(message="limit: 0, then", details=[quota(DAY, MINUTE, value=None)])
    )
    assert (found.reason, found.limits) == (Reason.DAY, ())


@pytest.mark.parametrize("read", [gemini.read_refusal, groq.read_refusal])
@pytest.mark.parametrize("plain", [True, False])
def test_no_piece_of_a_key_is_left_where_a_message_is_cut(
    read: Callable[[int, dict[str, str], bytes], Refusal], *, plain: bool
) -> None:
    key = "AIza" + "planted" * 5
    said = "x" * 485 + " " + key
    found = read(400, {}, said.encode() if plain else body(message=said))
    assert "AIza" not in found.message
    assert len(found.message) <= 500


def test_the_header_counts_when_it_asks_for_more_patience() -> None:
    answer = body(details=[quota(MINUTE), {"@type": RETRY, "retryDelay": "3s"}])
    assert gemini.read_refusal(429, {"Retry-After": "9"}, answer).retry_after == 9


def groq_body(message: str, code: str = "rate_limit_exceeded") -> bytes:
    return json.dumps({"error": {"message": message, "type": "tokens", "code": code}}).encode()


TPM = (
    "Rate limit reached for model `m` in organization `o` on tokens per minute (TPM): Limit 6000,"
    " Used 3513, Requested 3166. Please try again in 6.78s. Visit https://example.org"
)


@pytest.mark.parametrize(
    ("status", "answer", "reason", "retry_after"),
    [
        (429, groq_body(TPM), "minute", 6.78),
        (429, groq_body("... on requests per day (RPD): Limit 1000, Used 1000. Please try again in"
                        " 2m59.56s."), "day", 179.56),
        (429, groq_body("slow down"), "rate", None),
        (429, b"", "rate", None),
        (413, groq_body("Request too large ... (TPM): Limit 6000, Requested 9000"), "too_large",
         None),
        (401, groq_body("Invalid API Key", "invalid_api_key"), "key", None),
        (498, b"", "overloaded", None),
        (503, b"", "overloaded", None),
        (400, groq_body("bad", "json_validate_failed"), "request", None),
        (429, groq_body("You exceeded your current quota", "insufficient_quota"), "place", None),
    ],
)  # fmt: skip
def test_refusals_of_groq_are_understood(
    status: int, answer: bytes, reason: str, retry_after: float | None
) -> None:
    found = groq.read_refusal(status, {}, answer)
    assert found.reason == reason
    assert found.retry_after == (None if retry_after is None else pytest.approx(retry_after))


def test_the_headers_of_groq_tell_what_is_left() -> None:
    found = groq.read_headers(
        {
            "X-RateLimit-Limit-Requests": "14400",
            "x-ratelimit-remaining-requests": "14370",
            "x-ratelimit-reset-requests": "2m59.56s",
            "x-ratelimit-limit-tokens": "6000",
            "x-ratelimit-remaining-tokens": "5997",
            "x-ratelimit-reset-tokens": "30ms",
        }
    )
    assert [(each.metric, each.limit, each.remaining) for each in found] == [
        (Metric.REQUESTS_A_DAY, 14_400, 14_370),
        (Metric.TOKENS_A_MINUTE, 6_000, 5_997),
    ]
    assert found[0].reset_after == pytest.approx(179.56)
    assert groq.read_headers({"x-ratelimit-limit-tokens": "many"}) == ()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["error", "details", "violations", "quotaId", "@type", "message", "status", "code"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(st.integers(400, 599), st.binary(max_size=200) | JSON.map(lambda x: json.dumps(x).encode()))
@settings(deadline=None, max_examples=200)
def test_no_body_is_too_strange(status: int, answer: bytes) -> None:
    for read in (gemini.read_refusal, groq.read_refusal):
        found = read(status, {"retry-after": "soon"}, answer)
        assert found.reason in Reason
        assert len(found.message) <= 500


def test_only_groq_counts_the_requests_of_a_day_in_its_headers() -> None:
    headers = {
        "x-ratelimit-limit-requests": "500",
        "x-ratelimit-remaining-requests": "499",
        "x-ratelimit-reset-requests": "120ms",
        "x-ratelimit-limit-tokens": "200000",
        "x-ratelimit-remaining-tokens": "199000",
        "x-ratelimit-reset-tokens": "300ms",
    }
    minute, day = Metric.TOKENS_A_MINUTE, Metric.REQUESTS_A_DAY
    assert {each.metric for each in OpenAiWire("groq").stated(headers)} == {minute, day}
    assert {each.metric for each in OpenAiWire("openai").stated(headers)} == {minute}
