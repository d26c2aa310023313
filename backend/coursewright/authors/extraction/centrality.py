"""Which sentences say most of what a text says."""

import math
from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from coursewright.authors.extraction.languages import Language
from coursewright.authors.extraction.sentences import Sentence
from coursewright.authors.extraction.text import stems

_GOOD_WORDS = (9, 32)
"""Sentences of this length are best to remember."""


def score(sentences: Sequence[Sentence], language: Language) -> list[float]:
    """One score for each sentence: the mean weight of its words, as in SumBasic and its kin
    (Nenkova and Vanderwende 2005), with tf-idf for the weight and a bonus for what comes first in
    its paragraph.
    """
    tokens = [_content(sentence.text, language) for sentence in sentences]
    everywhere = Counter(word for words in tokens for word in words)
    units = {sentence.unit for sentence in sentences}
    spread: Counter[str] = Counter()
    seen: set[tuple[int, str]] = set()
    for sentence, words in zip(sentences, tokens, strict=True):
        for word in words:
            if (sentence.unit, word) not in seen:
                seen.add((sentence.unit, word))
                spread[word] += 1
    return [
        _one(sentence, words, everywhere, spread, max(2, len(units)))
        for sentence, words in zip(sentences, tokens, strict=True)
    ]


def _one(
    sentence: Sentence,
    words: Sequence[str],
    everywhere: Counter[str],
    spread: Counter[str],
    units: int,
) -> float:
    if not words:
        return 0.0
    weights = [
        math.log1p(everywhere[word]) * (0.5 + math.log(1 + units / spread[word]))
        for word in set(words)
    ]
    # The order of a set differs from run to run: a plain sum would, too.
    mean = math.fsum(weights) / math.sqrt(len(weights) + 4)
    least, most = _GOOD_WORDS
    length = 1.0 if least <= sentence.words <= most else 0.6
    first = 1.2 if sentence.position == 0 else 1.0
    return mean * length * first


def top(
    sentences: Sequence[Sentence], language: Language, count: int, *, apart: float = 0.6
) -> list[Sentence]:
    """The `count` most central sentences that are not alike, in the order of the text."""
    scores = score(sentences, language)
    order = sorted(range(len(sentences)), key=lambda index: (-scores[index], index))
    chosen: list[int] = []
    contents: list[set[str]] = []
    for index in order:
        content = set(_content(sentences[index].text, language))
        if any(alike(content, other) > apart for other in contents):
            continue
        chosen.append(index)
        contents.append(content)
        if len(chosen) == count:
            break
    return [sentences[index] for index in sorted(chosen)]


def alike(left: AbstractSet[str], right: AbstractSet[str]) -> float:
    """The Jaccard index of two sets of stems: 0 for nothing in common, 1 for the same."""
    return len(left & right) / len(left | right) if left | right else 1.0


def _content(text: str, language: Language) -> list[str]:
    return [word for word in stems(text) if word not in language.stopwords and len(word) > 1]


def content_stems(text: str, language: Language) -> set[str]:
    """The stems of a text's content words."""
    return set(_content(text, language))
