import math
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursewright.keys.domain import Domain, DomainName
from coursewright.keys.outlook import outlook
from coursewright.keys.sliding_log import GUARD, WINDOW, SlidingLog

NOW = 1_000.0


def domain(
    rpm: int | None, sent: list[float], *, tpm: int | None = None, tokens: int = 0
) -> Domain:
    """A domain with calls that were sent so many seconds ago, of `tokens` tokens each."""
    requests = None if rpm is None else SlidingLog(rpm)
    minute = None if tpm is None else SlidingLog(tpm)
    for ago in sent:
        for log, amount in ((requests, 1), (minute, tokens)):
            if log is not None:
                log.sent(log.reserve(NOW - ago, amount), NOW - ago)
    return Domain(name=DomainName("groq", "p", "m"), requests=requests, tokens=minute)


def wait(*domains: Domain, tokens: int = 0) -> float:
    return outlook(domains, (), tokens, NOW).wait


def test_with_room_there_is_no_wait() -> None:
    assert wait(domain(3, [10, 20])) == 0
    assert wait(domain(None, [])) == 0
    assert outlook([domain(3, [10])], (), 0, NOW).room == 2


def test_a_full_minute_is_waited_for_until_its_first_call_expires() -> None:
    """Not a share of the minute: all of it is free again only when it is over."""
    assert wait(domain(3, [1, 2, 3])) == pytest.approx(WINDOW + GUARD - 3)


def test_tokens_that_went_in_one_burst_come_back_in_one() -> None:
    full = domain(30, [2, 2, 2], tpm=8_000, tokens=2_600)
    assert wait(full, tokens=200) == 0
    assert wait(full, tokens=2_600) == pytest.approx(WINDOW + GUARD - 2)


def test_the_domain_that_is_free_first_counts() -> None:
    assert wait(domain(1, [5]), domain(1, [50])) == pytest.approx(WINDOW + GUARD - 50)


def test_what_is_free_in_pieces_holds_no_large_call() -> None:
    """Found with five courses at once: a script waited a minute for room that was there in sum."""
    pieces = [domain(30, [ago], tpm=8_000, tokens=6_000) for ago in (5, 20, 10)]
    assert wait(*pieces, tokens=2_000) == 0
    assert wait(*pieces, tokens=4_800) == pytest.approx(WINDOW + GUARD - 20)


def test_a_queue_of_several_minutes_is_waited_out() -> None:
    it = outlook([domain(30, [], tpm=8_000)], [_Waits(8_000), _Waits(8_000)], 4_000, NOW)  # pyright: ignore[reportArgumentType] - only its tokens are read
    assert it.wait == pytest.approx(2 * WINDOW)


def test_a_call_that_no_minute_holds_never_goes() -> None:
    """However many domains there are: a call goes to one of them."""
    small = [domain(30, [], tpm=8_000) for _ in range(3)]
    assert wait(*small, tokens=9_000) == math.inf
    assert wait(*small, domain(5, [], tpm=250_000), tokens=9_000) == 0


def test_nothing_comes_of_no_domain_or_no_limit() -> None:
    assert wait() == math.inf
    assert wait(domain(0, [])) == math.inf


@settings(deadline=None)
@given(
    rpm=st.integers(1, 8),
    sent=st.lists(st.floats(0, 59), max_size=8),
    more=st.integers(0, 20),
)
def test_the_wait_is_what_a_queue_on_its_own_would_take(
    rpm: int, sent: list[float], more: int
) -> None:
    """Against the log itself: one call after another, each at its first moment."""
    sent = sorted(sent, reverse=True)[:rpm]
    it = domain(rpm, sent)
    said = outlook([it], [_Waits(0)] * more, 0, NOW).wait  # pyright: ignore[reportArgumentType] - only its tokens are read
    log = SlidingLog(rpm)
    for ago in sent:
        log.sent(log.reserve(NOW - ago, 1), NOW - ago)
    moment = NOW
    for _ in range(more + 1):
        found = log.earliest(moment, 1)
        assert found is not None
        moment = found
        log.sent(log.reserve(moment, 1), moment)
    assert said == pytest.approx(moment - NOW, abs=GUARD * (more + 2))


@dataclass
class _Waits:
    tokens: int


def test_what_others_have_spent_is_not_free() -> None:
    mine = domain(30, [20], tpm=8_000, tokens=1_000)
    name = mine.name
    alone = outlook([mine], (), 3_000, NOW)
    crowded = outlook([mine], (), 3_000, NOW, spent={name: (3, 6_000)})
    elsewhere = outlook([mine], (), 3_000, NOW, spent={DomainName("groq", "q", "m"): (3, 6_000)})

    assert alone.wait == elsewhere.wait == 0
    assert crowded.room == 0
    # 2,000 are missing: two sixths of what the others have spent, within two sixths of a minute.
    assert crowded.wait == pytest.approx(WINDOW / 3)


def test_what_waits_elsewhere_is_ahead() -> None:
    free = domain(30, [], tpm=8_000)
    assert outlook([free], (), 3_000, NOW, ahead=(2, 5_000)).wait == 0
    later = outlook([free], (), 3_000, NOW, ahead=(4, 21_000)).wait
    assert later == pytest.approx(2 * WINDOW)
    assert outlook([free], (), 0, NOW, ahead=(4, 0)).room == 26
