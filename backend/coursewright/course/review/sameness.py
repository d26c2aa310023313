"""When two texts say the same, and when one stands in another.

`normal` knows letters and digits only. That is right for prose; but `-5` and `5`, `C` and `C++`,
`$x^2$` and `$x_2$` are different answers. So signs count here, except those of typography and
Markdown, which say nothing.
"""

import re
import unicodedata
from functools import lru_cache

from coursewright.course.text import fold, normal, stems

_TYPOGRAPHY = frozenset("'’‘`´\"“”„«»‹›.,;:!?¿¡…—–‐‑-\\()$")
_MARKUP = re.compile(r"\*{1,3}(?=\S)|(?<=\S)\*{1,3}|`+|(?<!\w)_{1,2}(?=\w)|(?<=\w)_{1,2}(?!\w)")
_GROUPED = re.compile(r"(?<=\d)[,\u00a0\u202f ](?=\d{3}(?!\d))")
"""What separates thousands."""
_FORMULA = re.compile(r"\$(?=\S)([^$]+)(?<=\S)\$|`([^`]+)`")
_MINUS = re.compile(r"(?<!\w)[-−](?=[\d.])")
_UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR")
_LEAST_UNSPACED = 2


def said(text: str) -> tuple[str, str]:
    """What a text says, for comparing: its words, and the signs that are no typography."""
    return _said(text, _has_formula(text))


def say_the_same(one: str, other: str) -> bool:
    """Whether two texts differ in nothing but case, white space, accents, typography, markup."""
    formulas = [_has_formula(one), _has_formula(other)]
    if _said(one, any(formulas)) != _said(other, any(formulas)):
        return False
    # x and X are two variables, print and Print two names.
    return not all(formulas) or _squeezed(one) == _squeezed(other)


@lru_cache(maxsize=8192)
def _said(text: str, formula: bool) -> tuple[str, str]:  # noqa: FBT001 - a key of the cache
    plain = _GROUPED.sub("", unicodedata.normalize("NFC", text))
    plain = _squeezed(plain) if formula else _MARKUP.sub("", fold(plain))
    plain = _MINUS.sub("−", plain)
    kept = "{}\\" if formula else _TYPOGRAPHY
    signs = "".join(char for char in plain if char not in kept and _is_sign(char))
    words = normal(_FORMULA.sub(r" \1\2 ", text) if formula else _GROUPED.sub("", text))
    return words, signs or ("" if words else fold(text))


def _has_formula(text: str) -> bool:
    return _FORMULA.search(text) is not None


def _squeezed(text: str) -> str:
    """Without white space, and without what marks formulas and code."""
    bare = _FORMULA.sub(r"\1\2", text) if _has_formula(text) else _MARKUP.sub("", text)
    return re.sub(r"[\s{}]+", "", bare)


def stands_in(part: str, whole: str) -> bool:
    """Whether the words of one text stand in another, one after the other.

    Where a script sets no spaces, it is enough that the characters stand there.
    """
    return _within(normal(part), normal(whole))


def gives_away(answer: str, text: str) -> bool:
    """Whether an answer stands in a text, unless it is a mere digit or letter."""
    short = len(normal(answer)) <= 2 and not is_unspaced(answer)  # noqa: PLR2004 - see above
    return not short and stands_in(answer, text)


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
    if char.isspace():
        return False
    # Raised and lowered digits are letters to `normal`: m² would be m₂.
    return not char.isalnum() or unicodedata.decomposition(char).startswith(("<super>", "<sub>"))
