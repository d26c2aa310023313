import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursewright.emulator.options import ModelLimits, WindowKind
from coursewright.emulator.windows import MINUTE, Domain, Entry, Limit

ARRIVALS = st.lists(st.tuples(st.floats(0, 40), st.integers(1, 4)), max_size=40)


def most_in_a_window(log: list[Entry]) -> int:
    accepted = [entry for entry in log if entry.accepted]
    return max(
        (
            sum(each.amount for each in accepted if start.at <= each.at < start.at + MINUTE)
            for start in accepted
        ),
        default=0,
    )


def flood(kind: WindowKind, limit: int, seconds: int) -> Limit:
    """Four calls every second."""
    domain = Domain(ModelLimits(rpm=limit), kind=kind)
    for quarter in range(seconds * 4):
        domain.admit(quarter / 4, 1)
    return domain.limits["rpm"]


@given(st.integers(1, 8), ARRIVALS)
@settings(deadline=None, max_examples=150)
def test_a_sliding_limit_never_admits_more_in_any_minute(
    limit: int, arrivals: list[tuple[float, int]]
) -> None:
    domain = Domain(ModelLimits(tpm=limit))
    now = 0.0
    for wait, amount in arrivals:
        now += wait
        domain.admit(now, amount)
    log = domain.limits["tpm"].log
    assert len(log) == len(arrivals)
    assert most_in_a_window(log) <= limit


@given(st.sampled_from(["sliding", "calendar", "bucket"]), st.integers(1, 8), ARRIVALS)
@settings(deadline=None, max_examples=150)
def test_a_refused_call_fits_after_the_wait_that_was_named(
    kind: WindowKind, limit: int, arrivals: list[tuple[float, int]]
) -> None:
    domain = Domain(ModelLimits(tpm=limit), kind=kind)
    now = 0.0
    for wait, amount in arrivals:
        now += wait
        refused = domain.admit(now, amount).violations
        if amount > limit:
            assert refused[0].wait == math.inf
        elif refused:
            counter = domain.limits["tpm"]
            assert counter.wait(now + refused[0].wait / 2, amount) > 0
            assert counter.wait(now + refused[0].wait + 1e-6, amount) == 0


def test_a_bucket_admits_nearly_twice_the_limit_in_one_minute() -> None:
    assert most_in_a_window(flood("bucket", 10, 300).log) in {19, 20}


def test_calendar_minutes_admit_twice_the_limit_around_their_border() -> None:
    domain = Domain(ModelLimits(rpm=5), kind="calendar")
    for second in (55, 56, 57, 58, 59, 60, 61, 62, 63, 64):
        assert not domain.admit(float(second), 1).violations
    assert domain.admit(65.0, 1).violations[0].wait == 55


def test_a_sliding_limit_is_used_to_the_full() -> None:
    accepted = [entry.at for entry in flood("sliding", 10, 180).log if entry.accepted]
    assert len(accepted) == 30
    assert accepted[10] == 60.0


def test_a_call_counts_against_all_limits_or_none() -> None:
    domain = Domain(ModelLimits(rpm=5, tpm=100))
    assert not domain.admit(0.0, 80).violations
    assert [each.metric for each in domain.admit(1.0, 30).violations] == ["tpm"]
    assert domain.limits["rpm"].used(1.0) == 1
    assert [entry.accepted for entry in domain.limits["rpm"].log] == [True, False]


def test_several_limits_can_be_broken_at_once() -> None:
    domain = Domain(ModelLimits(rpm=1, tpm=10, rpd=1))
    domain.admit(0.0, 10)
    assert {each.metric: each.wait for each in domain.admit(20.0, 1).violations} == {
        "rpm": 40.0,
        "tpm": 40.0,
        "rpd": 86_380.0,
    }


def test_a_day_begins_when_the_emulator_does() -> None:
    domain = Domain(ModelLimits(rpd=1), day=100.0, origin=7.0)
    assert not domain.admit(7.0, 1).violations
    assert domain.admit(106.9, 1).violations
    assert not domain.admit(107.0, 1).violations


@pytest.mark.parametrize("kind", ["sliding", "calendar", "bucket"])
def test_tokens_that_were_not_used_are_given_back(kind: WindowKind) -> None:
    domain = Domain(ModelLimits(tpm=100), kind=kind)
    admission = domain.admit(0.0, 100)
    assert domain.admit(1.0, 40).violations
    admission.settle(60, 1.0)
    assert not domain.admit(1.0, 40).violations
    admission.settle(500, 1.0)  # never more than was reserved
    assert domain.limits["tpm"].used(1.0) <= 100


@pytest.mark.parametrize("kind", ["sliding", "calendar", "bucket"])
def test_a_limit_of_zero_admits_nothing_ever(kind: WindowKind) -> None:
    domain = Domain(ModelLimits(rpm=0), kind=kind)
    assert domain.admit(0.0, 1).violations[0].wait == math.inf
    assert domain.limits["rpm"].full_reset(0.0) == 0.0


def test_without_limits_everything_is_admitted() -> None:
    domain = Domain(ModelLimits())
    assert not any(domain.admit(0.0, 10**9).violations for _ in range(100))
