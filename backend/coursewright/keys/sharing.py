"""Finding out which keys share a limit, when nobody has named their projects. Pure.

Keys of one project share its limits, but an answer never names the project. All keys at once would
earn one refusal for each call too many. So the first key is used freely; another one is tried with
a single call, and only when those that are trusted are full. A provider refuses at once and answers
after seconds: silence for a moment means that the call was admitted, so that the key has limits of
its own. A refusal although its own log has room means that somebody else spends them: the key adds
nothing and is left alone. That costs one refusal for each such key, and no call is made to probe.
"""

import math
from collections import Counter
from dataclasses import dataclass, field

from coursewright.keys.domain import Domain, Reservation, Standing

GRACE = 0.35
"""Seconds of silence after which a call counts as admitted. Refusals come within a round trip."""
IN_A_ROW = 2
"""Keys in a row that turn out to be shared, after which the next is not tried for a minute."""
STRIKES = 2
"""Refusals with room in its own log after which a trusted key is tried anew."""
_QUIET = 60.0
_AGAIN = 900.0
"""Seconds after which a shared key is tried again: projects change, and others stop spending."""


@dataclass(eq=False)
class _Trial:
    """The one call by which a domain is tried."""

    taken: Reservation
    conclusive: bool
    """Whether all that are trusted were full: only then does its admission prove anything."""
    sent_at: float | None = None


@dataclass(eq=False)
class _Model:
    """What is known of one provider's model."""

    domains: dict[Domain, None]
    trial: _Trial | None = None
    strikes: Counter[Domain] = field(default_factory=Counter[Domain])
    in_a_row: int = 0
    quiet_until: float = -math.inf


class Sharing:
    """Which domains may be used at a moment, and what is learnt from how that went."""

    def __init__(self) -> None:
        self._models: dict[tuple[str, str], _Model] = {}
        self._parked_until: dict[Domain, float] = {}

    def allows(self, domain: Domain, now: float) -> bool:
        """Whether a call may go there at `now`, its limits aside."""
        model = self._model(domain)
        self._hear_silence(model, now)
        if domain.standing in {Standing.NAMED, Standing.TRUSTED}:
            return True
        if not _trusted(model):
            return True
        if now < self._parked_until.get(domain, -math.inf):
            return False
        return model.trial is None and now >= model.quiet_until

    def next_time(self, now: float) -> float | None:
        """When something changes without any answer; None for never."""
        moments = [
            model.trial.sent_at + GRACE
            for model in self._models.values()
            if model.trial is not None and model.trial.sent_at is not None
        ]
        moments += [model.quiet_until for model in self._models.values()]
        moments += self._parked_until.values()
        return min((moment for moment in moments if moment > now), default=None)

    def taken(self, taken: Reservation, now: float) -> None:
        """A call got its place. The first domain of a model is trusted, every other one tried."""
        domain = taken.domain
        model = self._model(domain)
        if domain.standing not in {Standing.UNTESTED, Standing.SHARED}:
            return
        if not _trusted(model):
            domain.standing = Standing.TRUSTED
            return
        trusted_are_full = not any(_has_room(each, now) for each in _trusted(model))
        model.trial = _Trial(taken, conclusive=trusted_are_full)

    def sent(self, taken: Reservation, now: float) -> None:
        """Its last byte has left."""
        trial = self._model(taken.domain).trial
        if trial is not None and trial.taken is taken:
            trial.sent_at = now

    def answered(self, taken: Reservation, now: float) -> None:
        """It was admitted, for it was answered."""
        del now
        model = self._model(taken.domain)
        if model.trial is not None and model.trial.taken is taken:
            self._admitted(model)

    def refused(self, taken: Reservation, now: float) -> None:
        """It was refused for a limit by the minute."""
        domain = taken.domain
        model = self._model(domain)
        if model.trial is not None and model.trial.taken is taken:
            model.trial = None
            self._park(model, domain, now)
        elif domain.standing is Standing.TRUSTED and _has_room(domain, now):
            self._spent_by_another(model, domain, now)

    def inconclusive(self, taken: Reservation) -> None:
        """It failed for a reason that says nothing of limits."""
        self.given_back(taken)

    def given_back(self, taken: Reservation) -> None:
        """Its trial, if it was one, is over without a result."""
        model = self._model(taken.domain)
        if model.trial is not None and model.trial.taken is taken:
            model.trial = None

    def heard(self, domain: Domain, standing: Standing, now: float) -> None:
        """Another process found out about a domain. What was named here is not put in question."""
        if Standing.NAMED in {domain.standing, standing} or standing is domain.standing:
            return
        model = self._model(domain)
        if model.trial is not None and model.trial.taken.domain is domain:
            return  # the call that is under way tells more
        domain.standing = standing
        if standing is Standing.SHARED:
            self._parked_until[domain] = now + _AGAIN
        else:
            self._parked_until.pop(domain, None)

    def _model(self, domain: Domain) -> _Model:
        name = (domain.name.provider, domain.name.model)
        model = self._models.setdefault(name, _Model({}))
        model.domains[domain] = None
        return model

    def _hear_silence(self, model: _Model, now: float) -> None:
        trial = model.trial
        if trial is not None and trial.sent_at is not None and now >= trial.sent_at + GRACE:
            self._admitted(model)

    def _admitted(self, model: _Model) -> None:
        trial, model.trial = model.trial, None
        if trial is None:
            return
        self._parked_until.pop(trial.taken.domain, None)
        if trial.conclusive:
            trial.taken.domain.standing = Standing.TRUSTED
            model.in_a_row = 0
        else:
            trial.taken.domain.standing = Standing.UNTESTED

    def _spent_by_another(self, model: _Model, domain: Domain, now: float) -> None:
        """Somebody else spends the limits of a domain that is trusted."""
        suspects = [
            each
            for each in model.domains
            if each.standing is Standing.UNTESTED and _used(each, now) > 0
        ]
        if suspects:
            self._park(model, max(suspects, key=lambda each: _used(each, now)), now)
            return
        model.strikes[domain] += 1
        if model.strikes[domain] >= STRIKES and len(_trusted(model)) > 1:
            del model.strikes[domain]
            domain.standing = Standing.UNTESTED

    def _park(self, model: _Model, domain: Domain, now: float) -> None:
        domain.standing = Standing.SHARED
        self._parked_until[domain] = now + _AGAIN
        model.in_a_row += 1
        if model.in_a_row >= IN_A_ROW:
            model.in_a_row = 0
            model.quiet_until = now + _QUIET


def _trusted(model: _Model) -> list[Domain]:
    known = {Standing.TRUSTED, Standing.NAMED}
    return [each for each in model.domains if each.standing in known and each.closed is None]


def _used(domain: Domain, now: float) -> int:
    return 0 if domain.requests is None else domain.requests.used(now)


def _has_room(domain: Domain, now: float) -> bool:
    if domain.held_until > now:
        return False
    return domain.requests is None or domain.requests.free(now) > 0
