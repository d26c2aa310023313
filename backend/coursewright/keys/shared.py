"""What several processes that spend the same limits tell each other: the words, without any I/O.

Times are durations, never moments: each process has a clock of its own, and the shared log a third.
Letters and replies travel as plain JSON, so that who keeps the shared log need not know this
package: `written` and `understood` are the two ways.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from coursewright.keys.domain import DomainName

LEASE = 15.0
"""Seconds without a sign of life after which a process counts as gone. A place that it had claimed
then counts as used at the end of the lease: it may have been."""
HEARTBEAT = 4.0
"""Seconds between two signs of life: three may be lost within a lease."""


Fact = int | float | str | None
"""A limit, a duration in seconds, a reason, or nothing."""


@dataclass(frozen=True, kw_only=True)
class Spent:
    """A place that this process holds. To tell of it twice is harmless."""

    id: UUID
    domain: DomainName
    tokens: int
    sent_ago: float | None
    """Seconds since its last byte had left; None while it has not."""
    keep: float
    """Seconds that it counts after that: the window and its guard."""
    again: bool = False
    """Whether the shared log may have missed it, and is to enter it."""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A place that this process wants. To claim one twice is harmless: it is the same place."""

    id: UUID
    domain: DomainName
    tokens: int
    keep: float
    rpm: int | None
    tpm: int | None
    rpd: int | None


@dataclass(frozen=True, kw_only=True)
class GivenBack:
    """A place that was never used, or that surely did not count."""

    id: UUID
    domain: DomainName


@dataclass(frozen=True, kw_only=True)
class Learned:
    """What this process has learnt about a domain: only what has changed.

    `rpm`, `tpm`, `rpd`, `stated`: limits. `closed`: a reason. `standing`: see `Standing`.
    `blocked_for`, `day_for`: seconds until the block, or the provider's day, ends. `day_used`:
    requests of that day, as the provider counts them.
    """

    domain: DomainName
    changes: Mapping[str, Fact]


@dataclass(frozen=True, kw_only=True)
class DeadKey:
    """A key that the provider refuses for good."""

    fingerprint: str
    reason: str


Amount = tuple[int, int]
"""Calls, and their tokens."""


@dataclass(frozen=True, kw_only=True)
class Others:
    """What other processes take of the limits, as they last told it."""

    waiting: Mapping[str, Amount] = field(default_factory=dict[str, Amount])
    """What waits, by pool (`pool_name`)."""
    spent: Mapping[DomainName, Amount] = field(default_factory=dict[DomainName, Amount])
    """What counts in the minute of each domain."""


NOBODY = Others()


@dataclass(frozen=True, kw_only=True)
class Letter:
    """Everything that a process has to say at one time."""

    domains: Mapping[DomainName, int] = field(default_factory=dict[DomainName, int])
    """All that are spoken of or asked about, and the version of each that is known here."""
    claims: tuple[Claim, ...] = ()
    spent: tuple[Spent, ...] = ()
    given_back: tuple[GivenBack, ...] = ()
    learned: tuple[Learned, ...] = ()
    dead: tuple[DeadKey, ...] = ()
    dead_known: int = 0
    """The newest dead key that was heard of here, by its number."""
    bye: bool = False
    """Whether it is the last one of this process."""
    waiting: Mapping[str, Amount] | None = None
    """What waits here, by pool; with it goes the question what others do. None: not asked."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The answer to a claim."""

    granted: bool
    seconds: float | None = None
    """Until it is worth while to ask again; None where that depends on what others have claimed
    and not sent yet."""
    tokens: int = 0
    """Calls of fewer tokens may ask at once."""


@dataclass(frozen=True, kw_only=True)
class News:
    """How a domain stands."""

    number: int
    """Of the domain in the shared log, as `SharedState.changes` names it."""
    version: int
    facts: Mapping[str, Fact] | None
    """As in `Learned`, all of them; None where the version that is known here is the newest."""
    day_used: int
    """Requests of the provider's day, by all processes."""
    day_for: float
    """Seconds until that day ends."""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """The answer to a letter."""

    verdicts: tuple[Verdict, ...]
    """One for each claim, in their order."""
    news: Mapping[DomainName, News]
    """Of each domain in the letter."""
    dead: tuple[DeadKey, ...]
    """Those that were not known here."""
    dead_known: int
    processes: int
    """How many gave a sign of life lately, this one included."""
    others: Others | None = None
    """None where the letter did not ask."""


