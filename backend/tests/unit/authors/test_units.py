from hypothesis import given, settings
from hypothesis import strategies as st

from coursewright.authors.extraction.sections import Part, clean_title, parts_of
from coursewright.authors.extraction.units import LEAST_WORDS, Unit, arrange, join_poor
from unit.authors.samples import material, passage


def part(path: str, *words: int) -> Part:
    texts = [" ".join(["word"] * count) for count in words]
    return Part(
        tuple(path.split("/")) if path else (),
        tuple(passage(text, ordinal=number) for number, text in enumerate(texts)),
    )


def titles(units: list[Unit]) -> list[tuple[str, ...]]:
    return [unit.titles for unit in units]


def test_headings_become_chapters() -> None:
    units = arrange([part("One", 300), part("Two", 300), part("Three", 300)], None)
    assert titles(units) == [("One",), ("Two",), ("Three",)]


def test_a_thin_part_is_joined_to_the_one_before_it() -> None:
    units = arrange([part("A", 300), part("B", 20), part("C", 300), part("D", 300)], None)
    assert titles(units) == [("A",), ("C",), ("D",)]
    assert [unit.words for unit in units] == [320, 300, 300]


def test_a_number_of_chapters_that_was_asked_for_is_kept() -> None:
    parts = [part(f"Part {number}", 200, 200) for number in range(6)]
    assert len(arrange(parts, 1)) == 1
    assert len(arrange(parts, 3)) == 3
    assert len(arrange(parts, 12)) == 12
    assert len(arrange(parts, 20)) == 12


def test_text_without_headings_is_cut_between_paragraphs() -> None:
    units = arrange([part("", *[100] * 12)], 4)
    assert [unit.words for unit in units] == [300] * 4


def test_a_paragraph_is_never_cut() -> None:
    assert len(arrange([part("", 5000)], 20)) == 1


def test_there_are_at_most_twenty_by_themselves() -> None:
    assert len(arrange([part(f"{number}", 150) for number in range(50)], None)) == 20
    assert len(arrange([part(f"{number}", 150) for number in range(50)], 50)) == 50


def test_what_is_poor_is_joined_wherever_it_stands() -> None:
    units = [Unit((name,), (part(name, 200),), 1) for name in "abcde"]
    joined = join_poor(units, lambda unit: bool({"b", "e"} & set(unit.titles)))
    assert [passage.text for unit in joined for passage in unit.passages] == [
        passage.text for unit in units for passage in unit.passages
    ]
    assert len(joined) == 2


@settings(deadline=None, max_examples=50)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["", "A", "A/x", "A/y", "B", "B/z/w", "C"]),
            st.lists(st.integers(0, 400), min_size=1, max_size=4),
        ),
        min_size=1,
        max_size=12,
    ),
    st.none() | st.integers(1, 20),
)
def test_nothing_gets_lost_or_out_of_order(
    shape: list[tuple[str, list[int]]], wanted: int | None
) -> None:
    parts = [part(path, *words) for path, words in shape]
    units = arrange(parts, wanted)
    before = [item for one in parts for item in one.passages]
    after = [item for unit in units for item in unit.passages]
    assert after == before
    assert len(units) <= (wanted or 20)
    assert len(units) == 1 or all(unit.words >= LEAST_WORDS for unit in units)


def test_titles_lose_their_numbers_and_marks() -> None:
    assert clean_title("2.3 Money") == "Money"
    assert clean_title("Chapter 4: Money") == "Money"
    assert clean_title("Kapitel IV – Geld") == "Geld"
    assert clean_title("Money¶") == "Money"
    assert clean_title("1984 and after").endswith("and after")
    assert clean_title("3") == "3"


def test_what_is_no_reading_matter_is_left_out() -> None:
    text = "# Book\n## Money\nSome text.\n## References\nA book.\n## Table of contents\nMoney 1"
    assert [one.path for one in parts_of(material(text))] == [("Money",)]


def test_several_sources_are_a_level_of_their_own() -> None:
    found = parts_of(material("## A\nText.", "## A\nText.", titles=("First", "Second")))
    assert [one.path for one in found] == [("First", "A"), ("Second", "A")]
