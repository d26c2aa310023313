"""Out of a large document, the parts that a narrower topic is about."""

from collections.abc import Sequence

from coursewright.authors.extraction.languages import LANGUAGES
from coursewright.authors.extraction.sections import Part
from coursewright.authors.extraction.text import stems
from coursewright.course.sources import Material

LARGE = 12_000
"""Words. A smaller document is taken as a whole."""
LEAST = 600
"""Words. With less than that about the topic, the whole document is the better course."""
_DENSE = 0.004
"""The share of the topic's words in a part that is about it though its heading does not say so."""
_EVERYWHERE = 0.5


def relevant(parts: Sequence[Part], topic: str, material: Material) -> list[Part]:
    """The parts that `topic` is about; all of them when it names the whole."""
    every = list(parts)
    if sum(part.words for part in every) < LARGE:
        return every
    wanted = {word for word in stems(topic) if word not in _FUNCTION_WORDS}
    titles = {word for source in material.sources for word in stems(source.title)}
    if not wanted or wanted <= titles:
        return every
    chosen = [part for part in every if _is_about(part, wanted)]
    words = sum(part.words for part in chosen)
    if words < LEAST or words > _EVERYWHERE * sum(part.words for part in every):
        return every
    return chosen


def _is_about(part: Part, wanted: set[str]) -> bool:
    if wanted <= {word for heading in part.path for word in stems(heading)}:
        return True
    found = [word for passage in part.passages for word in stems(passage.text)]
    hits = [sum(word == each for word in found) for each in wanted]
    return bool(found) and min(hits) >= 2 and sum(hits) / len(found) >= _DENSE * len(wanted)  # noqa: PLR2004 - once is by the way


_FUNCTION_WORDS = frozenset(
    word for language in LANGUAGES.values() for word in language.stopwords
) | {"basic", "introduction", "guide", "overview", "handbook", "manual", "course"}
