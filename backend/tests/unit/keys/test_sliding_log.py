import math
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursewright.keys.sliding_log import GUARD, WINDOW, SlidingLog


def most_in_a_window(received: Sequence[tuple[float, int]]) -> int:
    """What a server that counts any 60 seconds sees at the worst moment."""
    return max(
        (
            sum(amount for at, amount in received if start <= at < start + WINDOW)
            for start, _ in received
        ),
        default=0,
    )


@given(
    limit=st.integers(1, 8),
    calls=st.lists(
        st.tuples(
            st.floats(0, 40),  # seconds after the call before it
            st.integers(1, 3),  # what it takes
            st.floats(0, 2),  # seconds until its last byte is sent
            st.floats(0, GUARD),  # seconds on the way to the server
        ),
        max_size=25,
    ),
)
@settings(deadline=None, max_examples=150)
def test_the_server_never_sees_more_than_the_limit_in_any_minute(
    limit: int, calls: list[tuple[float, int, float, float]]
) -> None:
    log = SlidingLog(limit)
    now = 0.0
    received: list[tuple[float, int]] = []
    for wait, amount, sending, way in calls:
        now += wait
        if amount > limit:
            assert log.earliest(now, amount) == math.inf
            continue
        feasible = log.earliest(now, amount)
        assert feasible is not None  # everything before was sent
        now = max(now, feasible)
        slot = log.reserve(now, amount)
        now += sending
        log.sent(slot, now)
        received.append((now + way, amount))
    assert most_in_a_window(received) <= limit


@given(st.lists(st.floats(0, 30), min_size=1, max_size=30), st.integers(1, 6))
@settings(deadline=None, max_examples=100)
def test_it_waits_no_longer_than_it_must(waits: list[float], limit: int) -> None:
    """At the moment that it names there is room, and just before there was none."""
    log = SlidingLog(limit)
    now = 0.0
    for wait in waits:
        now += wait
        feasible = log.earliest(now, 1)
        assert feasible is not None
        if feasible > now:
            assert log.free(math.nextafter(feasible - 1e-6, 0)) == 0
        now = feasible
        assert log.free(now) >= 1
        log.sent(log.reserve(now, 1), now)


def test_a_call_that_is_not_sent_holds_its_slot_however_long_it_takes() -> None:
    log = SlidingLog(1)
    slot = log.reserve(0, 1)

    assert log.earliest(1_000, 1) is None
    log.sent(slot, 1_000)
    assert log.earliest(1_000, 1) == pytest.approx(1_000 + WINDOW + GUARD)


def test_a_call_that_was_never_sent_costs_nothing_and_one_that_was_does() -> None:
    log = SlidingLog(1)
    slot = log.reserve(0, 1)
    log.give_back(slot)
    log.give_back(slot)
    assert log.free(0) == 1

    slot = log.reserve(0, 1)
    log.sent(slot, 0)
    log.give_back(slot)
    assert log.free(1) == 0


def test_tokens_are_settled_by_what_the_answer_says() -> None:
    log = SlidingLog(1_000)
    slot = log.reserve(0, 800)
    log.sent(slot, 0)
    log.settle(slot, 300)
    assert log.free(1) == 700
    log.settle(slot, 1_400)
    assert log.free(1) == 0


def test_what_does_not_fit_is_refused() -> None:
    log = SlidingLog(2)
    log.reserve(0, 2)
    with pytest.raises(ValueError, match="do not fit"):
        log.reserve(0, 1)


def test_a_smaller_limit_takes_back_nothing_and_admits_nothing() -> None:
    log = SlidingLog(4)
    for _ in range(4):
        log.sent(log.reserve(0, 1), 0)
    log.resize(2)
    assert log.free(0) == 0
    assert log.earliest(1, 1) == WINDOW + GUARD
    log.resize(-3)
    assert log.earliest(1, 1) == math.inf
