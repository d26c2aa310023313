"""What `benchmarks/api/chaos.py` does for two minutes, for a few seconds."""

import importlib
from pathlib import Path
from typing import Any

import pytest

BENCHMARKS = Path(__file__).resolve().parents[3] / "benchmarks"


@pytest.fixture
def storm(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("api.storm")


@pytest.mark.slow
@pytest.mark.timeout(900)  # it waits for conditions, and machines can be busy
async def test_courses_and_their_readers_survive_kills_restarts_and_an_outage(
    data_dir: Path, storm: Any
) -> None:
    weather = storm.Weather(
        courses=3, workers=2, seconds=9.0, kill_every=3.0, restarts=1, down=3.0, latency=0.3
    )
    row = storm.judged(await storm.survive(weather, data_dir), weather, within=5.0)

    assert storm.broken(row) == [], row
    assert row["workers_killed"] >= 2
    assert row["postgres_restarted"] == 1
    assert row["connections"] > row["readers"], "no reader was ever broken off"
    assert row["events"] > 3 * 20


def test_each_bar_can_be_broken(storm: Any) -> None:
    weather = storm.Weather(courses=0)
    good = storm.judged(storm.Seen(), weather)
    assert storm.broken(good) == []
    for name in ("events_missing", "events_doubled", "readers_out_of_order", "calls_repeated"):
        assert len(storm.broken({**good, name: 1})) == 1
    assert len(storm.broken({**good, "courses": 2, "complete": 1})) == 1


def test_a_reader_that_missed_or_doubled_an_event_is_told(storm: Any) -> None:
    seen = storm.Seen(
        events={"a": [1, 2, 3], "b": [4, 5]},
        readers=[storm.Reader("a", seen=[1, 3]), storm.Reader("b", seen=[5, 4, 4])],
    )
    row = storm.judged(seen, storm.Weather(courses=2))
    assert (row["events_missing"], row["events_doubled"], row["readers_out_of_order"]) == (1, 1, 1)
