"""The emulator's writers: what they make of any text, and that rewording is understood."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursewright.emulator.reading import primers
from coursewright.emulator.writing.author import draft
from coursewright.emulator.writing.knowledge import GAP, learn
from coursewright.emulator.writing.phrases import bare, canonical, reworded
from coursewright.emulator.writing.planting import Planting
from coursewright.emulator.writing.solving import solve
from coursewright.emulator.writing.task import read_task

KINDS = (
    frozenset({"chapter_titles", "chapters"}),
    frozenset({"sections"}),
    frozenset({"questions"}),
    frozenset({"cards"}),
    frozenset({"terms"}),
    frozenset({"answers"}),
    frozenset({"paragraphs"}),
    frozenset({"suggestions"}),
)
MEANINGS = [each.meaning for primer in primers() for each in learn(primer.text).definitions]


def test_the_primers_define_enough() -> None:
    assert len(MEANINGS) >= 350


def test_other_words_for_a_meaning_are_understood() -> None:
    others = [(each, reworded(each)) for each in MEANINGS]
    said = [(each, other) for each, other in others if other is not None]
    assert len(said) >= 0.9 * len(MEANINGS)
    assert all(canonical(each) == canonical(other) for each, other in said)
    assert all(bare(each) != bare(other) for each, other in said)


@given(
    text=st.text(max_size=400) | st.lists(st.sampled_from(MEANINGS), max_size=5).map(". ".join),
    topic=st.text(min_size=1, max_size=40),
    kind=st.sampled_from(KINDS),
    number=st.integers(0, 9_999),
    count=st.integers(0, 200),
)
@settings(deadline=None, max_examples=150)
def test_any_material_is_written_about(
    text: str, topic: str, kind: frozenset[str], number: int, count: int
) -> None:
    prompt = (
        f"Topic: {topic}\nWrite {count} questions, {count} chapters, 99 words\n"
        f'<plan number="{number}" title="{topic}">\n{text}\n</plan>\n'
        f'<chapter number="{number}" title="{topic}">\n{text}\n</chapter>\n'
    )
    made = draft(kind, prompt, "call", Planting(0.3, 0.3, 0.3))
    assert made is None or json.dumps(made.value)


def test_material_within_material_stays_text() -> None:
    inner = '<chapter number="1" title="a">\nOne <plan number="7" title="b"> two\n</chapter>'
    task = read_task(f"Do it.\n{inner}\nDone.")
    assert task.plan is None
    assert [shown.number for shown in task.chapters] == [1]
    assert "plan" in task.chapters[0].text
    assert "One" not in task.orders


@pytest.mark.parametrize(
    ("orders", "found"),
    [("6 chapters", (6, 6)), ("4 to 8 chapters", (4, 8)), ("4-8 chapters", (4, 8)), ("", (5, 5))],
)
def test_counts_are_read(orders: str, found: tuple[int, int]) -> None:
    assert read_task(orders).count("chapters", 5) == found


KNOWN = learn(
    "A **stoma** is a tiny pore in the surface of a leaf. A **cuticle** is a thin coat that holds "
    "water back. The cuticle of a cactus is thick. Xylem carries water from the roots upwards."
)


@pytest.mark.parametrize(
    ("stem", "options", "right"),
    [
        ("What is a stoma?", ["A thin coat", "A tiny pore in the surface of a leaf"], [1]),
        ("What is a stoma?", ["A tiny pore within the surface of a leaf", "A root"], [0]),
        ("What is a stoma?", ["A root", "A cell"], []),
        ("Which term means “a thin coat that holds water back”?", ["stoma", "cuticle"], [1]),
        (f"“The {GAP} of a cactus is thick”?", ["stoma", "cuticle"], [1]),
        ("What does xylem do?", ["It carries water upwards", "It makes sugar at night"], [0]),
        ("What is a pump?", ["A stone", "A machine of steel"], []),
        ("What is a stoma?", [], []),
    ],
)
def test_a_solver_finds_what_the_text_says(stem: str, options: list[str], right: list[int]) -> None:
    assert solve(stem, options, KNOWN) == right
