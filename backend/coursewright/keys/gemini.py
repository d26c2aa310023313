"""Reading what Gemini answers when it refuses.

Status codes and bodies as of November 2026: `google.rpc.Status` with the details QuotaFailure,
RetryInfo and ErrorInfo (cloud.google.com/apis/design/errors, ai.google.dev/gemini-api/docs).
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

from coursewright.keys.durations import parse_duration
from coursewright.keys.redaction import redact
from coursewright.keys.refusal import Metric, Reason, Refusal, StatedLimit

_MOST_MESSAGE = 500
"""Keys are taken out before it is cut: a piece of one is no longer recognized."""
_RETRY_IN = re.compile(r"retry in ([\d.]+(?:ms|[dhms])(?:[\d.]+(?:ms|[dhms]))*)", re.IGNORECASE)
_LIMIT = re.compile(r"limit:\s*(\d+)(?:,\s*model:\s*([\w.-]+\w))?", re.IGNORECASE)
_METRICS = (
    (re.compile(r"Requests?PerMinute", re.IGNORECASE), Metric.REQUESTS_A_MINUTE),
    (re.compile(r"Requests?PerDay", re.IGNORECASE), Metric.REQUESTS_A_DAY),
    (re.compile(r"Tokens?\w*PerMinute", re.IGNORECASE), Metric.TOKENS_A_MINUTE),
    (re.compile(r"Tokens?\w*PerDay", re.IGNORECASE), Metric.TOKENS_A_DAY),
)
_BAD_KEY = re.compile(r"\bAPI key (not valid|not found|expired|is invalid)", re.IGNORECASE)
"""For bodies without details. The message of any other 400 may speak of keys, and is no reason to
give one up."""
_KEY_REASONS = {"API_KEY_INVALID", "API_KEY_SERVICE_BLOCKED", "API_KEY_HTTP_REFERRER_BLOCKED"}


def read_refusal(status: int, headers: Mapping[str, str], body: bytes) -> Refusal:
    """What an answer with a status of 400 or more means. Never raises: bodies may be anything."""
    error = _error(body)
    message = str(error.get("message") or body[: 4 * _MOST_MESSAGE].decode("utf-8", "replace"))
    details = list(_details(error))
    limits = tuple(_limits(details, message))
    retry_after = _retry_after(details, message, headers)
    reason = _reason(status, str(error.get("status") or ""), message, details, limits)
    return Refusal(
        reason=reason,
        message=redact(message)[:_MOST_MESSAGE],
        retry_after=retry_after,
        limits=limits,
    )


def _reason(
    status: int,
    name: str,
    message: str,
    details: list[Mapping[str, Any]],
    limits: tuple[StatedLimit, ...],
) -> Reason:
    if status == 429 or name == "RESOURCE_EXHAUSTED":  # noqa: PLR2004 - RFC 6585
        return _rate(details, limits)
    if status == 413:  # noqa: PLR2004 - RFC 9110
        return Reason.TOO_LARGE
    if status >= 500 or status == 408:  # noqa: PLR2004 - RFC 9110
        return Reason.OVERLOADED
    said = {str(detail.get("reason") or "") for detail in details}
    if status in {401, 403} or said & _KEY_REASONS or _BAD_KEY.search(message):
        return Reason.KEY
    if name == "FAILED_PRECONDITION":
        return Reason.PLACE
    return Reason.REQUEST


def _rate(details: list[Mapping[str, Any]], limits: tuple[StatedLimit, ...]) -> Reason:
    if any(limit.value == 0 for limit in limits):
        return Reason.NO_QUOTA
    metrics = {limit.metric for limit in limits} | set(_violated(details))
    # Several at once: the one that lasts longest decides.
    if any(metric.is_daily for metric in metrics):
        return Reason.DAY
    return Reason.MINUTE if metrics else Reason.RATE


def _error(body: bytes) -> Mapping[str, Any]:
    """The object `error`; some answers wrap it into an array of one element."""
    try:
        found: object = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    first = _items(found)[0] if _items(found) else found
    return _mapping(_mapping(first).get("error"))


def _mapping(value: object) -> Mapping[str, Any]:
    return cast(Mapping[str, Any], value) if isinstance(value, dict) else {}


def _items(value: object) -> list[object]:
    return cast(list[object], value) if isinstance(value, list) else []


def _details(error: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    return (_mapping(detail) for detail in _items(error.get("details")))


def _violations(details: list[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for detail in details:
        if str(detail.get("@type") or "").endswith("QuotaFailure"):
            yield from (_mapping(item) for item in _items(detail.get("violations")))


def _metric(violation: Mapping[str, Any]) -> Metric | None:
    quota = str(violation.get("quotaId") or "")
    return next((metric for pattern, metric in _METRICS if pattern.search(quota)), None)


def _violated(details: list[Mapping[str, Any]]) -> Iterator[Metric]:
    return (metric for item in _violations(details) if (metric := _metric(item)) is not None)


def _limits(details: list[Mapping[str, Any]], message: str) -> Iterator[StatedLimit]:
    """What is stated of limits. `quotaValue` may be missing; the message may say it instead."""
    spoken = [found[1] for found in _LIMIT.finditer(message)]
    violations = list(_violations(details))
    # The message has a line for each violation, in their order; where it has not, one number in it
    # belongs to one violation, not to several. A limit of 0 stands nowhere else.
    told = len(spoken) == len(violations) or (spoken and len(violations) == 1)
    for at, violation in enumerate(violations):
        metric = _metric(violation)
        value = str(violation.get("quotaValue") or "")
        if not value.isascii() or not value.isdigit():
            value = spoken[at] if told else ""
        if metric is not None and value:
            model = _mapping(violation.get("quotaDimensions")).get("model")
            yield StatedLimit(metric=metric, value=int(value), model=str(model) if model else None)


def _retry_after(
    details: list[Mapping[str, Any]], message: str, headers: Mapping[str, str]
) -> float | None:
    stated = [
        parse_duration(str(detail.get("retryDelay") or ""))
        for detail in details
        if str(detail.get("@type") or "").endswith("RetryInfo")
    ]
    spoken = _RETRY_IN.search(message)
    stated.append(parse_duration(spoken[1]) if spoken else None)
    header = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    stated.append(parse_duration(header))
    known = [seconds for seconds in stated if seconds is not None]
    return max(known) if known else None
