"""What a person typed as a topic, brought into a form that can be compared."""

import re
import unicodedata

_WORD = re.compile(r"[a-z0-9][a-z0-9+#]*")
_FILLERS_WORDS = """
    a an the of in on to for and or with about into from by how does do what is are why
    introduction intro introductory basics basic fundamentals fundamental essentials elements
    foundations foundation beginner beginners beginning starter absolute complete full short
    quick crash course courses class lesson lessons tutorial guide primer overview handbook
    bootcamp 101 learn teach me understanding understand explained explain simple simply easy
    first steps step getting started start principles concepts concept core key theory
    practice practical my your us everyone everybody dummies students student engineers
    engineer developers developer programmers programmer teachers teacher kids children
    professionals managers scientists analysts school high college university
"""
_FILLERS = frozenset(_FILLERS_WORDS.split())
"""Words of a topic that do not say what it is about."""
_GENITIVE = re.compile(r"(?<=\w)['\u2019]s\b")
_STEMS = (("ie", "y"), ("sse", "ss"), ("xe", "x"), ("che", "ch"), ("she", "sh"))
"""Cut from the singular as well: "cookies" must meet "cookie", and "theories" "theory"."""


def tokens(text: str) -> tuple[str, ...]:
    """All words: lower case, without accents, plurals cut. "C++" and "C#" stay what they are."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(each for each in plain if not unicodedata.combining(each))
    return tuple(_singular(word) for word in _WORD.findall(_GENITIVE.sub("", plain)))


def content(text: str) -> tuple[str, ...]:
    """The words that say what it is about; all words when nothing else is left."""
    found = tokens(text)
    return tuple(word for word in found if word not in _FILLERS) or found


def contains(words: tuple[str, ...], phrase: tuple[str, ...]) -> bool:
    """Whether a phrase stands in words, one word after the other."""
    width = len(phrase)
    return bool(phrase) and any(
        words[start : start + width] == phrase for start in range(len(words) - width + 1)
    )


def _singular(word: str) -> str:
    if len(word) <= 3 or word.endswith(("ss", "us", "is")) or word in _FILLERS:  # noqa: PLR2004 - "gas", "sql"
        return word
    word = word.removesuffix("s")
    for ending, instead in _STEMS:
        if word.endswith(ending) and len(word) > 3:  # noqa: PLR2004 - "pie", "axe"
            return word[: -len(ending)] + instead
    return word
