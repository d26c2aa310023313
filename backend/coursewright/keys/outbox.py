"""What a process has to tell the shared log, and what it has heard from it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from coursewright.keys.domain import Domain, DomainName, Reservation, Standing
from coursewright.keys.facts import Known, adopt, changes, heard, known, limit_of, told, untold
from coursewright.keys.registry import Registry
from coursewright.keys.scheduler import Assignment
from coursewright.keys.shared import Claim, DeadKey, GivenBack, Learned, Letter, News, Reply, Spent
from coursewright.keys.sharing import Sharing
from coursewright.keys.sliding_log import GUARD, WINDOW


@dataclass(eq=False)
class _Held:
    """A place of this process, as long as it counts."""

    taken: Reservation
    tokens: int
    untold: bool = False
    """Whether something about it is not in any letter yet."""
    under_way: bool = False
    """Whether it is in a letter that is not answered yet."""
    again: bool = False
    """Whether the log may not know it at all."""


class Outbox:
    """Writes letters and takes replies in. Only one letter is under way at a time."""

    def __init__(self, registry: Registry, sharing: Sharing) -> None:
        """Of the domains in `registry`; `sharing` is what is known of keys without a project."""
        self._registry = registry
        self._sharing = sharing
        self.claims: dict[UUID, Assignment] = {}
        """Places that are wanted, and not asked for yet."""
        self._held: dict[UUID, _Held] = {}
        self._given_back: dict[UUID, DomainName] = {}
        self._dead: dict[str, DeadKey] = {}
        self._day_used: dict[DomainName, int] = {}
        self._known: dict[DomainName, Known] = {}
        self._news: dict[DomainName, News] = {}
        self._dead_known = 0

    def keep(self, assignment: Assignment, *, told: bool) -> None:
        """A place was granted: by the log, or without it."""
        taken = assignment.reservation
        self._held[name_of(taken)] = _Held(taken, assignment.call.tokens, again=not told)

    def note(self, taken: Reservation, tokens: int | None) -> bool:
        """Something became of a place; whether it is worth telling."""
        held = None if taken.claim is None else self._held.get(taken.claim)
        if held is None:
            return False
        held.tokens = held.tokens if tokens is None else tokens
        held.untold = True
        return True

    def give_back(self, taken: Reservation, *, unsure: bool = False) -> bool:
        """A place is not needed; `unsure`: perhaps it was never granted. Whether it was held."""
        name = name_of(taken)
        if self._held.pop(name, None) is None and not unsure:
            return False
        self._given_back[name] = taken.domain.name
        return True

    def bury(self, fingerprint: str, reason: str) -> None:
        """A key is dead."""
        self._dead[fingerprint] = DeadKey(fingerprint=fingerprint, reason=reason)

    def day_is_at(self, domain: Domain, used: int) -> bool:
        """The provider says what is spent of a day; whether that is more than the log knows."""
        news = self._news.get(domain.name)
        if news is not None and used <= max(news.day_used, self._day_used.get(domain.name, 0)):
            return False
        self._day_used[domain.name] = used
        return True

    def distrust(self) -> None:
        """The log was gone: it may have lost the last that it was told."""
        for held in self._held.values():
            held.again = True

    def number_of(self, domain: Domain) -> int | None:
        """How the log calls a domain; None where it has not said so yet."""
        news = self._news.get(domain.name)
        return None if news is None else news.number

    def letter(
        self, asked: list[Assignment], now: float, *, curious: bool = False, bye: bool = False
    ) -> Letter:
        """All there is to say, and the claims of `asked`; `curious`: asks how all domains stand."""
        learned = self._learned(now)
        spent: list[Spent] = []
        for claim, held in self._held.items():
            held.under_way = held.untold or held.again
            if held.under_way:
                held.untold = False
                spent.append(_spent(claim, held, now))
        claims = [_claim(each.reservation, each.call.tokens) for each in asked]
        given_back = [GivenBack(id=claim, domain=name) for claim, name in self._given_back.items()]
        spoken_of = [each.domain for part in (learned, spent, claims, given_back) for each in part]
        unknown = [
            each.name for each in self._registry.all() if curious or each.name not in self._news
        ]
        versions = {
            name: self._news[name].version if name in self._news else -1
            for name in (*spoken_of, *unknown)
        }
        return Letter(
            domains=versions,
            claims=tuple(claims),
            spent=tuple(spent),
            given_back=tuple(given_back),
            learned=tuple(learned),
            dead=tuple(self._dead.values()),
            dead_known=self._dead_known,
            bye=bye,
        )

    def answered(self, letter: Letter, letter_at: float, reply: Reply, now: float) -> None:
        """The letter has arrived: what it told need not be told again."""
        self._dead_known = reply.dead_known
        for back in letter.given_back:
            self._given_back.pop(back.id, None)
        for dead in letter.dead:
            self._dead.pop(dead.fingerprint, None)
        for learned in letter.learned:
            before = self._known[learned.domain]
            self._known[learned.domain] = told(before, learned.changes, letter_at)
            if learned.changes.get("day_used") == self._day_used.get(learned.domain):
                self._day_used.pop(learned.domain, None)
        for claim, held in list(self._held.items()):
            held.again = held.again and not held.under_way
            held.under_way = False
            sent_at = held.taken.sent_at
            is_told = not held.untold and not held.again
            if sent_at is not None and is_told and now - sent_at > seconds_kept(held.taken):
                del self._held[claim]

    def lost(self) -> None:
        """The letter may have arrived or not: all of it is told again."""
        for held in self._held.values():
            held.untold = held.untold or held.under_way
            held.under_way = False

    def adopt(self, news: Mapping[DomainName, News], now: float) -> None:
        """Writes into the domains what others have found out."""
        for domain in list(self._registry.all()):
            found = news.get(domain.name)
            if found is None:
                continue
            self._news[domain.name] = found
            before = self._known.setdefault(domain.name, untold(domain))
            unsaid = changes(before, known(domain), now)
            waiting = sum(each.reservation.domain is domain for each in self.claims.values())
            adopt(domain, found, now, unsaid=unsaid, under_way=waiting)
            domain.day.used = max(domain.day.used, self._day_used.get(domain.name, 0))
            standing = (found.facts or {}).get("standing")
            if isinstance(standing, str) and "standing" not in unsaid:
                self._sharing.heard(domain, Standing(standing), now)
            self._known[domain.name] = heard(before, known(domain), unsaid)

    def _learned(self, now: float) -> list[Learned]:
        found: list[Learned] = []
        for domain in self._registry.all():
            before = self._known.setdefault(domain.name, untold(domain))
            different = changes(before, known(domain), now)
            if domain.name in self._day_used:
                different["day_used"] = self._day_used[domain.name]
            if different:
                found.append(Learned(domain=domain.name, changes=different))
        return found


def name_of(taken: Reservation) -> UUID:
    """What the log calls a place. Raises `ValueError` where it has no name yet."""
    if taken.claim is None:
        message = "a place is named before it is claimed"
        raise ValueError(message)
    return taken.claim


def seconds_kept(taken: Reservation) -> float:
    """How long a place counts after it was sent."""
    log = taken.domain.requests or taken.domain.tokens
    return WINDOW + GUARD if log is None else log.window + log.guard


def _spent(claim: UUID, held: _Held, now: float) -> Spent:
    sent_at = held.taken.sent_at
    return Spent(
        id=claim,
        domain=held.taken.domain.name,
        tokens=held.tokens,
        sent_ago=None if sent_at is None else max(0.0, now - sent_at),
        keep=seconds_kept(held.taken),
        again=held.again,
    )


def _claim(taken: Reservation, tokens: int) -> Claim:
    domain = taken.domain
    return Claim(
        id=name_of(taken),
        domain=domain.name,
        tokens=tokens,
        keep=seconds_kept(taken),
        rpm=limit_of(domain.requests),
        tpm=limit_of(domain.tokens),
        rpd=domain.day.limit,
    )
