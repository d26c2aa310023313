"""Between plain text and Markdown."""

import re

from coursewright.course.text import fold, normal, stem, stems, to_plain

__all__ = ["capitalised", "ended", "fold", "normal", "plain", "stem", "stems", "to_markdown"]

_SPECIAL = re.compile(r"[\\`*\[\]<~]|(?<=\])\(|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w{1,32};)")
_LINE_START = re.compile(
    r"^(\s*)([-+](?=\s|$)|#(?=#{0,5}(?:\s|$))|[>|]|-(?=-+\s*$)|\d{1,9}[.)](?=\s|$))", re.MULTILINE
)
_FORMULA = re.compile(r"\$\$.+?\$\$|\$[^$\s](?:[^$]*[^$\s])?\$(?!\d)", re.DOTALL)

_HOLE = "\ufdd0"
"""Stands for a formula; Unicode keeps it free for such use: no text has it."""


def to_markdown(text: str) -> str:
    """Plain text as Markdown that reads the same. Formulas between dollars are left alone."""
    parts: list[str] = []
    end = 0
    for formula in _FORMULA.finditer(text):
        parts += [_escape(text[end : formula.start()]), formula.group()]
        end = formula.end()
    parts.append(_escape(text[end:]))
    return _LINE_START.sub(_escape_mark, "".join(parts))


def _escape_mark(match: re.Match[str]) -> str:
    # Of `1.` only the point can be escaped, of `-` the whole.
    return f"{match[1]}{match[2][:-1]}\\{match[2][-1]}"


def _escape(text: str) -> str:
    return _SPECIAL.sub(lambda match: "\\" + match.group(), text)


def plain(markdown: str) -> str:
    """The text of a block that `to_markdown` made; code is left out, formulas stay as they are."""
    formulas = [match.group() for match in _FORMULA.finditer(markdown)]
    text = to_plain(_FORMULA.sub(_HOLE, markdown.replace(_HOLE, " ")), code=False)
    for formula in formulas:
        text = text.replace(_HOLE, fold(formula), 1)
    return text


def capitalised(text: str) -> str:
    """The first letter in upper case, the rest as it is."""
    return text[:1].upper() + text[1:]


def ended(text: str) -> str:
    """With a full stop, unless a mark of its own ends it."""
    return text if text.endswith((".", "!", "?", ":", "…")) else f"{text}."
