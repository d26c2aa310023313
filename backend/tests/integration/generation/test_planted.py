"""Questions that are wrong on purpose, from the emulator through the gate and the blind solve."""

import importlib
from pathlib import Path
from typing import Any

import pytest

BENCHMARKS = Path(__file__).resolve().parents[4] / "benchmarks"


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("generation.planted")


async def test_no_planted_question_is_published_and_no_quiz_is_padded(planted: Any) -> None:
    tally = await planted.count(chapters=4)

    assert tally.written >= 300
    assert set(tally.planted) == {"wrong_key", "double_key", "duplicate_question"}
    assert tally.faults == []
    assert sum(tally.caught.values()) + tally.left_out == sum(tally.planted.values())
    assert tally.padded == 0
    assert sum(tally.mistaken.values()) <= 0.02 * tally.written


async def test_without_planted_questions_none_is_found(planted: Any) -> None:
    tally = await planted.count(topics=("SQL",), chapters=2, shares={})

    assert tally.published == 16
    assert not tally.planted
    assert not tally.caught
