"""The errors table of the key pools: what each refusal changes."""

import math
import random

import pytest
from pydantic import SecretStr

from coursewright.keys.breaker import Breaker
from coursewright.keys.credentials import Credential
from coursewright.keys.day_budget import DayBudget
from coursewright.keys.domain import Domain, DomainName
from coursewright.keys.learning import Next, learn, went_well
from coursewright.keys.refusal import Metric, Reason, Refusal, StatedLimit
from coursewright.keys.sliding_log import GUARD, SlidingLog

NOW = 1000.0
MIDNIGHT = 5000.0


def domain(rpm: int | None = 10) -> Domain:
    key = Credential(secret=SecretStr("test-key-1"), names=("K",))
    return Domain(
        DomainName("gemini", "p", "m"),
        requests=None if rpm is None else SlidingLog(rpm),
        credentials=(key,),
        stated=rpm,
    )


def refused(reason: Reason, after: float | None = None, *limits: StatedLimit) -> Refusal:
    return Refusal(reason=reason, message="no", retry_after=after, limits=limits)


def test_a_minute_is_waited_as_long_as_is_said() -> None:
    it = domain()
    assert learn(it, refused(Reason.MINUTE, 7.0), NOW, midnight=MIDNIGHT) is Next.AGAIN
    assert it.earliest(NOW, 1) == NOW + 7 + GUARD


def test_a_stated_limit_replaces_the_configured_one_for_this_model_only() -> None:
    it = domain(10)
    mine = StatedLimit(metric=Metric.REQUESTS_A_MINUTE, value=5, model="m")
    other = StatedLimit(metric=Metric.REQUESTS_A_MINUTE, value=1, model="n")
    tokens = StatedLimit(metric=Metric.TOKENS_A_MINUTE, value=900)
    learn(it, refused(Reason.MINUTE, None, mine, other, tokens), NOW, midnight=MIDNIGHT)
    assert it.requests is not None
    assert it.tokens is not None
    assert (it.requests.limit, it.tokens.limit) == (5, 900)


def test_seconds_are_believed_of_a_day_only_once_in_a_row() -> None:
    """Gemini states some seconds for a day that is spent, too."""
    it = domain()
    moment, pauses = NOW, list[float]()
    for _ in range(3):
        learn(it, refused(Reason.DAY, 30.0), moment, midnight=MIDNIGHT)
        opens = it.earliest(moment, 1)
        assert opens is not None
        pauses.append(opens - moment)
        moment = opens
    assert pauses[:2] == pytest.approx([30 + GUARD, 8 * 60])
    assert moment == MIDNIGHT
    went_well(it, moment)
    learn(it, refused(Reason.DAY, 30.0), moment, midnight=MIDNIGHT + 86_400)
    assert it.earliest(moment, 1) == moment + 30 + GUARD
    learn(it, refused(Reason.DAY, 7_200.0), moment, midnight=MIDNIGHT + 60)
    assert it.earliest(moment, 1) == moment + 7_200 + GUARD, "the provider knows its day best"


@pytest.mark.parametrize(("after", "opens"), [(None, MIDNIGHT), (60.0, NOW + 60 + GUARD)])
def test_a_day_ends_when_the_provider_says_else_at_midnight(
    after: float | None, opens: float
) -> None:
    it = domain()
    learn(it, refused(Reason.DAY, after), NOW, midnight=MIDNIGHT)
    assert it.earliest(NOW, 1) == opens
    assert it.earliest(opens, 1) == opens


def test_a_day_that_others_spent_does_not_shrink_the_days_to_come() -> None:
    it = domain()
    it.day = DayBudget(20, MIDNIGHT)
    it.reserve(NOW, 1, day_ends=MIDNIGHT)
    learn(it, refused(Reason.DAY), NOW, midnight=MIDNIGHT)
    assert it.day.left(NOW) == 0
    assert it.day.left(MIDNIGHT) == 20
    it.reserve(MIDNIGHT, 1, day_ends=2 * MIDNIGHT)
    assert it.day.left(MIDNIGHT) == 19


def test_a_day_without_a_known_limit_is_closed_for_that_day_only() -> None:
    it = domain()
    it.reserve(NOW, 1, day_ends=MIDNIGHT)
    learn(it, refused(Reason.DAY), NOW, midnight=MIDNIGHT)
    assert it.day.left(NOW) == 0
    it.reserve(MIDNIGHT, 1, day_ends=2 * MIDNIGHT)
    assert it.day.left(MIDNIGHT) is None


