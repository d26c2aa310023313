"""What `benchmarks/generation/faults.py` does with two hundred courses, with a dozen of them."""

import importlib
from pathlib import Path
from typing import Any

import pytest

from coursewright.emulator.desk import Call

BENCHMARKS = Path(__file__).resolve().parents[4] / "benchmarks"
COURSES, KILLS = 12, 3


@pytest.fixture(autouse=True)
def _path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))


def _module(name: str) -> Any:
    return importlib.import_module(f"generation.{name}")


def _call(name: str, at: float, ended: float, status: int = 200, fault: str | None = None) -> Call:
    return Call(
        at=at, ended=ended, provider="groq", project="p", model="m", key="k", call_id=name,
        status=status, fault=fault,
    )  # fmt: skip


@pytest.mark.slow
async def test_courses_survive_faults_and_kills_and_tell_no_key(data_dir: Path) -> None:
    crashing = _module("crashing")
    trial = crashing.Trial(
        courses=COURSES, kills=KILLS, latency=0.05, stall_seconds=3.0, lives=(0.5, 3.0)
    )
    # A machine that does much else at the same time takes its time to store an answer.
    found = await crashing.survive(trial, data_dir)
    row = crashing.judged(found, COURSES, within=5.0)

    assert crashing.broken(row, share=0.9) == [], row
    assert row["kills"] == KILLS
    assert row["pieces"] == COURSES * 20
    assert row["by_status"]["200"] >= COURSES * 20
    assert len(row["faults"]) >= 4, "hardly a fault came up"
    assert {"400", "403"} <= row["by_status"].keys(), "dead and leaked keys were never tried"
    assert row["searched_rows"] > 1000


def test_an_answer_counts_as_lost_only_where_a_kill_came_before_it_was_stored() -> None:
    repeated = _module("crashing").repeated
    log = [
        _call("lost", 0.0, 4.9),
        _call("stored long ago", 0.0, 2.0),
        _call("refused", 0.0, 0.1, status=429),
        _call("torn", 0.0, 0.1, status=0, fault="reset"),
        _call("no JSON", 0.0, 0.1, fault="malformed"),
        *(_call(name, 6.0, 7.0) for name in ("lost", "stored long ago")),
        *(_call(name, 6.0, 7.0) for name in ("refused", "torn", "no JSON")),
    ]
    lost, wasted = repeated(log, [5.0])
    assert lost == [pytest.approx(0.1)]
    assert [call.call_id for call in wasted] == ["stored long ago"]
    assert len(repeated(log, [])[1]) == 2


def test_each_bar_can_be_broken() -> None:
    crashing = _module("crashing")
    good = crashing.judged(crashing.Found(keys={}), 0)
    assert crashing.broken(good) == []
    for name in ("lost", "ordered_twice", "without_reason", "pieces_made_twice", "calls_repeated"):
        assert len(crashing.broken({**good, name: 1})) == 1
    assert len(crashing.broken({**good, "places_with_keys": ["serve.log: GROQ_API_KEY_1"]})) == 1
    short = {**good, "courses": 200, "complete": 197, "with_failed_pieces": 3}
    assert len(crashing.broken({**short, "complete_after_retry": 200})) == 1
    assert len(crashing.broken({**short, "complete_after_retry": 199})) == 2


def test_a_piece_of_a_key_is_found_wherever_it_stands(tmp_path: Path) -> None:
    secrecy = _module("secrecy")
    keys = secrecy.made_up_keys(["GEMINI_CHAPTER_KEY_1", "GEMINI_QUIZ_KEY", "GROQ_API_KEY"], 1)
    search = secrecy.Search(keys)
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "log").write_text(f"said {keys['GROQ_API_KEY'][-12:]}!")
    (tmp_path / "clean").write_text(" ".join(key[:9] for key in keys.values()))
    search.look_into(tmp_path)
    assert search.found == {("deep/log", "GROQ_API_KEY")}
