"""Finding passages."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursewright.course.sources import Passage, SourceKind
from coursewright.sources.document import build
from coursewright.sources.limits import Limits
from coursewright.sources.markdown import parse_markdown
from coursewright.sources.search import search

TEXT = """# Light

Light is a wave. It has a speed.

## Mirrors

A mirror reflects light at the same angle.

A flat surface does it best of all.

## Lenses

A lens bends light. Lenses make lenses useful for the eye: a lens is a lens.

- Glass is heavy.
"""


def _passages(text: str = TEXT) -> tuple[Passage, ...]:
    return build(
        parse_markdown(text),
        sha256="",
        name="a",
        kind=SourceKind.FILE,
        origin="a",
        limits=Limits(),
    ).passages


def test_the_best_comes_first() -> None:
    found = [each.text for each in search(_passages(), "What does a lens do?")]
    assert found[0].startswith("A lens bends light.")
    assert search(_passages(), "the speed of a wave")[0].text.startswith("Light")


def test_the_heading_above_counts() -> None:
    found = [each.text for each in search(_passages(), "mirrors")]
    assert found == [
        "A mirror reflects light at the same angle.",
        "A flat surface does it best of all.",
    ]


def test_headings_are_no_answers() -> None:
    assert all(each.level is None for each in search(_passages(), "light mirrors lenses"))


def test_no_more_are_given_than_are_wanted() -> None:
    assert len(search(_passages(), "light", limit=1)) == 1
    assert search(_passages(), "light", limit=0) == []


@pytest.mark.parametrize("query", ["", "zebra", "?!", "光"])
def test_without_a_hit_nothing_is_found(query: str) -> None:
    assert search(_passages(), query) == []


def test_in_nothing_nothing_is_found() -> None:
    assert search([], "light") == []
    headings = [each for each in _passages() if each.level is not None]
    assert search(headings, "mirrors") == []


def test_equals_stay_in_the_order_of_the_text() -> None:
    passages = _passages("Same words here.\n\nOther things.\n\nSame words here.\n\nOther things.")
    assert [each.ordinal for each in search(passages, "same words")] == [0, 2]


@settings(deadline=None, max_examples=20)
@given(st.text(st.sampled_from("lightmrso ?'#é光\x00"), max_size=30))
def test_any_query_finds_passages_of_those_given(query: str) -> None:
    passages = _passages()
    found = search(passages, query, limit=3)
    assert len(found) <= 3
    assert all(each in passages for each in found)
