"""The scheduler against a server that counts: in virtual time, so an hour takes a moment."""

import heapq
import itertools
import math
import random
from collections import defaultdict
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursewright.keys.day_budget import DayBudget, next_midnight
from coursewright.keys.domain import Domain, DomainName, Standing
from coursewright.keys.scheduler import OVERTAKEN, Call, Scheduler
from coursewright.keys.sliding_log import GUARD, WINDOW, SlidingLog


def domain(
    project: str,
    rpm: int | None = 5,
    tpm: int | None = None,
    *,
    provider: str = "gemini",
    model: str = "m",
) -> Domain:
    return Domain(
        DomainName(provider, project, model),
        requests=None if rpm is None else SlidingLog(rpm),
        tokens=None if tpm is None else SlidingLog(tpm),
    )


class Server:
    """Counts what arrives, as a provider does: any 60 seconds, by project."""

    def __init__(self, rpm: int) -> None:
        self._rpm = rpm
        self._log: defaultdict[str, list[float]] = defaultdict(list)
        self.refused = 0

    def receive(self, project: str, at: float) -> None:
        log = self._log[project]
        if sum(at - WINDOW < each <= at for each in log) >= self._rpm:
            self.refused += 1
        log.append(at)


def run(
    scheduler: Scheduler, calls: list[Call], latency: dict[Call, float], server: Server
) -> float:
    """Sends everything; the virtual time at which the last answer is there."""
    numbers = itertools.count()
    events: list[tuple[float, int]] = []
    now = finished = 0.0
    for call in calls:
        scheduler.submit(call)
    while len(scheduler) or events:
        while assignment := scheduler.take(now):
            taken = assignment.reservation
            taken.domain.sent(taken, now)
            server.receive(taken.domain.name.project, now + 0.05)
            finished = max(finished, now + latency[assignment.call])
            heapq.heappush(events, (now + latency[assignment.call], next(numbers)))
        moment = scheduler.next_time(now) if len(scheduler) else None
        upcoming = [each for each in (moment, events[0][0] if events else None) if each is not None]
        assert upcoming, "nothing is under way, and nothing can be sent"
        now = max(now, min(upcoming))
        while events and events[0][0] <= now:
            heapq.heappop(events)
    return finished


def lower_bound(latencies: list[float], slots_a_minute: int) -> float:
    """No schedule is quicker: the w-th window cannot begin before 60 w (3-key-pools)."""
    longest = sorted(latencies, reverse=True)
    return max(
        WINDOW * window + longest[window * slots_a_minute]
        for window in range(math.ceil(len(longest) / slots_a_minute))
    )


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("projects", "rpm", "count"), [(10, 5, 100), (4, 5, 60), (1, 15, 40)])
def test_it_is_as_quick_as_the_limits_allow_and_never_refused(
    seed: int, projects: int, rpm: int, count: int
) -> None:
    chance = random.Random(seed)
    latencies = [chance.lognormvariate(1.1, 0.4) for _ in range(count)]
    calls = [Call("chapter", seconds, 1000, 0.0) for seconds in latencies]
    scheduler = Scheduler({"chapter": [domain(str(each), rpm) for each in range(projects)]})
    server = Server(rpm)

    makespan = run(scheduler, calls, dict(zip(calls, latencies, strict=True)), server)

    assert server.refused == 0
    assert makespan <= 1.02 * lower_bound(latencies, projects * rpm)


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.floats(0.1, 30)), min_size=1, max_size=30),
    st.integers(1, 4),
    st.sets(st.sampled_from("abc")),
)
@settings(deadline=None, max_examples=60)
def test_every_call_is_sent_once_whatever_is_lent(
    wanted: list[tuple[str, float]], rpm: int, lend: set[str]
) -> None:
    calls = [Call(service, seconds, 1, 0.0) for service, seconds in wanted]
    scheduler = Scheduler({each: [domain(each, rpm)] for each in "abc"}, lend=sorted(lend))
    server = Server(rpm)

    run(scheduler, calls, {call: call.expected for call in calls}, server)

    assert server.refused == 0
    assert len(scheduler) == 0


def test_an_idle_pool_helps_and_a_busy_one_keeps_what_it_has() -> None:
    own, other = domain("own", 1), domain("other", 1)
    scheduler = Scheduler({"quiz": [own], "chapter": [other]}, lend=["chapter"])
    for _ in range(2):
        scheduler.submit(Call("quiz", 1, 1, 0))

    first, second = scheduler.take(0), scheduler.take(0)
    assert first is not None
    assert second is not None
    assert [first.reservation.domain, second.reservation.domain] == [own, other]

    own, other = domain("own", 1), domain("other", 1)
    scheduler = Scheduler({"quiz": [own], "chapter": [other]}, lend=["chapter"])
    for service in ("quiz", "quiz", "chapter"):
        scheduler.submit(Call(service, 1, 1, 0))
    taken = [scheduler.take(0), scheduler.take(0), scheduler.take(0)]
    assert sum(each is not None for each in taken) == 2
    assert {each.call.service for each in taken if each} == {"quiz", "chapter"}


