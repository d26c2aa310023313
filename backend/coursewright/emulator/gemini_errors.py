"""Gemini's refusals, as `google.rpc.Status`."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from coursewright.emulator.desk import KeyState
from coursewright.emulator.durations import spoken
from coursewright.emulator.windows import Metric, Violation

Body = Mapping[str, Any]
SERVICE = "generativelanguage.googleapis.com"
_TYPE = "type.googleapis.com/google.rpc."
_QUOTAS: Mapping[Metric, tuple[str, str]] = {
    "rpm": (
        "generate_content_free_tier_requests",
        "GenerateRequestsPerMinutePerProjectPerModel-FreeTier",
    ),
    "rpd": (
        "generate_content_free_tier_requests",
        "GenerateRequestsPerDayPerProjectPerModel-FreeTier",
    ),
    "tpm": (
        "generate_content_free_tier_input_token_count",
        "GenerateContentInputTokensPerModelPerMinute-FreeTier",
    ),
    "tpd": (
        "generate_content_free_tier_input_token_count",
        "GenerateContentInputTokensPerModelPerDay-FreeTier",
    ),
}
"""quotaMetric and quotaId."""


def status(code: int, name: str, message: str, details: Sequence[Body] = ()) -> Body:
    """An error body."""
    error = {"code": code, "message": message, "status": name}
    return {"error": {**error, "details": list(details)} if details else error}


def invalid(message: str) -> Body:
    """400."""
    return status(400, "INVALID_ARGUMENT", message)


def unknown_model(model: str, method: str) -> Body:
    """404."""
    return status(
        404,
        "NOT_FOUND",
        f"models/{model} is not found for API version v1beta, or is not supported for {method}. "
        "Call ListModels to see the list of available models and their supported methods.",
    )


def overloaded() -> Body:
    """503."""
    return status(503, "UNAVAILABLE", "The model is overloaded. Please try again later.")


def broken() -> Body:
    """500."""
    message = (
        "An internal error has occurred. Please retry or report in "
        "https://developers.generativeai.google/guide/troubleshooting"
    )
    return status(500, "INTERNAL", message)


def bad_key(state: KeyState) -> Body:
    """400 or 403, for a key that cannot be used."""
    if state is KeyState.LEAKED:
        message = "Your API key was reported as leaked. Please use another API key."
        return status(403, "PERMISSION_DENIED", message)
    if state is KeyState.BARRED:
        message = "User location is not supported for the API use."
        return status(400, "FAILED_PRECONDITION", message)
    message = "API key not valid. Please pass a valid API key."
    info = {
        "@type": _TYPE + "ErrorInfo",
        "reason": "API_KEY_INVALID",
        "domain": "googleapis.com",
        "metadata": {"service": SERVICE},
    }
    localized = {"@type": _TYPE + "LocalizedMessage", "locale": "en-US", "message": message}
    return status(400, "INVALID_ARGUMENT", message, [info, localized])


def no_key(*, bearer: bool) -> Body:
    """401 for a token in place of a key, 403 for nothing at all."""
    if bearer:
        message = (
            "Request had invalid authentication credentials. Expected OAuth 2 access token, login "
            "cookie or other valid authentication credential."
        )
        return status(401, "UNAUTHENTICATED", message)
    message = (
        "Method doesn't allow unregistered callers (callers without established identity). Please "
        "use API Key or other form of API consumer identity to call this API."
    )
    return status(403, "PERMISSION_DENIED", message)


def exhausted(violations: Sequence[Violation], model: str, *, terse: bool) -> Body:
    """429, with QuotaFailure, Help and RetryInfo, or without a word."""
    if terse:
        message = "Resource has been exhausted (e.g. check quota)."
        return status(429, "RESOURCE_EXHAUSTED", message)
    wait = max(each.wait for each in violations)
    if math.isinf(wait):  # a request beyond the limit is told to come back all the same
        wait = 60.0
    opening = (
        "You exceeded your current quota, please check your plan and billing details. For more "
        "information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits. "
    )
    lines = [
        opening,
        *(
            f"* Quota exceeded for metric: {SERVICE}/{_QUOTAS[each.metric][0]}, "
            f"limit: {each.limit}, model: {model}"
            for each in violations
        ),
        f"Please retry in {spoken(wait)}.",
    ]
    failure = {
        "@type": _TYPE + "QuotaFailure",
        "violations": [_violation(each, model) for each in violations],
    }
    links = [
        {
            "description": "Learn more about Gemini API quotas",
            "url": "https://ai.google.dev/gemini-api/docs/rate-limits",
        }
    ]
    retry = {"@type": _TYPE + "RetryInfo", "retryDelay": f"{math.floor(wait)}s"}
    details = [failure, {"@type": _TYPE + "Help", "links": links}, retry]
    return status(429, "RESOURCE_EXHAUSTED", "\n".join(lines), details)


def _violation(violation: Violation, model: str) -> Body:
    metric, quota = _QUOTAS[violation.metric]
    found: dict[str, Any] = {
        "quotaMetric": f"{SERVICE}/{metric}",
        "quotaId": quota,
        "quotaDimensions": {"location": "global", "model": model},
    }
    # A limit of 0 goes unsaid here, as zero values do in protobuf's JSON.
    return {**found, "quotaValue": str(violation.limit)} if violation.limit else found
