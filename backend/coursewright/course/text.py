"""Comparing texts: white space, case, accents, crude stems, Markdown markup."""

import re
import unicodedata
from functools import lru_cache

_BLANKS = re.compile(r"\s+")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_FENCE = re.compile(r"^(```|~~~)[^\n]*\n(.*?)^\1[`~]*\s*$", re.DOTALL | re.MULTILINE)
_LIST_MARK = re.compile(r"^[ \t]*(?:[-*+]|\d{1,9}[.)]|>)[ \t]+", re.MULTILINE)
_HEADING_MARK = re.compile(r"^#{1,6}[ \t]+", re.MULTILINE)
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)\s]*\)")
_EMPHASIS = re.compile(r"(?<!\\)(\*{1,3}|`+)|(?<!\\)(?<!\w)_{1,2}(?=\w)|(?<=\w)(?<!\\)_{1,2}(?!\w)")


def fold(text: str) -> str:
    """White space folded to single spaces."""
    return _BLANKS.sub(" ", text).strip()


@lru_cache(maxsize=8192)
def normal(text: str) -> str:
    """For comparing: case and accents apart, letters and digits only, single spaces."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(
        char if char.isalnum() else " " for char in plain if not unicodedata.combining(char)
    )
    return fold(kept)


@lru_cache(maxsize=16384)
def stem(word: str) -> str:
    """A crude stem: enough to see that `gradients` and `gradient` are the same word."""
    word = normal(word)
    for ending, least in (("ies", 5), ("sses", 6), ("es", 6), ("s", 4)):
        if word.endswith(ending) and len(word) >= least and not word.endswith(("ss", "us", "is")):
            return word[: -len(ending)] + {"ies": "y", "sses": "ss"}.get(ending, "")
    return word


def stems(text: str) -> list[str]:
    """The stems of all words and numbers of a text, in order."""
    return [stem(word) for word in normal(text).split()]


def to_plain(markdown: str, *, code: bool = True) -> str:
    """The words of a Markdown text, as a reader sees them, in one line.

    `code` keeps what stands in fenced blocks.
    """
    text = _FENCE.sub(r"\2" if code else " ", markdown)
    text = _HEADING_MARK.sub("", _LIST_MARK.sub("", text))
    text = _EMPHASIS.sub("", _LINK.sub(r"\1", text))
    return fold(_ESCAPED.sub(r"\1", text))