class SharedState(Protocol):
    """The log that all processes write: `coursewright.database.quota.PostgresQuota`."""

    @property
    def gone(self) -> type[Exception]:
        """What `exchange` raises while the log cannot be reached."""
        ...

    async def exchange(self, letter: Mapping[str, Any]) -> Mapping[str, Any]:
        """One round trip: what `written` gives, answered with what `understood` takes.

        It is decided in one go, with the log's clock. Raises `gone`; then nothing is known about
        what became of the letter. Letters are sent one after another.
        """
        ...

    def changes(self) -> AbstractAsyncContextManager[AsyncIterator[int | None]]:
        """The numbers of the domains in which another process freed a place or learnt something.

        None stands for all of them: something may have been missed. 0 is no domain: another
        process has joined.
        """
        ...

    async def close(self) -> None:
        """Ends the connection; a later letter opens a new one."""
        ...


def pool_name(service: str, provider: str, model: str) -> str:
    """How processes call the queue of a service for a model."""
    return f"{service}/{provider}/{model}"


def written(letter: Letter) -> dict[str, Any]:
    """The letter as JSON. Domains are named once; everything else points at their places."""
    places = {name: place for place, name in enumerate(letter.domains)}
    return {
        "lease": LEASE,
        "domains": [
            [name.provider, name.project, name.model, known]
            for name, known in letter.domains.items()
        ],
        "claims": [
            {
                "id": str(each.id),
                "domain": places[each.domain],
                "tokens": each.tokens,
                "keep": each.keep,
                "rpm": each.rpm,
                "tpm": each.tpm,
                "rpd": each.rpd,
            }
            for each in letter.claims
        ],
        "spent": [
            {
                "id": str(each.id),
                "domain": places[each.domain],
                "tokens": each.tokens,
                "sent_ago": each.sent_ago,
                "keep": each.keep,
                "again": each.again,
            }
            for each in letter.spent
        ],
        "given_back": [
            {"id": str(each.id), "domain": places[each.domain]} for each in letter.given_back
        ],
        "learned": [
            {"domain": places[each.domain], "changes": dict(each.changes)}
            for each in letter.learned
        ],
        "dead": [{"fingerprint": each.fingerprint, "reason": each.reason} for each in letter.dead],
        "dead_known": letter.dead_known,
        "bye": letter.bye,
        **({} if letter.waiting is None else {"waiting": dict(letter.waiting)}),
    }


def understood(letter: Letter, reply: Mapping[str, Any]) -> Reply:
    """The reply to a letter."""
    return Reply(
        verdicts=tuple(
            Verdict(
                granted=found["granted"],
                seconds=found.get("seconds"),
                tokens=found.get("tokens", 0),
            )
            for found in reply["verdicts"]
        ),
        news={
            name: News(
                number=found["number"],
                version=found["version"],
                facts=found["facts"],
                day_used=found["day_used"],
                day_for=found["day_for"],
            )
            for name, found in zip(letter.domains, reply["news"], strict=True)
        },
        dead=tuple(
            DeadKey(fingerprint=found["fingerprint"], reason=found["reason"])
            for found in reply["dead"]
        ),
        dead_known=max([letter.dead_known, *(found["number"] for found in reply["dead"])]),
        processes=reply["processes"],
        others=_others(reply.get("others")),
    )


def _others(found: Mapping[str, Any] | None) -> Others | None:
    if found is None:
        return None
    return Others(
        waiting={name: (calls, tokens) for name, (calls, tokens) in found["waiting"].items()},
        spent={
            DomainName(provider, project, model): (calls, tokens)
            for provider, project, model, calls, tokens in found["spent"]
        },
    )
