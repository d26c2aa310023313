"""Which fault hits a call: by the seed, the call and its attempt, so that a retry may go well."""

from enum import StrEnum

from coursewright.emulator.chance import unit
from coursewright.emulator.options import EmulatorOptions

_WITHIN_BURST = 0.6
"""Share of the calls that fail while a burst lasts."""


class Fault(StrEnum):
    """What goes wrong with a call that was admitted."""

    OVERLOADED = "overloaded"
    STALL = "stall"
    RESET = "reset"
    MALFORMED = "malformed"
    EMPTY = "empty"
    BLOCKED = "blocked"
    ERROR = "errors"


def draw(options: EmulatorOptions, call_id: str, attempt: int, elapsed: float) -> Fault | None:
    """The fault of this attempt (from 1), `elapsed` seconds after the start; mostly None."""
    if options.overloaded and _overloaded(options, call_id, attempt, elapsed):
        return Fault.OVERLOADED
    rates = (
        (Fault.STALL, options.stall),
        (Fault.RESET, options.reset),
        (Fault.MALFORMED, options.malformed),
        (Fault.EMPTY, options.empty),
        (Fault.BLOCKED, options.blocked),
        (Fault.ERROR, options.errors),
    )
    at = unit(options.seed, "fault", call_id, attempt)
    for fault, rate in rates:
        if at < rate:
            return fault
        at -= rate
    return None


def is_terse(options: EmulatorOptions, call_id: str, refusals: int) -> bool:
    """Whether this 429 comes without details."""
    return unit(options.seed, "terse", call_id, refusals) < options.terse_429


def _overloaded(options: EmulatorOptions, call_id: str, attempt: int, elapsed: float) -> bool:
    within = max(_WITHIN_BURST, options.overloaded)
    burst = int(elapsed / options.burst_seconds)
    if unit(options.seed, "burst", burst) >= options.overloaded / within:
        return False
    return unit(options.seed, "within", call_id, attempt) < within
