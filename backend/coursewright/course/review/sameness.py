"""When two texts say the same, and when one stands in another.

`normal` knows letters and digits only. That is right for prose; but `-5` and `5`, `C` and `C++`,
`$x^2$` and `$x_2$` are different answers. So signs count here, except those of typography and
Markdown, which say nothing.
"""

import re
import unicodedata
from functools import lru_cache

from coursewright.course.text import fold, normal, stems, to_plain

_TYPOGRAPHY = frozenset("'’‘`´\"“”„«»‹›.,;:!?¿¡…—–‐‑_*~\\()")
_MARKUP = re.compile(r"\*{1,3}(?=\S)|(?<=\S)\*{1,3}|`+|(?<!\w)_{1,2}(?=\w)|(?<=\w)_{1,2}(?!\w)")
_GROUPED = re.compile(r"(?<=\d)[,\u00a0\u202f ](?=\d{3}(?!\d))")
"""What separates thousands."""
_FORMULA = re.compile(r"\$(?=\S)([^$]+)(?<=\S)\$|`([^`]+)`")
_MINUS = re.compile(r"(?<!\w)[-−](?=[\d.])")
_UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR")
_LEAST_UNSPACED = 2


@lru_cache(maxsize=8192)
def said(text: str) -> tuple[str, str]:
    """What a text says, for comparing: its words, and the signs that are no typography."""
    formula = any(match for match in _FORMULA.finditer(text))
    plain = unicodedata.normalize("NFC", _GROUPED.sub("", text))
    if formula:
        plain = _FORMULA.sub(lambda match: f" {match[1] or match[2]} ", plain)
        # Where signs are, what they stand at, and the case of letters count in formulas and code.
        return normal(plain), re.sub(r"\s+", "", plain).casefold()
    plain = _MINUS.sub("−", to_plain(_MARKUP.sub("", plain)))
    signs = "".join(char for char in plain if _is_sign(char))
    return normal(plain), signs if normal(plain) else (signs or fold(text))


def say_the_same(one: str, other: str) -> bool:
    """Whether two texts differ in nothing but case, white space, accents, typography, markup."""
    if said(one) != said(other):
        return False
    formulas = [_FORMULA.search(text) is not None for text in (one, other)]
    if not all(formulas):
        return True
    # x and X are two variables, print and Print two names.
    return fold(one).replace(" ", "") == fold(other).replace(" ", "")


def stands_in(part: str, whole: str) -> bool:
    """Whether the words of one text stand in another, one after the other.

    Where a script sets no spaces, it is enough that the characters stand there.
    """
    return _within(normal(part), normal(whole))


def stems_stand_in(part: str, whole: str) -> bool:
    """The same for stems: `gradients` stand where there is a `gradient`."""
    return _within(" ".join(stems(part)), " ".join(stems(whole)))


def is_unspaced(text: str) -> bool:
    """Whether it is of a script that sets no spaces between words."""
    return any(unicodedata.name(char, "").startswith(_UNSPACED) for char in text)


def _within(part: str, whole: str) -> bool:
    if not part:
        return False
    if f" {part} " in f" {whole} ":
        return True
    return len(part) >= _LEAST_UNSPACED and is_unspaced(part) and part in whole


def _is_sign(char: str) -> bool:
    if char.isspace() or char in _TYPOGRAPHY or char == "-":
        return False
    # Raised and lowered digits are letters to `normal`: m² would be m₂.
    return not char.isalnum() or unicodedata.decomposition(char).startswith(("<super>", "<sub>"))
