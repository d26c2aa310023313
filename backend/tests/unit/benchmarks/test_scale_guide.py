"""What the guide to scale calls measured is what the benchmarks' results say."""

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[4]
GUIDE = (ROOT / "docs" / "guides" / "scale.md").read_text(encoding="utf-8")


def rows(name: str) -> list[dict[str, Any]]:
    text = (ROOT / "benchmarks" / "results" / name).read_text(encoding="utf-8")
    return json.loads(text)["rows"]


def cells(line: str) -> list[str]:
    """Of the line of the table that begins so."""
    [found] = [each for each in GUIDE.splitlines() if each.startswith(f"| {line} |")]
    return [cell.strip() for cell in found.strip("|").split("|")]


def test_what_a_course_takes_is_what_two_hundred_took() -> None:
    [whole] = rows("generation_faults.json")
    answered, stored = whole["by_status"]["200"], whole["searched_rows"]
    _, calls, _, source = cells("model calls that are answered")
    assert source.startswith(f"{answered:,} for {whole['courses']} courses")
    assert int(calls) == round(answered / whole["courses"])
    _, count, _, source = cells("rows")
    assert source.startswith(f"{stored:,} for {whole['courses']} courses")
    assert int(count) == round(stored / whole["courses"])


def test_what_a_call_and_a_claim_take_is_what_was_measured() -> None:
    measured = rows("key_pools_workers.json")
    calls = [row["cpu_ms_a_call"] for row in measured if "cpu_ms_a_call" in row]
    assert f"{sum(calls) / len(calls):.0f} ms a call (`key_pools_workers.json`)" in GUIDE
    [claim] = [row for row in measured if row.get("shared") and row["at_once"] == 50]
    assert f"50 at once took {claim['claim_ms']:.0f} ms (`key_pools_workers.json`)" in GUIDE
