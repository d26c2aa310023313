"""Sentences with a gap: the sentence as it stands, one term taken out."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from coursewright.authors.extraction.analysis import Analysis
from coursewright.authors.extraction.centrality import content_stems, score
from coursewright.authors.extraction.sentences import Sentence
from coursewright.course.study import GAP

_WORDS = (8, 34)
"""Shorter ones give no hold, longer ones are not read."""
_SPECIFIC = 4
"""Content words beside the term: less could be said of anything."""


_FIXED_BEFORE = re.compile(r"\b[A-Z][A-Z]*\s+$")
_FIXED_AFTER = re.compile(r"\s+[A-Z]{2,}\b")
"""Beside capitals a word is part of a fixed expression: `IS ____`, `F ____`."""


@dataclass(frozen=True)
class Cloze:
    """A sentence in which a term is missing."""

    term: str
    """As within a sentence."""
    written: str
    """As it stood in the gap."""
    text: str
    sentence: Sentence
    weight: float


@lru_cache(maxsize=8)
def find(here: Analysis, course: Analysis) -> tuple[Cloze, ...]:
    """At most one gap in each sentence of `here` that stands alone and defines nothing, and two
    for each term: first for terms that the course defines, then for key phrases; best first.
    """
    weights = dict(zip(here.sentences, score(here.sentences, here.language), strict=True))
    defining = {definition.sentence for definition in here.definitions}
    defined = _defined(here, course)
    groups = [
        [(term, term.lower()) for term in sorted(terms, key=len, reverse=True)]
        for terms in (defined, _phrases(here, course, set(defined)))
    ]
    found: list[tuple[bool, Cloze]] = []
    for sentence in here.complete:
        if sentence in defining or not usable(sentence):
            continue
        for second_best, group in enumerate(groups):
            best = _gap(sentence, group, weights[sentence], here)
            if best is not None:
                found.append((bool(second_best), best))
                break
    found.sort(key=lambda item: (item[0], -item[1].weight, item[1].text))
    return tuple(_spread([cloze for _, cloze in found]))


def _defined(here: Analysis, course: Analysis) -> list[str]:
    every = (*here.definitions, *course.definitions)
    return list(dict.fromkeys(definition.term for definition in every))


def _phrases(here: Analysis, course: Analysis, defined: set[str]) -> list[str]:
    """Key phrases of this text, then those of the whole course, as far as they come again."""
    own = [phrase.text for phrase in here.phrases if phrase.count > 1][:40]
    elsewhere = [phrase.text for phrase in course.phrases[:200] if phrase.count > 1]
    return [term for term in dict.fromkeys([*own, *elsewhere]) if term not in defined]


def _gap(
    sentence: Sentence,
    terms: Sequence[tuple[str, str]],
    weight: float,
    analysis: Analysis,
) -> Cloze | None:
    low = sentence.text.lower()
    for term, folded in terms:
        if folded not in low:  # most are not, and this is much quicker than a pattern
            continue
        matches = list(_pattern(term).finditer(sentence.text))
        if len(matches) != 1:
            continue
        match = matches[0]
        if _FIXED_BEFORE.search(sentence.text[: match.start()]) or _FIXED_AFTER.match(
            sentence.text[match.end() :]
        ):
            continue
        text = sentence.text[: match.start()] + GAP + sentence.text[match.end() :]
        rest = content_stems(text, analysis.language)
        if len(rest) < _SPECIFIC or rest & content_stems(term, analysis.language):
            continue
        return Cloze(term, match.group(), text, sentence, weight)
    return None


@lru_cache(maxsize=4096)
def _pattern(term: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-]){re.escape(term)}(?![\w-])", re.IGNORECASE)


def usable(sentence: Sentence) -> bool:
    """Whether a gap in it gives a fair question: not too short, not too long."""
    least, most = _WORDS
    return least <= sentence.words <= most and sentence.speakable


def _spread(found: Sequence[Cloze]) -> list[Cloze]:
    count: dict[str, int] = {}
    kept: list[Cloze] = []
    for cloze in found:
        count[cloze.term] = count.get(cloze.term, 0) + 1
        if count[cloze.term] <= 2:  # noqa: PLR2004 - a third one repeats
            kept.append(cloze)
    return kept
