"""Between plain text and Markdown, and the small change of comparing texts."""

import re
import unicodedata
from functools import lru_cache

_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_SPECIAL = re.compile(r"([\\`*\[\]<])|(?<!\w)_|_(?!\w)")
_LINE_START = re.compile(r"^(\s*)([-+#>]|\d{1,9}[.)])(?=\s)", re.MULTILINE)
_FORMULA = re.compile(r"\$\$.+?\$\$|\$[^$\s](?:[^$]*[^$\s])?\$(?!\d)", re.DOTALL)
_FENCE = re.compile(r"^(```|~~~).*?^\1\s*$", re.DOTALL | re.MULTILINE)
_LIST_MARK = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+", re.MULTILINE)
_BLANKS = re.compile(r"\s+")


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


def to_markdown(text: str) -> str:
    """Plain text as Markdown that reads the same. Formulas between dollars are left alone."""
    parts: list[str] = []
    end = 0
    for formula in _FORMULA.finditer(text):
        parts += [_escape(text[end : formula.start()]), formula.group()]
        end = formula.end()
    parts.append(_escape(text[end:]))
    return _LINE_START.sub(r"\1\\\2", "".join(parts))


def _escape(text: str) -> str:
    return _SPECIAL.sub(lambda match: "\\" + match.group(), text)


def to_plain(markdown: str) -> str:
    """The text of a block that `to_markdown` made; code is left out, list marks are dropped."""
    without_code = _FENCE.sub(" ", markdown)
    return fold(_ESCAPED.sub(r"\1", _LIST_MARK.sub("", without_code)))


def capitalised(text: str) -> str:
    """The first letter in upper case, the rest as it is."""
    return text[:1].upper() + text[1:]


def ended(text: str) -> str:
    """With a full stop, unless a mark of its own ends it."""
    return text if text.endswith((".", "!", "?", ":", "…")) else f"{text}."
