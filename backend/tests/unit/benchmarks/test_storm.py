"""The verdict on a storm: what excuses a call that came again, what a reader must have seen."""

import importlib
from pathlib import Path
from typing import Any

import pytest

BENCHMARKS = Path(__file__).resolve().parents[4] / "benchmarks"


@pytest.fixture(autouse=True)
def _path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))


@pytest.fixture
def again() -> Any:
    return importlib.import_module("api.repeats")


@pytest.fixture
def verdict() -> Any:
    return importlib.import_module("api.verdict")


def _call(again: Any, caller: str, at: float, ended: float, **changes: Any) -> Any:
    values = {"call_id": "a", "caller": caller, "at": at, "ended": ended, "status": 200}
    return again.Call(**(values | changes))


def test_the_death_of_whoever_had_the_answer_excuses_a_repetition(again: Any) -> None:
    calls = [_call(again, "one-1", 0.0, 9.0), _call(again, "two-1", 12.0, 20.0)]
    found = again.repeats(calls, {"one-1": 9.4})
    assert found.at_once == [pytest.approx(0.4)]
    assert found.wasted == []


@pytest.mark.parametrize(
    ("killed", "again_at"),
    [
        pytest.param({}, 12.0, id="nobody died"),
        pytest.param({"two-1": 9.4}, 12.0, id="another one died"),
        pytest.param({"three-1": 5.0}, 12.0, id="another one died while it was asked"),
        pytest.param({"one-1": 10.5}, 12.0, id="it had the time to store it"),
        pytest.param({"one-1": 9.4}, 7.0, id="it was asked while the first was at it"),
    ],
)
def test_nothing_else_excuses_it(again: Any, killed: dict[str, float], again_at: float) -> None:
    calls = [_call(again, "one-1", 0.0, 9.0), _call(again, "two-2", again_at, 20.0)]
    found = again.repeats(calls, killed)
    assert [call.caller for call in found.wasted] == ["two-2"]
    assert found.at_once == []


def test_an_answer_that_could_not_be_stored_is_counted_by_itself(again: Any) -> None:
    calls = [_call(again, "one-1", 0.0, 9.0), _call(again, "two-1", 30.0, 40.0)]
    away = [again.Outage(begin=9.5, up=12.0)]
    assert again.repeats(calls, {"one-1": 11.0}, away).while_away == [0.0]
    assert again.repeats(calls, {"one-1": 13.5}, away).while_away == [1.5]
    late = 12.0 + again.RECONNECTS + again.WITHIN + 0.1
    assert len(again.repeats(calls, {"one-1": late}, away).wasted) == 1
    before = [again.Outage(begin=3.0, up=4.0 - again.RECONNECTS)]
    assert len(again.repeats(calls, {"one-1": 11.0}, before).wasted) == 1
    later = [again.Outage(begin=10.5, up=12.0)]
    assert len(again.repeats(calls, {"one-1": 11.0}, later).wasted) == 1


def test_what_was_no_answer_may_be_asked_again(again: Any) -> None:
    for changes in ({"status": 499}, {"status": 429}, {"fault": "malformed"}):
        calls = [
            _call(again, "one-1", 0.0, 1.0, **changes),
            _call(again, "one-1", 5.0, 6.0),
            _call(again, "one-1", 5.0, 6.0, call_id="b"),
        ]
        assert again.repeats(calls, {}) == again.Repeats()


def test_each_bar_can_be_broken(verdict: Any) -> None:
    good = verdict.judged(verdict.Seen())
    assert verdict.broken(good, 0) == []
    for name in verdict.NONE:
        assert len(verdict.broken({**good, name: 1}, 0)) == 1
    assert len(verdict.broken({**good, "complete": 1}, 2)) == 1
    assert set(verdict.bounds(courses=2)) <= set(good)


def test_a_reader_that_missed_or_doubled_an_event_is_told(verdict: Any) -> None:
    watcher = importlib.import_module("api.watcher").Watcher
    seen = verdict.Seen(
        events={"a": [1, 2, 3], "b": [4, 5]},
        watchers=[watcher("a", seen=[1, 3]), watcher("b", seen=[5, 4, 4, 6])],
    )
    row = verdict.judged(seen)
    assert (row["events_missing"], row["events_doubled"], row["readers_out_of_order"]) == (1, 1, 1)
    assert row["events_that_never_were"] == 1
