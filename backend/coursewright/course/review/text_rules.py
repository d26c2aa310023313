"""Rules for every text that is shown: nothing hidden, nothing that a browser would run."""

import re
import unicodedata

from coursewright.course.review.rule import Context
from coursewright.course.study import StudyItem

_ACTIVE = re.compile(
    r"<\s*/?\s*(?:script|iframe|object|embed|style|link|meta|svg|img|form|input|base)\b"
    r"|<[a-z][^<>]*[\s/\"']on\w+\s*="
    r"|\]\(\s*(?:javascript|data|vbscript|file):"
    r"|!\[[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*\]\(",
    re.IGNORECASE,
)
_HIDING = frozenset(
    "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    "\u200b\ufeff\u2060\u2061\u2062\u2063\u2064\u180e\u115f\u1160\u3164\uffa0\u2800"
)
"""Marks that turn or hide text: what is read is not what is there (Unicode TR 36)."""


def unsafe(*texts: str) -> str | None:
    """Why one of the texts is not plain text; None when all are."""
    for text in texts:
        if _ACTIVE.search(text):
            return "it holds markup that a browser could run or load"
        if hidden(text):
            return "it holds characters that cannot be seen"
    return None


def hidden(text: str) -> bool:
    """Whether it holds marks that turn or hide text, or that no text has."""
    return any(
        char in _HIDING or (unicodedata.category(char) in {"Cc", "Cs"} and char not in "\n\t")
        for char in text
    )


def quoted(item: StudyItem, context: Context) -> str | None:
    """The words that an item rests on stand in its chapter."""
    if not item.quotation.strip():
        return "it names no words of the chapter that it rests on"
    if not context.contains(item.quotation):
        return "the words that it rests on are not in the chapter"
    return None
