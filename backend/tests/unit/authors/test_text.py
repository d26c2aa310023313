import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from coursewright.authors.extraction.text import fold, plain, to_markdown

_SIGNS = st.text(alphabet="ab1 \\`*_[]()<>#-+~|&;.!:/=", max_size=30)


@pytest.mark.parametrize(
    "text",
    [
        "## x",
        "# ",
        ">q",
        "~~~ a",
        "~~a~~",
        "---",
        "- x",
        "1. one",
        "12) x",
        "see [a](b) now",
        "![a](b)",
        "&lt;b&gt; &#65;",
        "<script>alert(1)</script>",
        "a_b_c __init__ _x_",
        "C:\\*dir \\alpha",
        "a * b * c **d**",
        "| a | b |",
        "a `b` c",
        "costs $5 or $10",
    ],
)
def test_plain_text_reads_the_same_as_markdown(text: str) -> None:
    markdown = to_markdown(text)
    assert plain(markdown) == fold(text)
    (opening, inline, closing) = MarkdownIt("commonmark").enable("strikethrough").parse(markdown)
    assert (opening.type, closing.type) == ("paragraph_open", "paragraph_close")
    assert {child.type for child in inline.children or ()} <= {"text", "text_special"}
    assert "".join(child.content for child in inline.children or ()) == text.strip()


@pytest.mark.parametrize("formula", [r"$x_{1}$", r"$\{a\}$", r"$\|x\|_{2} * y_1$", r"$$a*b*c$$"])
def test_formulas_stay_as_they_are(formula: str) -> None:
    assert to_markdown(f"Let {formula} be *it*.") == f"Let {formula} be \\*it\\*."
    assert plain(to_markdown(f"Let {formula} be *it*.")) == f"Let {formula} be *it*."


@settings(deadline=None, max_examples=80)
@given(_SIGNS)
def test_no_sign_gets_lost_on_the_way_to_markdown_and_back(text: str) -> None:
    text = fold(text)
    assert plain(to_markdown(text)) == text
    tokens = MarkdownIt("commonmark").enable("strikethrough").parse(to_markdown(text))
    assert "".join(child.content for token in tokens for child in token.children or ()) == text
