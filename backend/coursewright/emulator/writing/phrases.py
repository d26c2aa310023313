"""Comparing and rewording phrases."""

import re
from functools import lru_cache

_WORD = re.compile(r"[^\W_]+")
_ARTICLES = {"a", "an", "the", "one"}
_OTHER_WORDS = {
    "that": "which", "who": "that", "with": "having", "without": "lacking", "between": "among",
    "about": "concerning", "describes": "depicts", "shows": "displays", "holds": "contains",
    "begins": "starts", "small": "little", "large": "big", "way": "manner", "made": "built",
    "kept": "held", "uses": "employs", "used": "employed", "part": "piece", "fixes": "settles",
    "from": "out of", "for": "meant for", "by": "by means of", "in": "within", "gives": "supplies",
    "people": "persons", "several": "various", "carries": "transports", "needs": "requires",
}  # fmt: skip
"""A word, and what can stand in its place. Rather clumsy than wrong."""
_SAME = {other: word for word, other in _OTHER_WORDS.items()} | {"which": "who", "that": "who"}
_PHRASES = tuple(
    (f" {other} ", f" {_SAME[other]} ") for other in sorted(_SAME, key=len, reverse=True)
)
_ABSOLUTE = re.compile(
    r"\b(?:always|never|absolutely|completely|entirely|invariably|often|usually|sometimes"
    r"|frequently|rarely|seldom|occasionally|most of the time|in many cases)\b",
    re.IGNORECASE,
)
_LEAST = 4


def words(text: str) -> list[str]:
    """Letters and digits only, in lower case."""
    return _WORD.findall(text.lower())


@lru_cache(maxsize=4096)
def bare(text: str) -> str:
    """The words with single spaces, one at each end, so that whole words can be looked for."""
    return f" {' '.join(words(text))} "


@lru_cache(maxsize=4096)
def canonical(text: str) -> str:
    """The same for all wordings that `reworded` makes of a text; articles say nothing."""
    found = f" {' '.join(word for word in words(text) if word not in _ARTICLES)} "
    for other, word in _PHRASES:
        found = found.replace(other, word)
    return found


def reworded(text: str) -> str | None:
    """The same in other words; None where no word can be replaced."""
    replaced = 0
    made: list[str] = []
    for word in text.split():
        other = _OTHER_WORDS.get(word)
        replaced += other is not None
        made.append(other or word)
    return " ".join(made) if replaced else None


def is_clear(text: str) -> bool:
    """Whether it does without words that give options away or mean something else to everybody."""
    return _ABSOLUTE.search(text) is None


@lru_cache(maxsize=4096)
def carrying(text: str) -> frozenset[str]:
    """The words that carry meaning, crudely without the endings of plurals."""
    return frozenset(word.removesuffix("s") for word in words(text) if len(word) >= _LEAST)


def shorten(text: str, most: int) -> str:
    """All of it, or its longest beginning that ends well, within so many words."""
    while len(text.split()) > most:
        head, found, _ = text.rpartition(",")
        if not found:
            head, found, _ = text.rpartition(" and ")
        if not found:
            return " ".join(text.split()[:most]).rstrip(" ,;:")
        text = head
    return text.rstrip(" ,;:")


def capital(text: str) -> str:
    """With a capital at the beginning."""
    return text[:1].upper() + text[1:]


def unmarked(text: str) -> str:
    """Without the marks of bold text."""
    return text.replace("**", "")
