"""Text as Markdown that reads the same, and Markdown without HTML."""

import json
import re
from functools import lru_cache

from markdown_it import MarkdownIt

_KEPT = re.compile(
    r"^(?P<fence>`{3,}|~{3,})[^\n]*\n.*?(?:^(?P=fence)[`~]*[ \t]*$|\Z)"
    r"|(?<![\\`])(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`)"
    r"|\$\$.+?\$\$|\$[^$\s](?:[^$\n]*[^$\s])?\$(?!\d)",
    re.DOTALL | re.MULTILINE,
)
"""Code and formulas: nothing in them is markup."""
_TAG = re.compile(r"(?<!\\)((?:\\\\)*)<(?=[A-Za-z/!?])")
_ANY_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_MARKUP = re.compile(r"[\\`*\[\]<~]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w{1,32};)")
_LINE_START = re.compile(
    r"^([ \t]*)([-+](?=\s|$)|#(?=#{0,5}(?:\s|$))|[>|]|-(?=-+[ \t]*$)|\d{1,9}[.)](?=\s|$))",
    re.MULTILINE,
)
_NOT_IN_YAML = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def line(text: str) -> str:
    """Plain text on one line, for a heading or a link's text."""
    return paragraph(" ".join(text.split()))


def paragraph(text: str) -> str:
    """Plain text, in which no sign is markup."""
    return _LINE_START.sub(
        lambda match: f"{match[1]}{match[2][:-1]}\\{match[2][-1]}",
        _MARKUP.sub(lambda match: f"\\{match.group()}", text),
    )


def without_html(markdown: str) -> str:
    """Markdown in which tags are text, as `Block` wants it; code and formulas read the same."""
    parts: list[str] = []
    end = 0
    for kept in _KEPT.finditer(markdown):
        formula = kept.group().startswith("$")
        parts += [_TAG.sub(r"\1\\<", markdown[end : kept.start()])]
        parts += [_ANY_TAG.sub("< ", kept.group()) if formula else kept.group()]
        end = kept.end()
    escaped = "".join([*parts, _TAG.sub(r"\1\\<", markdown[end:])])
    # A pattern sees code where there is none, now and then: safety comes before beauty.
    return _ANY_TAG.sub("&lt;", markdown) if _has_html(escaped) else escaped


def _has_html(markdown: str) -> bool:
    return any(
        each.type in {"html_inline", "html_block"}
        for token in _parser().parse(markdown)
        for each in (token, *(token.children or ()))
    )


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": True}).enable("table")


def inline(markdown: str) -> str:
    """Markdown on one line: a question, an answer, a meaning; formulas and code are kept."""
    return without_html(" ".join(markdown.split()))


def cell(markdown: str) -> str:
    """The same for a table's cell: with no bar that would end it."""
    parts: list[str] = []
    end = 0
    text = inline(markdown)
    for kept in _KEPT.finditer(text):
        formula = kept.group().startswith("$")
        parts += [_escape_bars(text[end : kept.start()])]
        parts += [(_name_bars if formula else _escape_bars)(kept.group())]
        end = kept.end()
    return "".join([*parts, _escape_bars(text[end:])])


def _escape_bars(text: str) -> str:
    return re.sub(r"(?<!\\)\|", r"\|", text)


def _name_bars(formula: str) -> str:
    # Programs differ in what `\\|` means in a table.
    return formula.replace(r"\|", r"\Vert ").replace("|", r"\vert ")


def yaml(text: str) -> str:
    """A string of YAML. Those of JSON are strings of YAML too, but for a few signs."""
    quoted = json.dumps(text, ensure_ascii=False)
    return _NOT_IN_YAML.sub(lambda match: f"\\u{ord(match.group()):04x}", quoted)
