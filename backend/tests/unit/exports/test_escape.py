import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from coursewright.exports import escape

_SIGNS = st.text(alphabet="ab1 \\`*_[]()<>#-+~|&;.!:/=\n", max_size=30)
_RENDERER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def tokens(markdown: str) -> list[Token]:
    found: list[Token] = []
    for token in _RENDERER.parse(markdown):
        found += [token, *(token.children or ())]
    return found


def text_of(markdown: str) -> str:
    return "".join(token.content for token in tokens(markdown) if token.type.startswith("text"))


@settings(deadline=None, max_examples=80)
@given(_SIGNS)
def test_plain_text_on_a_line_reads_as_it_stands(text: str) -> None:
    assert text_of(escape.line(text)) == " ".join(text.split())


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("<script>alert(1)</script>", "\\<script>alert(1)\\</script>"),
        ("a <!-- b -->", "a \\<!-- b -->"),
        ("1 < 2 and <3", "1 < 2 and <3"),
        ("\\<b>", "\\<b>"),
        ("\\\\<b>", "\\\\\\<b>"),
        ("`<b>` and ``a`<b>``", "`<b>` and ``a`<b>``"),
        ("$a<b$ <i>", "$a< b$ \\<i>"),
        ("```html\n<b>\n```\n<b>", "```html\n<b>\n```\n\\<b>"),
        ("~~~~\n```\n<b>\n~~~~\n<b>", "~~~~\n```\n<b>\n~~~~\n\\<b>"),
        ("costs $5 <b> or 6 $ <i>", "costs $5 \\<b> or 6 $ \\<i>"),
        ("\\`<b>`", "\\`\\<b>`"),
        ("`a\n\n<b>` `", "`a\n\n&lt;b>` `"),
    ],
)
def test_tags_are_text_and_code_and_formulas_stay(markdown: str, expected: str) -> None:
    assert escape.without_html(markdown) == expected


@settings(deadline=None, max_examples=100)
@given(st.text(alphabet="ab<>/`~\\$\n-", max_size=30))
def test_no_markdown_comes_out_with_html_in_it(markdown: str) -> None:
    kinds = {token.type for token in tokens(escape.without_html(markdown))}
    assert not kinds & {"html_inline", "html_block"}


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("a | b", "a \\| b"),
        ("a \\| b", "a \\| b"),
        ("`a|b`", "`a\\|b`"),
        ("$|x|$ or $\\|x\\|$", "$\\vert x\\vert $ or $\\Vert x\\Vert $"),
        ("two\n\nlines", "two lines"),
    ],
)
def test_a_cell_is_one_line_without_a_bar(markdown: str, expected: str) -> None:
    assert escape.cell(markdown) == expected


@settings(deadline=None, max_examples=80)
@given(_SIGNS)
def test_no_text_gets_out_of_its_cell(text: str) -> None:
    table = f"| a | b |\n| --- | --- |\n| {escape.cell(escape.line(text))} | last |"
    cells = [token.type for token in _RENDERER.parse(table)].count("td_open")
    assert cells == 2
    assert "last" in text_of(table)


@settings(deadline=None, max_examples=80)
@given(st.text(max_size=60))
def test_a_string_of_yaml_is_read_as_it_was(text: str) -> None:
    assert yaml.safe_load(f"title: {escape.yaml(text)}") == {"title": text}
