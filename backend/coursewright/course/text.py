"""Comparing texts: white space, case, accents, crude stems, Markdown markup."""

import re
import unicodedata
from functools import lru_cache

_BLANKS = re.compile(r"\s+")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_FENCE = re.compile(r"(```|~~~)([`~]*\s*$)?")
_LIST_MARK = re.compile(r"^[ \t]*(?:[-*+]|\d{1,9}[.)]|>)[ \t]+", re.MULTILINE)
_HEADING_MARK = re.compile(r"^#{1,6}[ \t]+", re.MULTILINE)
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^)\s]{0,2000}\)")
"""The bound keeps a text of nothing but beginnings of links from taking minutes."""
_SIGN = (
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
    "\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f"
)
"""Chinese and Japanese signs: each counts as a word, as in word processors."""
_LETTERS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
"""Thai, Lao, Burmese, Khmer: letters, of which about five are a word."""
_UNSPACED = re.compile(f"[{_SIGN}{_LETTERS}]")
_WORD = re.compile(
    rf"[{_SIGN}][\u3000-\u303f\uff00-\uff65]*|[{_LETTERS}]{{1,5}}|[^\s{_SIGN}{_LETTERS}]+"
)
_PLURALS = (
    ("ies", 5, "y"), ("sses", 6, "ss"), ("xes", 5, "x"), ("shes", 6, "sh"), ("ches", 6, "ch"),
    ("oes", 6, "o"), ("ruses", 6, "rus"), ("s", 4, ""),
)  # fmt: skip
"""Ending, least letters of the word, what stays: the e of `molecules`, not that of `boxes`."""
_ACCENTED = ("LATIN", "GREEK", "CYRILLIC", "ARABIC", "HEBREW", "DIGIT")
_EMPHASIS = re.compile(
    r"(?<!\\)(?:\*{1,3}(?=\S)|(?<=\S)\*{1,3}|`+)|(?<!\\)(?<!\w)_{1,2}(?=\w)|(?<=\w)(?<!\\)_{1,2}(?!\w)"
)


def fold(text: str) -> str:
    """White space folded to single spaces."""
    return _BLANKS.sub(" ", text).strip()


def count_words(text: str) -> int:
    """Roughly how many words there are, in scripts that set no spaces, too."""
    if _UNSPACED.search(text) is None:
        return len(text.split())
    return sum(1 for _ in _WORD.finditer(text))


def first_words(text: str, words: int) -> str:
    """The beginning of a text that is longer, with an ellipsis; else the text."""
    if count_words(text) <= words:
        return text
    if _UNSPACED.search(text) is None:
        return " ".join([*text.split()[:words], "..."])
    ends = [0, *(found.end() for found in _WORD.finditer(text))]
    return f"{text[: ends[max(0, words)]]} ..."


@lru_cache(maxsize=8192)
def normal(text: str) -> str:
    """For comparing: case and accents apart, letters and digits only, single spaces.

    Marks that are no accents but vowels, or make another letter of one, stay.
    """
    plain = unicodedata.normalize("NFKD", text).casefold()
    if plain.isascii():
        return fold("".join(char if char.isalnum() else " " for char in plain))
    kept: list[str] = []
    for char in unicodedata.normalize("NFKD", plain):
        if unicodedata.category(char)[0] == "M":
            if kept and kept[-1] != " " and not _takes_accents(kept[-1][0]):
                kept[-1] += char
        else:
            kept.append(char if char.isalnum() else " ")
    return fold(unicodedata.normalize("NFC", "".join(kept)))


@lru_cache(maxsize=4096)
def _takes_accents(char: str) -> bool:
    """Whether marks at a letter are accents, or points that may be left out."""
    return unicodedata.name(char, "").startswith(_ACCENTED)


@lru_cache(maxsize=16384)
def stem(word: str) -> str:
    """A crude stem: enough to see that `gradients` and `gradient` are the same word."""
    word = normal(word)
    for ending, least, short in _PLURALS:
        if word.endswith(ending) and len(word) >= least and not word.endswith(("ss", "us", "is")):
            return word[: -len(ending)] + short
    return word


def stems(text: str) -> list[str]:
    """The stems of all words and numbers of a text, in order."""
    return [stem(word) for word in normal(text).split()]


def features(text: str) -> set[str]:
    """By what to see that two texts speak of the same: stems; pairs of signs without spaces."""
    found: set[str] = set()
    for word in stems(text):
        if _UNSPACED.search(word) is None:
            found.add(word)
        else:
            found.update(word[at : at + 2] for at in range(max(1, len(word) - 1)))
    return found


@lru_cache(maxsize=1024)
def to_plain(markdown: str, *, code: bool = True) -> str:
    """The words of a Markdown text, as a reader sees them, in one line.

    `code` keeps what stands in fenced blocks.
    """
    text = _unfenced(markdown, code=code)
    text = _HEADING_MARK.sub("", _LIST_MARK.sub("", text))
    text = _EMPHASIS.sub("", _LINK.sub(r"\1", _LINK.sub(r"\1", text)))
    return fold(_ESCAPED.sub(r"\1", text))


def _unfenced(markdown: str, *, code: bool) -> str:
    """Without the marks of fences; and without what is fenced, unless `code`.

    Line by line: a text of nothing but beginnings of fences takes no longer than any other.
    """
    lines = markdown.split("\n")
    marks = [_FENCE.match(line) for line in lines]
    closing: dict[str, list[int]] = {"```": [], "~~~": []}
    for at in range(len(lines) - 1, -1, -1):
        mark = marks[at]
        if mark is not None and mark[2] is not None:
            closing[mark[1]].append(at)
    kept: list[str] = []
    at = 0
    while at < len(lines):
        mark = marks[at]
        if mark is not None:
            ends = closing[mark[1]]
            while ends and ends[-1] <= at:
                ends.pop()
            if ends:
                kept += lines[at + 1 : ends[-1]] if code else [" "]
                at = ends[-1] + 1
                continue
        kept.append(lines[at])
        at += 1
    return "\n".join(kept)
