import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursewright.authors.prompting.blocks import blocks_of
from unit.authors.model.pieces import TEXTS, passage


def texts(markdown: str) -> list[str]:
    return [block.markdown for block in blocks_of(markdown)]


def test_each_kind_of_block_stays_what_it_is() -> None:
    parts = [
        "A paragraph with **bold**.",
        "- one\n- two\n\n  more of two",
        "1. first\n2. second",
        "> a quotation",
        "| a | b |\n| - | - |\n| 1 | 2 |",
        "```python\n# not a heading\n\nprint('x')\n```",
        "$$\nE = mc^2\n$$",
    ]
    assert texts("\n\n".join(parts)) == parts


def test_headings_of_a_model_stay_below_those_of_the_chapter() -> None:
    assert texts("# Loud\n\ntext\n\n## Also loud\n\n#### Quiet\n\n```\n# code\n```") == [
        "### Loud", "text", "### Also loud", "#### Quiet", "```\n# code\n```",
    ]  # fmt: skip
    # A line of dashes below a text is a heading, too.
    assert len(texts("Loud\n====\n\ntext")) == 2


def test_indented_text_is_text_and_raw_html_is_no_block_of_its_own() -> None:
    assert texts("    Indented by accident.") == ["Indented by accident."]
    (block,) = texts("<div onclick=x>\n<script>alert(1)</script>\n</div>")
    assert block.startswith("<div"), "kept as text: whoever shows it escapes it"


def test_a_fence_that_is_never_closed_loses_nothing() -> None:
    assert "print" in "".join(texts("Before\n\n```python\nprint(1)\n\nafter"))
    assert "after" in "".join(texts("Before\n\n```python\nprint(1)\n\nafter"))


def test_line_ends_of_every_kind_are_line_ends() -> None:
    assert texts("one\r\n\r\ntwo\r\rthree") == ["one", "two", "three"]


def test_what_is_nothing_gives_no_block() -> None:
    for nothing in ("", "  \n\n ", "[a]: http://example.org"):
        assert texts(nothing) == []


def test_a_block_cites_what_it_shares_its_words_with() -> None:
    parts = [passage(n, text) for n, text in enumerate(TEXTS, start=1)]
    markdown = "Yeast, a fungus, turns sugar into gas.\n\nBakers in Paris get up at three."
    grounded, own = blocks_of(markdown, named=parts[:1], others=parts)
    assert [each.passage_id for each in grounded.citations] == [parts[0].id]
    assert own.citations == ()
    # The model named another passage; what the words show counts.
    ships = passage(9, "Ships carried barley across stormy seas every autumn.")
    (moved,) = blocks_of(ships.text, named=parts[:1], others=[*parts, ships])
    assert [each.passage_id for each in moved.citations] == [ships.id]


@settings(deadline=None)
@given(st.text(st.sampled_from("ab \n\r\t#*_`>-|$<&\\[]():!1.~="), max_size=200))
def test_whatever_a_model_writes_is_cut_into_blocks(markdown: str) -> None:
    found = texts(markdown)
    assert all(each.strip() for each in found)


@settings(deadline=None)
@given(st.lists(st.lists(st.from_regex(r"[a-z]{1,8}", fullmatch=True), min_size=1), min_size=1))
def test_no_word_of_plain_paragraphs_is_lost(paragraphs: list[list[str]]) -> None:
    markdown = "\n\n".join(" ".join(words) for words in paragraphs)
    assert " ".join(texts(markdown)).split() == [word for words in paragraphs for word in words]


@pytest.mark.parametrize("sign", ["\u2028", "\u2029", "\x0b", "\x0c", "\x1c", "\x85"])
def test_signs_that_only_look_like_the_end_of_a_line_lose_nothing(sign: str) -> None:
    """Models copy them out of documents; each would shift all blocks behind it by a line."""
    first = f"one{sign}two{sign}three{sign}four"
    assert texts(f"{first}\n\nsecond\n\nthird") == [first, "second", "third"]
    assert texts("one\r\n\r\ntwo\rstill two\n\nthree")[2] == "three"
