"""Reading what Groq answers when it refuses, and the limits in the headers of every answer.

As of November 2026 (console.groq.com/docs/rate-limits): `x-ratelimit-*-requests` counts requests a
day, `x-ratelimit-*-tokens` tokens a minute; 413 with the code of a rate limit means that the
request alone is larger than the limit.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from coursewright.keys.durations import parse_duration
from coursewright.keys.redaction import redact
from coursewright.keys.refusal import Metric, Reason, Refusal, StatedLimit

_MOST_MESSAGE = 500
"""Keys are taken out before it is cut: a piece of one is no longer recognized."""
_METRIC = re.compile(r"\((?P<metric>RPM|TPM|RPD|TPD)\)")
_LIMIT = re.compile(r"Limit (?P<limit>\d+)", re.IGNORECASE)
_AGAIN = re.compile(
    r"try again in (?P<time>[\d.]+(?:ms|[dhms])(?:[\d.]+(?:ms|[dhms]))*)", re.IGNORECASE
)


@dataclass(frozen=True, kw_only=True)
class Remaining:
    """What is left of one limit."""

    metric: Metric
    limit: int
    remaining: int
    reset_after: float | None
    """Seconds until all of it is there again."""


def read_headers(headers: Mapping[str, str]) -> tuple[Remaining, ...]:
    """The limits that an answer states; those that are incomplete are left out."""
    low = {name.lower(): value for name, value in headers.items()}
    found: list[Remaining] = []
    for name, metric in (
        ("requests", Metric.REQUESTS_A_DAY),
        ("tokens", Metric.TOKENS_A_MINUTE),
    ):
        limit = _number(low.get(f"x-ratelimit-limit-{name}"))
        remaining = _number(low.get(f"x-ratelimit-remaining-{name}"))
        if limit is not None and remaining is not None:
            reset = parse_duration(low.get(f"x-ratelimit-reset-{name}", ""))
            found.append(
                Remaining(metric=metric, limit=limit, remaining=remaining, reset_after=reset)
            )
    return tuple(found)


def read_refusal(status: int, headers: Mapping[str, str], body: bytes) -> Refusal:
    """What an answer with a status of 400 or more means. Never raises: bodies may be anything."""
    error = _error(body)
    message = str(error.get("message") or body[: 4 * _MOST_MESSAGE].decode("utf-8", "replace"))
    named = _METRIC.search(message)
    metric = Metric(named["metric"].lower()) if named else None
    stated = _LIMIT.search(message)
    limits = (
        (StatedLimit(metric=metric, value=int(stated["limit"])),)
        if metric is not None and stated is not None
        else ()
    )
    again = _AGAIN.search(message)
    low = {name.lower(): value for name, value in headers.items()}
    times = [
        parse_duration(again["time"]) if again else None,
        parse_duration(low.get("retry-after", "")),
    ]
    known = [seconds for seconds in times if seconds is not None]
    return Refusal(
        reason=_reason(status, error, metric, limits),
        message=redact(message)[:_MOST_MESSAGE],
        retry_after=max(known) if known else None,
        limits=limits,
    )


def _reason(
    status: int,
    error: Mapping[str, Any],
    metric: Metric | None,
    limits: tuple[StatedLimit, ...],
) -> Reason:
    if status == 413:  # noqa: PLR2004 - also with the code of a rate limit
        return Reason.TOO_LARGE
    if error.get("code") == "insufficient_quota":
        return Reason.PLACE  # OpenAI: an account without credit, which no waiting fills
    if status == 429:  # noqa: PLR2004 - RFC 6585
        return _rate(metric, limits)
    if status in {401, 403} or error.get("code") == "invalid_api_key":
        return Reason.KEY
    overloaded = status >= 500 or status in {408, 498}  # noqa: PLR2004 - 498 is Groq's own
    return Reason.OVERLOADED if overloaded else Reason.REQUEST


def _rate(metric: Metric | None, limits: tuple[StatedLimit, ...]) -> Reason:
    if any(limit.value == 0 for limit in limits):
        return Reason.NO_QUOTA
    if metric is None:
        return Reason.RATE
    return Reason.DAY if metric.is_daily else Reason.MINUTE


def _error(body: bytes) -> Mapping[str, Any]:
    try:
        found: object = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    error = cast(Mapping[str, Any], found).get("error") if isinstance(found, dict) else None
    return cast(Mapping[str, Any], error) if isinstance(error, dict) else {}


def _number(text: str | None) -> int | None:
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() else None
