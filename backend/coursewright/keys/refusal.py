"""What an answer that is no success means, in words that all providers share."""

from dataclasses import dataclass
from enum import StrEnum


class Metric(StrEnum):
    """What a limit counts."""

    REQUESTS_A_MINUTE = "rpm"
    TOKENS_A_MINUTE = "tpm"
    REQUESTS_A_DAY = "rpd"
    TOKENS_A_DAY = "tpd"

    @property
    def is_daily(self) -> bool:
        """Whether it is counted by the day."""
        return self in {Metric.REQUESTS_A_DAY, Metric.TOKENS_A_DAY}


class Reason(StrEnum):
    """Why a call was refused, which decides what is done about it."""

    MINUTE = "minute"
    """A limit by the minute: the same call goes through later."""
    DAY = "day"
    """A limit by the day: the same call goes through tomorrow, or elsewhere now."""
    RATE = "rate"
    """A limit, without a word on which."""
    NO_QUOTA = "no_quota"
    """The limit is 0: this project may not use this model at all."""
    TOO_LARGE = "too_large"
    """It will never go through unchanged."""
    KEY = "key"
    """The key is wrong, revoked, leaked or forbidden: off for good."""
    PLACE = "place"
    """The region or the billing of the account does not allow it."""
    OVERLOADED = "overloaded"
    """The provider's fault; another key is no cure."""
    REQUEST = "request"
    """Our fault: the request is not usable."""


@dataclass(frozen=True, kw_only=True)
class StatedLimit:
    """A limit as the provider states it."""

    metric: Metric
    value: int
    model: str | None = None


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """An answer that is no success, understood."""

    reason: Reason
    message: str
    """The provider's words, shortened. It may quote the request: redact it before it is shown."""
    retry_after: float | None = None
    """Seconds until it is worth while to try again; None where nothing is said."""
    limits: tuple[StatedLimit, ...] = ()