@pytest.mark.parametrize("other", [{"provider": "groq"}, {"model": "another"}])
def test_keys_are_lent_to_nobody_but_their_own_provider_and_model(other: dict[str, str]) -> None:
    """An idle key of one provider would be sent to another one."""
    own, foreign = domain("own", rpm=1), domain("foreign", rpm=9, **other)  # pyright: ignore[reportArgumentType] - names
    scheduler = Scheduler({"quiz": [own], "chapter": [foreign]}, lend=["chapter"])
    for number in range(4):
        scheduler.submit(Call("quiz", 5, 0, number))
    taken = scheduler.take(0)
    assert taken is not None
    assert taken.reservation.domain is own
    assert scheduler.take(0) is None
    assert foreign not in scheduler.within_reach("quiz", 0)


def test_the_longest_goes_first_and_none_waits_for_ever() -> None:
    only = domain("p", 1)
    scheduler = Scheduler({"s": [only]})
    short = Call("s", 1, 1, 0)
    scheduler.submit(short)
    now = 0.0
    sent: list[Call] = []
    while short not in sent:
        scheduler.submit(Call("s", 20, 1, now))
        assignment = scheduler.take(now)
        assert assignment is not None
        only.sent(assignment.reservation, now)
        sent.append(assignment.call)
        moment = scheduler.next_time(now)
        assert moment is not None
        now = moment
    assert len(sent) <= 3
    assert sent[0] is not short


def test_a_call_that_is_larger_than_the_limit_never_fits() -> None:
    scheduler = Scheduler({"s": [domain("p", tpm=6000)]})
    scheduler.submit(Call("s", 1, 9000, 0))
    assert scheduler.take(0) is None
    assert scheduler.next_time(0) == math.inf


def test_a_blocked_domain_and_a_spent_day_are_waited_for() -> None:
    only = domain("p")
    scheduler = Scheduler({"s": [only]})
    scheduler.submit(Call("s", 1, 1, 0))
    only.block(30)
    assert scheduler.take(0) is None
    assert scheduler.next_time(0) == 30
    only.day = DayBudget(limit=0, resets_at=500)
    assert scheduler.next_time(40) == 500
    assert scheduler.take(500) is not None


def test_a_hold_for_large_calls_does_not_free_the_minute_for_small_ones() -> None:
    """Asked when a large call may go, the domain looks ahead: the minute stays as full as it is."""
    it = domain("p", rpm=2, tpm=100)
    for _ in range(2):
        it.sent(it.reserve(0, 1, day_ends=math.inf), 0)
    it.hold(1, 100, tokens=50)
    assert it.earliest(1, 60) == 100
    assert it.earliest(1, 1) == WINDOW + GUARD


def test_a_withdrawn_call_is_not_sent() -> None:
    scheduler = Scheduler({"s": [domain("p")]})
    call = Call("s", 1, 1, 0)
    scheduler.submit(call)
    assert scheduler.withdraw(call)
    assert not scheduler.withdraw(call)
    assert scheduler.take(0) is None


def test_a_service_without_a_key_is_refused() -> None:
    with pytest.raises(LookupError, match="quiz"):
        Scheduler({"chapter": [domain("p")]}).submit(Call("quiz", 1, 1, 0))


@pytest.mark.parametrize(
    ("now", "midnight"),
    [
        ("2026-11-23T17:00:00+00:00", "2026-11-24T08:00:00+00:00"),
        ("2026-11-24T07:59:59+00:00", "2026-11-24T08:00:00+00:00"),
        ("2026-11-24T08:00:00+00:00", "2026-11-25T08:00:00+00:00"),
        ("2026-03-08T09:00:00+00:00", "2026-03-09T07:00:00+00:00"),  # 23 hours
        ("2026-11-01T08:00:00+00:00", "2026-11-02T08:00:00+00:00"),  # 25 hours
    ],
)
def test_the_day_ends_at_midnight_pacific(now: str, midnight: str) -> None:
    found = next_midnight(datetime.fromisoformat(now))
    assert found.astimezone(UTC) == datetime.fromisoformat(midnight)


def test_a_day_is_counted_and_begins_anew() -> None:
    day = DayBudget(limit=2, resets_at=100)
    day.spend(10, resets_at=100)
    assert day.left(10) == 1
    day.exhaust(until=200)
    assert day.left(150) == 0
    day.spend(201, resets_at=300)
    assert day.used == 1


def test_a_large_call_is_not_overtaken_by_small_ones_for_ever() -> None:
    """Small calls always fit first into what becomes free; the room is kept for the large one."""
    only = domain("p", rpm=None, tpm=100)
    for sent_at in (-40, -20, 0):
        only.sent(only.reserve(sent_at, 30, day_ends=math.inf), sent_at)
    scheduler = Scheduler({"chapter": [only]})
    large = Call("chapter", expected=1, tokens=90, submitted_at=0)
    scheduler.submit(large)
    for second in range(300):
        scheduler.submit(Call("chapter", expected=0, tokens=30, submitted_at=second))
        while assignment := scheduler.take(second):
            only.sent(assignment.reservation, second)
            if assignment.call is large:
                assert second <= OVERTAKEN + WINDOW + 2
                return
    raise AssertionError