def test_the_limit_of_a_day_that_the_provider_states_replaces_the_configured_one() -> None:
    it = domain()
    it.day = DayBudget(500, MIDNIGHT)
    stated = StatedLimit(metric=Metric.REQUESTS_A_DAY, value=20)
    learn(it, refused(Reason.DAY, None, stated), NOW, midnight=MIDNIGHT)
    assert it.day.left(NOW) == 0
    assert it.day.left(MIDNIGHT) == 20


def test_a_limit_that_nobody_names_shrinks_and_pauses_grow() -> None:
    it = domain(10)
    for _ in range(10):
        it.sent(it.reserve(NOW, 1, day_ends=math.inf), NOW)
    learn(it, refused(Reason.RATE), NOW, midnight=MIDNIGHT)
    first = it.blocked_until - NOW
    learn(it, refused(Reason.RATE), NOW, midnight=MIDNIGHT)
    assert it.requests is not None
    assert it.requests.limit == 4
    assert it.blocked_until - NOW == pytest.approx(2 * first, abs=1)


def test_a_burst_of_refusals_is_measured_by_what_was_sent_though_the_domain_is_blocked() -> None:
    """Whoever asks when a blocked domain opens looks ahead, and must not forget the minute."""
    it = domain(10)
    for _ in range(10):
        it.sent(it.reserve(NOW, 1, day_ends=MIDNIGHT), NOW)
    assert it.requests is not None
    learn(it, refused(Reason.RATE), NOW, midnight=MIDNIGHT)
    assert it.requests.limit == 7
    assert it.earliest(NOW, 1) == NOW + 60 + GUARD
    assert it.requests.used(NOW) == 10
    learn(it, refused(Reason.RATE), NOW, midnight=MIDNIGHT)
    assert it.requests.limit == 4


def test_a_learnt_limit_grows_back_by_one_a_minute_and_never_beyond_what_is_stated() -> None:
    it = domain(10)
    assert it.requests is not None
    it.requests.resize(8)
    it.refused_at = NOW
    for second in range(0, 600, 10):
        went_well(it, NOW + second)
        assert it.requests.limit <= 8 + second / 60
    assert it.requests.limit == 10


@pytest.mark.parametrize("reason", [Reason.NO_QUOTA, Reason.PLACE])
def test_what_will_never_work_is_closed_with_its_reason(reason: Reason) -> None:
    it = domain()
    assert learn(it, refused(reason), NOW, midnight=MIDNIGHT) is Next.AGAIN
    assert it.earliest(NOW, 1) == math.inf
    assert it.closed


@pytest.mark.parametrize("reason", [Reason.REQUEST, Reason.TOO_LARGE])
def test_what_cannot_be_helped_by_waiting_goes_to_the_caller(reason: Reason) -> None:
    it = domain()
    assert learn(it, refused(reason), NOW, midnight=MIDNIGHT) is Next.NEVER
    assert it.earliest(NOW, 1) == NOW


def test_every_reason_has_its_row() -> None:
    for reason in Reason:
        assert learn(domain(), refused(reason), NOW, midnight=MIDNIGHT) in Next


def test_retries_beyond_the_free_ones_are_a_tenth_of_the_calls_at_most() -> None:
    breaker = Breaker(random.Random(1))
    for _ in range(1000):
        breaker.failed(NOW)
    assert all(breaker.may_retry(1) for _ in range(1000))
    retried = sum(breaker.may_retry(3) for _ in range(1000))
    assert 100 <= retried <= 110
    assert not breaker.may_retry(3)


def test_a_burst_that_hits_calls_under_way_is_one_pause() -> None:
    breaker = Breaker(random.Random(1), (0.5, 20.0))
    for _ in range(50):
        breaker.failed(NOW)
    assert NOW + 0.5 <= breaker.open_until <= NOW + 1.5


def test_pauses_grow_in_their_bounds_and_begin_anew_after_a_success() -> None:
    breaker = Breaker(random.Random(1), (0.5, 20.0))
    now, pauses = NOW, list[float]()
    for _ in range(200):
        breaker.failed(now)
        pauses.append(breaker.open_until - now)
        now = max(now, breaker.open_until)
    assert 10 < max(pauses) <= 20.01
    breaker.went_well()
    for _ in range(3):
        breaker.failed(now)
    assert breaker.open_until - now <= 1.5


def test_a_calls_own_pauses_stay_in_their_bounds() -> None:
    breaker = Breaker(random.Random(1), (0.5, 20.0))
    assert all(0.5 <= breaker.pause(attempts) <= 20 for attempts in range(1, 50))
