"""Calls that were answered, and asked again: which had lost their answer, and which were wasted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

WITHIN = 1.0
"""Seconds from an answer's last byte until it must be stored."""
RECONNECTS = 8.0
"""Seconds that a worker has in addition to be connected again after Postgres came back: the pauses
of `database/outage.py` and of the pool's own attempts."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call that came to the emulator. Seconds are those of the machine's monotonic clock."""

    call_id: str
    """What was asked."""
    caller: str
    """Which life of which worker asked."""
    at: float
    ended: float
    """When the answer had been sent."""
    status: int
    fault: str | None = None

    @property
    def whole(self) -> bool:
        """Whether there was an answer to be kept."""
        return self.status == 200 and self.fault is None  # noqa: PLR2004 - OK


@dataclass(frozen=True, kw_only=True)
class Outage:
    """Postgres, from the moment it was told to stop until it answered again."""

    begin: float
    up: float


@dataclass
class Repeats:
    """What came of it."""

    at_once: list[float] = field(default_factory=list[float])
    """Answers whose worker was killed before they could be stored: how old each was, in seconds."""
    while_away: list[float] = field(default_factory=list[float])
    """The same of answers that came while Postgres was away, or workers were not connected again:
    seconds from when it was up; 0 before that."""
    wasted: list[Call] = field(default_factory=list[Call])
    """Calls that should not have been."""


def repeats(
    calls: Sequence[Call],
    killed: Mapping[str, float],
    outages: Sequence[Outage] = (),
    *,
    within: float = WITHIN,
) -> Repeats:
    """Judges each call that had been answered whole before, or was being answered.

    It is excused only by the death of the very worker that had the answer: killed before the call
    came again, and before the answer could be stored. The death of another worker excuses nothing.

    Args:
        calls: the emulator's log.
        killed: when each life of a worker ended that was killed.
        outages: of Postgres, in their order.
        within: seconds in which an answer is stored.
    """
    found = Repeats()
    answered: dict[str, Call] = {}
    for call in sorted((call for call in calls if call.whole), key=lambda each: each.at):
        before = answered.get(call.call_id)
        answered[call.call_id] = call
        if before is None:
            continue
        death = killed.get(before.caller)
        back = _back(before.ended, outages, within)
        since, patience = (before.ended, within) if back is None else (back, within + RECONNECTS)
        age = 0.0 if death is None else max(0.0, death - since)
        if death is None or death > call.at or age > patience:
            found.wasted.append(call)
        elif back is None:
            found.at_once.append(age)
        else:
            found.while_away.append(age)
    return found


def _back(ended: float, outages: Sequence[Outage], within: float) -> float | None:
    """When Postgres was up again, for an answer that could not be stored, or not surely."""
    return max(
        (
            outage.up
            for outage in outages
            if outage.begin <= ended + within and ended <= outage.up + RECONNECTS
        ),
        default=None,
    )