def test_a_large_call_for_which_room_is_kept_is_woken_when_it_fits() -> None:
    """Small calls behind it could go at once but for that: their moment is no reason to look."""
    only = domain("p", rpm=None, tpm=100)
    only.sent(only.reserve(0, 60, day_ends=math.inf), 0)
    scheduler = Scheduler({"chapter": [only]})
    scheduler.submit(large := Call("chapter", expected=9, tokens=90, submitted_at=0))
    now = OVERTAKEN + 1
    scheduler.submit(Call("chapter", expected=1, tokens=10, submitted_at=now))
    assert scheduler.take(now) is None
    assert scheduler.next_time(now) == WINDOW + GUARD
    assignment = scheduler.take(WINDOW + GUARD)
    assert assignment is not None
    assert assignment.call is large


def test_room_is_kept_for_a_large_call_where_it_may_go_not_with_a_key_that_adds_nothing() -> None:
    own, shared = domain("own", rpm=None, tpm=100), domain("shared", rpm=None, tpm=100)
    own.standing = Standing.TRUSTED
    scheduler = Scheduler({"chapter": [own, shared]})
    shared.standing = Standing.UNTESTED
    scheduler.sharing.heard(shared, Standing.SHARED, 0)
    assert scheduler.sharing.allows(own, 0)
    assert not scheduler.sharing.allows(shared, 0)
    own.sent(own.reserve(0, 60, day_ends=math.inf), 0)
    scheduler.submit(Call("chapter", expected=9, tokens=90, submitted_at=0))
    now = OVERTAKEN + 1
    scheduler.submit(Call("chapter", expected=1, tokens=10, submitted_at=now))
    assert scheduler.take(now) is None  # it would fill what the large one waits for


def test_a_lent_pool_that_is_full_at_this_moment_is_looked_at_again_when_it_is_not() -> None:
    """Else a service whose own day is spent waits for midnight beside an idle pool."""
    own, idle = domain("own"), domain("idle", rpm=1)
    own.block(50_000)
    scheduler = Scheduler({"chapter": [own], "quiz": [idle]}, lend={"quiz"})
    first, second = (Call("chapter", expected=3, tokens=1, submitted_at=0) for _ in range(2))
    scheduler.submit(first)
    scheduler.submit(second)
    assignment = scheduler.take(0)
    assert assignment is not None
    idle.sent(assignment.reservation, 0)
    assert scheduler.take(0) is None
    assert scheduler.next_time(0) == WINDOW + GUARD
    assert scheduler.take(WINDOW + GUARD) is not None


def sent(scheduler: Scheduler, now: float = 0.0) -> list[object]:
    """The shares of the calls that are sent at once, in order."""
    shares: list[object] = []
    while assignment := scheduler.take(now):
        shares.append(assignment.call.share)
    return shares


def test_who_has_many_calls_waiting_gets_one_for_each_of_whoever_comes() -> None:
    scheduler = Scheduler({"chapter": [domain("p", rpm=10)]})
    for second in range(100):
        scheduler.submit(Call("chapter", 30, 1, second / 100, "many"))
    for second in range(3):
        scheduler.submit(Call("chapter", 1, 1, 1 + second / 100, "few"))
    assert sent(scheduler, 2.0)[:6].count("few") == 3


def test_who_was_sent_away_and_comes_again_has_saved_nothing_up() -> None:
    scheduler = Scheduler({"chapter": [domain("p", rpm=None)]})
    for _ in range(5):
        scheduler.submit(Call("chapter", 1, 1, 0, "early"))
    assert sent(scheduler) == ["early"] * 5
    for number in range(4):
        scheduler.submit(Call("chapter", 1, 1, 1 + number, "early"))
        scheduler.submit(Call("chapter", 1, 1, 1 + number, "late"))
    assert sent(scheduler, 9.0)[:4].count("late") == 2


def test_one_share_alone_is_served_by_rank() -> None:
    scheduler = Scheduler({"chapter": [domain("p", rpm=None)]})
    calls = [Call("chapter", seconds, 1, 0.0, "one") for seconds in (3, 9, 1, 7)]
    for call in calls:
        scheduler.submit(call)
    order = [assignment.call.expected for _ in calls if (assignment := scheduler.take(0.0))]
    assert order == [9, 7, 3, 1]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 60)), min_size=1, max_size=40))
def test_every_call_of_every_share_is_sent_once(wanted: list[tuple[int, int]]) -> None:
    scheduler = Scheduler({"chapter": [domain("p", rpm=7)]})
    calls = [Call("chapter", seconds, 1, 0.0, share) for share, seconds in wanted]
    for call in calls:
        scheduler.submit(call)
    taken: list[Call] = []
    now = 0.0
    while len(scheduler):
        while assignment := scheduler.take(now):
            assignment.reservation.domain.sent(assignment.reservation, now)
            taken.append(assignment.call)
        now += WINDOW + 1
    assert sorted(map(id, taken)) == sorted(map(id, calls))
