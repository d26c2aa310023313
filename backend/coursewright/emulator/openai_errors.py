"""Groq's refusals, in the shape of OpenAI's."""

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from coursewright.emulator.durations import spoken
from coursewright.emulator.windows import Domain, Metric, Violation

Headers = Mapping[str, str]
_NAMES: Mapping[Metric, str] = {
    "rpm": "requests per minute (RPM)",
    "tpm": "tokens per minute (TPM)",
    "rpd": "requests per day (RPD)",
    "tpd": "tokens per day (TPD)",
}
_UPGRADE = (
    "Need more tokens? Upgrade to Dev Tier today at https://console.groq.com/settings/billing"
)


@dataclass(frozen=True)
class Refusal:
    """Status, body and headers."""

    status: int
    body: Mapping[str, Any]
    headers: Headers = field(default_factory=dict[str, str])


def refusal(status: int, message: str, kind: str, code: str | None = None, **more: str) -> Refusal:
    """An error body."""
    error = {"message": message, "type": kind, **({"code": code} if code else {}), **more}
    return Refusal(status, {"error": error})


def invalid(message: str) -> Refusal:
    """400."""
    return refusal(400, message, "invalid_request_error")


def bad_key() -> Refusal:
    """401."""
    return refusal(401, "Invalid API Key", "invalid_request_error", "invalid_api_key")


def unknown_model(model: str) -> Refusal:
    """404."""
    message = f"The model `{model}` does not exist or you do not have access to it."
    return refusal(404, message, "invalid_request_error", "model_not_found")


def too_many_bytes() -> Refusal:
    """413, for the bytes of the body."""
    message = "Request Entity Too Large"
    return refusal(413, message, "invalid_request_error", "request_too_large")


def overloaded(model: str) -> Refusal:
    """503."""
    message = f"{model} is currently over capacity. Please try again and back off exponentially."
    return refusal(503, message, "internal_server_error")


def broken() -> Refusal:
    """500."""
    return refusal(500, "Internal Server Error", "internal_server_error")


def no_json(text: str) -> Refusal:
    """400: the model wrote something that does not fit the schema."""
    message = (
        "Failed to generate JSON. Please adjust your prompt. See 'failed_generation' for more "
        "details."
    )
    code = "json_validate_failed"
    return refusal(400, message, "invalid_request_error", code, failed_generation=text)


def limited(violations: Sequence[Violation], model: str, project: str, *, terse: bool) -> Refusal:
    """413 for a request that is larger than a limit, else 429 for the one that lasts longest."""
    worst = max(violations, key=lambda each: each.wait)
    kind = "tokens" if worst.metric in {"tpm", "tpd"} else "requests"
    place = (
        f"for model `{model}` in organization `{organization(project)}` service tier `on_demand` "
        f"on {_NAMES[worst.metric]}: Limit {worst.limit}"
    )
    if math.isinf(worst.wait):
        message = (
            f"Request too large {place}, Requested {worst.requested}, please reduce your message "
            f"size and try again. {_UPGRADE}"
        )
        return refusal(413, message, kind, "rate_limit_exceeded")
    if terse:
        return Refusal(429, {"error": {"message": "Too Many Requests"}})
    message = (
        f"Rate limit reached {place}, Used {worst.used}, Requested {worst.requested}. "
        f"Please try again in {spoken(worst.wait, 3)}. {_UPGRADE}"
    )
    found = refusal(429, message, kind, "rate_limit_exceeded")
    return Refusal(429, found.body, {"retry-after": str(math.ceil(worst.wait))})


def limit_headers(domain: Domain, now: float) -> dict[str, str]:
    """What every answer says: requests are those of the day, tokens those of the minute."""
    found: dict[str, str] = {}
    metrics: tuple[tuple[str, Metric], ...] = (("requests", "rpd"), ("tokens", "tpm"))
    for name, metric in metrics:
        if (limit := domain.limits.get(metric)) is not None:
            remaining = max(0, limit.value - limit.used(now))
            found[f"x-ratelimit-limit-{name}"] = str(limit.value)
            found[f"x-ratelimit-remaining-{name}"] = str(remaining)
            found[f"x-ratelimit-reset-{name}"] = spoken(limit.full_reset(now), 3)
    return found


def organization(project: str) -> str:
    """A name that shows the same organization without showing which."""
    return f"org_{hashlib.sha256(project.encode('utf-8', 'surrogatepass')).hexdigest()[:26]}"
