"""Sentences with a gap: the sentence as it stands, one term taken out."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from coursewright.authors.extraction.analysis import Analysis
from coursewright.authors.extraction.centrality import content_stems, score
from coursewright.authors.extraction.definitions import Definition
from coursewright.authors.extraction.sentences import Sentence
from coursewright.course.study import GAP

_WORDS = (8, 34)
"""Shorter ones give no hold, longer ones are not read."""
_SPECIFIC = 4
"""Content words beside the term: less could be said of anything."""


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


def terms_of(analysis: Analysis, course: Analysis) -> list[str]:
    """The terms that sentences of this text can be asked for: what the course defines, then the
    key phrases of this text, then those of the whole course.
    """
    defined = [definition.term for definition in (*analysis.definitions, *course.definitions)]
    here = [phrase.text for phrase in analysis.phrases if phrase.count > 1]
    elsewhere = [phrase.text for phrase in course.phrases[:200] if phrase.count > 1]
    return list(dict.fromkeys([*defined, *here[:40], *elsewhere]))


def find(
    analysis: Analysis, terms: Sequence[str], *, avoid: Iterable[Definition] = ()
) -> list[Cloze]:
    """At most one gap in each sentence that stands alone, and two for each term; best first."""
    weights = dict(
        zip(analysis.sentences, score(analysis.sentences, analysis.language), strict=True)
    )
    defining = {definition.sentence for definition in avoid}
    patterns = [(term, _pattern(term)) for term in sorted(terms, key=len, reverse=True)]
    found: list[Cloze] = []
    for sentence in analysis.complete:
        if sentence in defining or not usable(sentence):
            continue
        best = _gap(sentence, patterns, weights[sentence], analysis)
        if best is not None:
            found.append(best)
    found.sort(key=lambda cloze: (-cloze.weight, cloze.text))
    return _spread(found)


def _gap(
    sentence: Sentence,
    patterns: Sequence[tuple[str, re.Pattern[str]]],
    weight: float,
    analysis: Analysis,
) -> Cloze | None:
    for term, pattern in patterns:
        matches = list(pattern.finditer(sentence.text))
        if len(matches) != 1:
            continue
        match = matches[0]
        text = sentence.text[: match.start()] + GAP + sentence.text[match.end() :]
        rest = content_stems(text, analysis.language)
        if len(rest) < _SPECIFIC or rest & content_stems(term, analysis.language):
            continue
        return Cloze(term, match.group(), text, sentence, weight)
    return None


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
