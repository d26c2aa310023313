"""Terms as letters for a grid or a keyboard; the clue keeps the original."""

import re
import unicodedata
from functools import lru_cache

_SPELT_OUT = {
    "ß": "SS", "ẞ": "SS", "æ": "AE", "œ": "OE", "ø": "O", "ł": "L", "đ": "D", "ð": "D",
    "þ": "TH", "ı": "I", "ŋ": "NG", "ſ": "S",
}  # fmt: skip
_MARKS_DROPPED = ("LATIN", "GREEK", "CYRILLIC")
"""Scripts whose accents are left out in puzzles; in others marks are part of the letter."""


@lru_cache(maxsize=4096)
def cells(term: str) -> tuple[str, ...]:
    """The letters and digits of a term in upper case, without accents, spaces or punctuation.

    A letter of a script that writes vowels as marks keeps them: one cell is what a reader calls a
    letter.
    """
    found: list[str] = []
    for char in unicodedata.normalize("NFC", term):
        category = unicodedata.category(char)
        if category[0] == "M":
            if found and not _drops_marks(found[-1]):
                found[-1] += char
        elif category[0] == "L" or category == "Nd":
            found.extend(_letters(char))
    return tuple(found)


def _letters(char: str) -> list[str]:
    spelt = _SPELT_OUT.get(char.lower())
    if spelt is not None:
        return list(spelt)
    if _drops_marks(char):
        base = unicodedata.normalize("NFKD", char)
        return [each.upper() for each in base if each.isalnum() and len(each.upper()) == 1]
    return [char.upper() if len(char.upper()) == 1 else char]


def _drops_marks(char: str) -> bool:
    return unicodedata.name(char[0], "").startswith(_MARKS_DROPPED)


def pattern(term: str) -> str:
    """How many letters each word has, as under a clue: `(7,8)`, `(3-2)`."""
    parts = [part for part in re.split(r"([\s\-–/]+)", term) if part]
    written = ""
    for part in parts:
        count = len(cells(part))
        if count:
            written += str(count)
        elif written and not written.endswith((",", "-")):
            written += "-" if "-" in part or "–" in part else ","
    return f"({written.rstrip(',-')})"
