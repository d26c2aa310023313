"""What `benchmarks/api/chaos.py` does for two minutes, for a few seconds."""

import importlib
from pathlib import Path
from typing import Any

import pytest

BENCHMARKS = Path(__file__).resolve().parents[3] / "benchmarks"
COURSES = 3


@pytest.mark.slow
@pytest.mark.timeout(900)  # it waits for conditions, and machines can be busy
async def test_courses_and_their_readers_survive_kills_restarts_and_an_outage(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    storm: Any = importlib.import_module("api.storm")
    verdict: Any = importlib.import_module("api.verdict")
    weather = storm.Weather(
        courses=COURSES,
        workers=2,
        seconds=9.0,
        kill_every=3.0,
        restarts=1,
        down=3.0,
        latency=0.3,
        times=40,
    )
    row = verdict.judged(await storm.survive(weather, data_dir), within=5.0)

    assert verdict.broken(row, COURSES) == [], row
    assert row["workers_killed"] >= 2
    assert row["postgres_restarted"] == 1
    assert row["connections"] > row["readers"] == 2 * COURSES, "no reader was ever broken off"
    assert row["events"] > COURSES * 20
