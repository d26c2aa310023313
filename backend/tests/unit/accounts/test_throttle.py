from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from coursewright.accounts import throttle, tokens
from coursewright.accounts.throttle import ACCOUNT

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
FREE = ACCOUNT.free


def seconds(failures: int, ago: float = 0) -> float:
    last = NOW - timedelta(seconds=ago)
    return throttle.wait(ACCOUNT, failures, last, NOW).total_seconds()


def test_the_first_failures_cost_no_wait() -> None:
    assert [seconds(count) for count in range(FREE)] == [0] * FREE


def test_then_the_wait_doubles_up_to_a_limit() -> None:
    assert [seconds(FREE + more) for more in range(4)] == [1, 2, 4, 8]
    assert seconds(FREE + 9) == seconds(10**9) == ACCOUNT.longest.total_seconds()


def test_the_wait_passes_with_time() -> None:
    assert seconds(FREE + 3, ago=3) == 5
    assert seconds(FREE + 3, ago=8) == 0


def test_a_day_later_all_is_forgotten() -> None:
    assert throttle.counted(ACCOUNT, 50, NOW - timedelta(days=1), NOW) == 0
    assert throttle.counted(ACCOUNT, 50, NOW - timedelta(hours=23), NOW) == 50


@given(st.integers(0, 10**6), st.floats(-1e6, 1e6))
def test_nobody_waits_less_than_nothing_or_for_ever(failures: int, ago: float) -> None:
    found = seconds(failures, ago)
    assert 0 <= found <= ACCOUNT.longest.total_seconds()


def test_a_network_is_one_of_ipv4_and_a_prefix_of_ipv6() -> None:
    assert throttle.network("2001:db8::1") == throttle.network("2001:db8::ffff")
    assert throttle.network("2001:db8::1") != throttle.network("2001:db8:0:1::1")
    assert throttle.network("192.0.2.1") != throttle.network("192.0.2.2")
    assert throttle.network("::ffff:192.0.2.1") == throttle.network("192.0.2.1")
    assert throttle.network("fe80::1%eth0") == throttle.network("fe80::1")
    assert throttle.network("") == throttle.network("' or true --")


def test_an_account_and_a_network_are_never_counted_together() -> None:
    assert throttle.account("192.0.2.1") != throttle.network("192.0.2.1")


def test_tokens_are_long_and_never_the_same() -> None:
    made = {tokens.new_token() for _ in range(1000)}
    assert len(made) == 1000
    assert min(map(len, made)) >= 43


def test_what_cannot_be_a_token_has_no_fingerprint() -> None:
    for wrong in ("", "é", "x" * 101, "\udcff"):
        assert tokens.fingerprint(wrong) is None
    found = tokens.fingerprint(tokens.new_token())
    assert found is not None
    assert len(found) == 32
