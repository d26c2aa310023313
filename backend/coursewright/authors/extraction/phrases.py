"""Key phrases: what a text is about. After RAKE (Rose et al. 2010): runs of content words between
function words; weighted by how often they come and how rare their words are in general.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from coursewright.authors.extraction.languages import Language
from coursewright.authors.extraction.sentences import Sentence
from coursewright.authors.extraction.text import stems

MOST_WORDS = 3
_TOKEN = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|\d+(?:[.,]\d+)*|[^\w\s]")
_NO_PROSE = re.compile(r"\$\$.+?\$\$|\$[^$\s](?:[^$]*[^$\s])?\$(?!\d)|`[^`]+`|\\[a-zA-Z]+")
"""Formulas and code: their words are no words of the text."""
_POSSESSIVE = re.compile(r"['’]s$")
_COMMON = 5.2
"""On the Zipf scale of `wordfreq` (van Heuven et al. 2014): from here up a word is everyday's."""


_NUMBERS = frozenset(
    """
    eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty
    forty fifty sixty seventy eighty ninety million billion trillion dozen half quarter twice
    """.split()  # noqa: SIM905 - a list of words reads best so
)


@dataclass(frozen=True)
class Phrase:
    """A run of content words."""

    text: str
    """As it is mostly written within a sentence."""
    count: int
    score: float

    @property
    def key(self) -> str:
        """For telling phrases apart."""
        return " ".join(stems(self.text))


def find(sentences: Iterable[Sentence], language: Language, *, least: int = 2) -> list[Phrase]:
    """The phrases that come at least `least` times as nouns, the weightiest first."""
    written: defaultdict[str, Counter[str]] = defaultdict(Counter)
    as_noun: defaultdict[str, float] = defaultdict(float)
    for sentence in sentences:
        for run in _runs(sentence.text, language):
            count = len(run.words)
            for size in range(1, min(count, MOST_WORDS) + 1):
                for start in range(count - size + 1):
                    text = " ".join(run.words[start : start + size])
                    key = " ".join(stems(text))
                    written[key][text] += 1
                    as_noun[key] += run.evidence(start, start + size, language)
    found = [
        Phrase(text, forms.total(), weight)
        for key, forms in written.items()
        if forms.total() >= least and as_noun[key] > 0
        for text in [max(forms, key=lambda form: (forms[form], form[:1].isupper(), form))]
        if (weight := _weight(text, forms.total(), language)) > 0
    ]
    found.sort(key=lambda phrase: (-phrase.score, phrase.text))
    return _without_parts(found)


@dataclass(frozen=True)
class _Run:
    """Content words in a row, with the words around them."""

    before: str
    words: tuple[str, ...]
    after: str

    def evidence(self, start: int, end: int, language: Language) -> float:
        """Whether the words from `start` to `end` are used as a noun here: more than 0 if so.
        There is no tagger; the neighbours tell: `the query is`, `to query the`.
        """
        score = 0.0
        if start == 0:
            score += (self.before in language.before_nouns) - (self.before in language.before_verbs)
        if end == len(self.words):
            takes_object = self.after in language.articles or self.after in {"its", "it", "them"}
            score += 0.3 - 1.5 * takes_object
        elif end - start == 1:
            score -= 0.2
        return score


def _runs(text: str, language: Language) -> list[_Run]:
    runs: list[_Run] = []
    words: list[str] = []
    before = ""
    prose = _NO_PROSE.sub(" . ", text)
    for number, found in enumerate([*_TOKEN.findall(prose), "."]):
        token = _POSSESSIVE.sub("", found)
        possessive = token != found
        usable = token[:1].isalpha() and len(token) > 1 and token.lower() not in language.stopwords
        if usable:
            # The first word of a sentence is a capital one by position only.
            words.append(token.lower() if number == 0 and token.istitle() else token)
        if (not usable or possessive) and words:
            runs.append(_Run(before, tuple(words), found.lower()))
            words = []
        if not words:
            before = found.lower()
    return runs


def _weight(text: str, count: int, language: Language) -> float:
    words = text.split()
    rarity = [max(0.0, _COMMON - frequency(word.lower(), language.tag)) for word in words]
    if language.tag == "en" and len(words) == 1 and words[0].endswith("ed"):
        return 0.0  # a participle, however it is used
    if language.tag == "en" and len(words) == 1 and words[0].lower() in _NUMBERS:
        return 0.0
    if max(rarity) < 0.8 or len(text) < 4:  # noqa: PLR2004 - everyday words, or too short to be a term
        return 0.0
    return math.log1p(count) * sum(rarity) / math.sqrt(len(words))


@lru_cache(maxsize=32768)
def frequency(word: str, tag: str) -> float:
    """How common a word is, on the Zipf scale: 7 is `the`, 3 is rare, 0 is unknown."""
    import wordfreq  # noqa: PLC0415 - 0.4 s that only writing needs

    return wordfreq.zipf_frequency(word, tag)


def _without_parts(found: list[Phrase]) -> list[Phrase]:
    """Drops a phrase that comes (almost) only inside of a longer one."""
    kept: list[Phrase] = []
    longer = sorted(found, key=lambda phrase: -len(phrase.text.split()))
    inside: Counter[str] = Counter()
    for phrase in longer:
        parts = phrase.key.split()
        if phrase.count - inside[phrase.key] < max(2, phrase.count // 3) and inside[phrase.key]:
            continue
        kept.append(phrase)
        for size in range(1, len(parts)):
            for start in range(len(parts) - size + 1):
                inside[" ".join(parts[start : start + size])] += phrase.count
    kept_keys = {phrase.key for phrase in kept}
    return [phrase for phrase in found if phrase.key in kept_keys]
