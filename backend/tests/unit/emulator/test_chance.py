from collections import Counter
from collections.abc import Mapping
from itertools import pairwise
from statistics import mean, median, quantiles

import pytest

from coursewright.emulator import faults
from coursewright.emulator.chance import Dice, unit
from coursewright.emulator.durations import spoken
from coursewright.emulator.faults import Fault
from coursewright.emulator.latency import seconds
from coursewright.emulator.options import EmulatorOptions

CALLS = [f"call-{number}" for number in range(2_000)]


def test_draws_depend_on_the_seed_alone() -> None:
    first, second = Dice("a"), Dice("a")
    assert [first.below(100) for _ in range(9)] == [second.below(100) for _ in range(9)]
    assert 0.48 < mean(unit("x", call) for call in CALLS) < 0.52
    assert sorted(Dice("b").shuffled(range(9))) == list(range(9))


def test_a_call_takes_as_long_in_every_run() -> None:
    assert seconds("gemini", "call-1", 1_000, 1.0) == seconds("gemini", "call-1", 1_000, 1.0)
    assert seconds("gemini", "call-1", 1_000, 0.0) == (0.0, 0.0)


def test_latency_has_the_tail_of_the_real_thing() -> None:
    totals = [sum(seconds("gemini", call, 660, 1.0)) for call in CALLS]
    assert 3.4 < median(totals) < 3.8
    assert 1.6 < quantiles(totals, n=20)[-1] / median(totals) < 2.0
    assert sum(seconds("groq", "call-1", 660, 1.0)) < sum(seconds("gemini", "call-1", 660, 1.0))


def rates(options: EmulatorOptions, attempt: int = 1) -> Mapping[Fault | None, float]:
    drawn = Counter(faults.draw(options, call, attempt, at) for at, call in enumerate(CALLS))
    return {fault: count / len(CALLS) for fault, count in drawn.items()}


def test_no_fault_is_drawn_unless_it_is_asked_for() -> None:
    assert rates(EmulatorOptions()) == {None: 1.0}


def test_faults_come_as_often_as_asked() -> None:
    wanted = {
        Fault.STALL: 0.05,
        Fault.RESET: 0.1,
        Fault.MALFORMED: 0.05,
        Fault.EMPTY: 0.1,
        Fault.BLOCKED: 0.05,
    }
    found = rates(EmulatorOptions.model_validate({fault.value: r for fault, r in wanted.items()}))
    assert {fault: found[fault] for fault in wanted} == pytest.approx(wanted, abs=0.02)


def test_overload_comes_in_bursts() -> None:
    options = EmulatorOptions(overloaded=0.1)
    hit = [faults.draw(options, call, 1, float(at)) is not None for at, call in enumerate(CALLS)]
    assert 0.06 < mean(hit) < 0.14
    after_a_hit = [later for now, later in pairwise(hit) if now]
    assert mean(after_a_hit) > 0.3  # three times as likely as at any moment


@pytest.mark.parametrize("fault", list(Fault))
def test_a_certain_fault_hits_always(fault: Fault) -> None:
    assert rates(EmulatorOptions.model_validate({fault.value: 1.0})) == {fault: 1.0}


def test_a_retry_may_go_well() -> None:
    options = EmulatorOptions(reset=0.5)
    failed = [call for call in CALLS if faults.draw(options, call, 1, 0.0)]
    assert 0.4 < mean(faults.draw(options, call, 2, 0.0) is None for call in failed) < 0.6


def test_another_seed_hits_other_calls() -> None:
    one, two = EmulatorOptions(reset=0.5, seed=1), EmulatorOptions(reset=0.5, seed=2)
    assert [faults.draw(one, call, 1, 0) for call in CALLS] != [
        faults.draw(two, call, 1, 0) for call in CALLS
    ]


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (46.1, "46.1s"),
        (179.56, "2m59.56s"),
        (36_000 + 17 * 60 + 5.72, "10h17m5.72s"),
        (0, "0s"),
        (3_600, "1h0m0s"),
        (59.9996, "1m0s"),
    ],
)
def test_durations_are_written_as_the_services_do(time: float, text: str) -> None:
    assert spoken(time, 3) == text
