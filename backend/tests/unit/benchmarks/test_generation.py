"""The benchmark of whole courses has an honest lower bound, and bars that can break."""

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

BENCHMARKS = Path(__file__).resolve().parents[4] / "benchmarks"
FLASH, LITE, GROQ = "gemini-3.8-flash", "gemini-3.5-flash-lite", "openai/gpt-oss-120b"


@pytest.fixture(autouse=True)
def _path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))


def _module(name: str) -> Any:
    return importlib.import_module(f"generation.{name}")


@pytest.fixture
def made() -> Callable[..., Any]:
    def make(piece: str, seconds: float, **changes: Any) -> Any:
        groq = piece.startswith("audio")
        call: dict[str, Any] = {
            "course": "a",
            "piece": piece,
            "provider": "groq" if groq else "gemini",
            "model": GROQ if groq else LITE,
            "seconds": seconds,
            "tokens": 100,
        }
        return _module("bound").Made(**(call | changes))

    return make


def test_the_path_goes_through_whatever_ends_last(made: Any) -> None:
    path = _module("bound").critical_path
    course = [made("outline", 3), made("chapter/1", 10), made("chapter/2", 20)]
    assert path(course) == 23
    # Questions, their blind solve, the second draft and its solve follow each other.
    quiz = [made("mcqs/1", each) for each in (8, 1, 8, 1)]
    assert path([*course, *quiz]) == 3 + 10 + 18
    # Articles want every chapter, and no glossary.
    assert path([*course, made("glossary/2", 4), made("article/faq", 6)]) == 3 + 20 + 6
    assert path([*course, made("glossary/2", 7), made("article/faq", 6)]) == 3 + 20 + 7
    # The parts of a lecture are written side by side, once all chapters are there.
    parts = [made("audio_script/full_lecture", each) for each in (5, 9, 7)]
    assert path([*course, *parts]) == 3 + 20 + 9


def test_the_quota_counts_requests_and_tokens_of_each_model(made: Any) -> None:
    quota = _module("bound").quota
    chapters = [made(f"chapter/{n}", 7, provider="gemini", model=FLASH) for n in range(41)]
    assert quota(chapters[:40]) == 7  # 8 projects, 5 requests a minute
    assert quota(chapters) == 67
    scripts = [made("audio_script/full_lecture", 2, tokens=6_000) for _ in range(5)]
    assert quota(scripts[:3]) == 2  # 3 organizations, 8,000 tokens a minute
    assert quota(scripts) == 62
    # All tokens of four would fit into one minute, if a call could be cut in two.
    assert quota(scripts[:4]) == 62


@given(st.lists(st.integers(1, 100), min_size=1, max_size=9), st.integers(1, 3))
def test_no_packing_needs_fewer_windows_than_the_bound(tokens: list[int], projects: int) -> None:
    windows = importlib.import_module("generation.bound").windows
    bins: list[int] = []  # first fit, the largest first
    for each in sorted(tokens, reverse=True):
        at = next((at for at, full in enumerate(bins) if full + each <= 100), None)
        if at is None:
            bins.append(each)
        else:
            bins[at] += each
    found = windows(tokens, tpm=100, projects=projects)
    assert 1 <= found <= -(-len(bins) // projects)


def test_no_call_is_counted_before_its_input_can_be_there(made: Any) -> None:
    module = _module("bound")
    outline = made("outline", 3, model=FLASH)
    chapters = [made(f"chapter/{n}", 10, model=FLASH) for n in (1, 2)]
    cards = [made(f"flashcards/{n % 2 + 1}", 4, course=f"c{n}") for n in range(121)]
    assert module.earliest([outline, *chapters, made("mcqs/2", 5), made("mcqs/2", 1)]) == [
        0, 3, 3, 13, 18,
    ]  # fmt: skip
    # The minute of the small model begins when the first chapter can be there.
    courses = [each for n in range(121) for each in (
        made("outline", 3, model="x", course=f"c{n}"),
        made(f"chapter/{n % 2 + 1}", 10, model="x", course=f"c{n}"), cards[n],
    )]  # fmt: skip
    assert module.quota(courses[: 3 * 120]) == 13 + 4
    assert module.quota(courses) == 13 + 60 + 4


@given(st.lists(st.floats(0.1, 50), min_size=1, max_size=12))
def test_a_course_takes_at_least_its_longest_chapter_and_at_most_all_calls(
    seconds: list[float],
) -> None:
    module = importlib.import_module("generation.bound")
    calls = [
        module.Made(course="a", piece=f"chapter/{n}", provider="gemini", model=FLASH, seconds=each,
                    tokens=1)
        for n, each in enumerate(seconds, start=1)
    ]  # fmt: skip
    assert max(seconds) <= module.lower_bound(calls) <= sum(seconds) + 1e-9


def test_each_bar_can_be_broken() -> None:
    broken = _module("run")._broken
    ours = {
        "way": "ours", "courses": 1, "faults": False, "refused": 0, "complete": 1.0,
        "course": 40.0, "above_bound": 1.1, "after_outline": 0.4,
    }  # fmt: skip
    plain = {**ours, "way": "plain", "course": 100.0, "refused": 20}
    assert broken([ours, plain]) == []
    worse: dict[str, Any] = {
        "refused": 1, "complete": 0.8, "course": 41.0, "above_bound": 1.2, "after_outline": 0.6,
    }  # fmt: skip
    for name, value in worse.items():
        assert len(broken([{**ours, name: value}, plain])) == 1, name
