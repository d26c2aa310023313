"""Markdown to HTML that can be trusted: raw HTML is text, links lead only to the web."""

import re
from functools import lru_cache
from html import escape
from typing import Any

from latex2mathml.converter import convert
from markdown_it import MarkdownIt
from markupsafe import Markup
from mdit_py_plugins.dollarmath import dollarmath_plugin

_CHEMISTRY = re.compile(r"\\(ce|pu)\b")
"""latex2mathml reads these silently wrong: such formulas stay as they are written."""
_UNSAFE_MATHML = re.compile(
    r"<\s*/?\s*(script|iframe|object|embed|style|a)\b|\bon\w+\s*=|href", re.IGNORECASE
)


@lru_cache(maxsize=1)
def _renderer() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    return markdown.use(dollarmath_plugin, renderer=_formula, allow_digits=False)


def to_html(text: str) -> Markup:
    """One block or a whole text. Headings are moved down by one level: the page has the first."""
    return Markup(_renderer().render(text))  # noqa: S704 - raw HTML is off, and formulas are checked


def inline(text: str) -> Markup:
    """A line without paragraphs around it, such as an option or a term."""
    return Markup(_renderer().renderInline(text))  # noqa: S704 - as above


def _formula(content: str, options: dict[str, Any]) -> str:
    source = escape(content)
    block = bool(options.get("display_mode"))
    if not _CHEMISTRY.search(content):
        try:
            mathml = convert(content, display="block" if block else "inline")
        except Exception:  # noqa: BLE001 - the library raises whatever it stumbles over
            mathml = ""
        if mathml and not _UNSAFE_MATHML.search(mathml):
            return mathml.replace("<math ", f'<math alttext="{source}" ', 1)
    return f"<pre><code>{source}</code></pre>" if block else f"<code>{source}</code>"
