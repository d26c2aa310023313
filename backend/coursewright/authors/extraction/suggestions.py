"""What to learn next: what the course mentions and leaves open, then what it turns on."""

from collections.abc import Sequence

from coursewright.authors.extraction.analysis import Analysis
from coursewright.authors.extraction.definitions import looks_plural
from coursewright.authors.extraction.phrases import frequency
from coursewright.authors.extraction.text import capitalised, stems
from coursewright.authors.extraction.wording import WORDINGS
from coursewright.course.article import Suggestion
from coursewright.course.outline import Outline
from coursewright.course.study import GlossaryTerm

_OPEN, _LEAST, _MOST = 4, 3, 6
_RARE = 4.0
"""On the Zipf scale: a single word must be rarer than that to be worth a course."""


def _is_subject(word: str, tag: str) -> bool:
    """Whether one word is worth a course: rare, and a thing rather than several of them."""
    several = looks_plural(word) and word.islower()
    return not several and frequency(word.lower(), tag) <= _RARE


def write(
    outline: Outline, glossary: Sequence[GlossaryTerm], course: Analysis
) -> tuple[Suggestion, ...]:
    """Three to six topics, each with a reason."""
    wording = WORDINGS[course.language.tag]
    explained = {" ".join(stems(item.term)) for item in glossary}
    explained |= {definition.key for definition in course.definitions}
    own = set(stems(outline.title))
    found: list[Suggestion] = []
    taken: set[str] = set()
    for phrase in course.phrases:
        words = set(phrase.key.split())
        if phrase.key in explained or words <= own or words & taken:
            continue
        if len(words) == 1 and not _is_subject(phrase.text, course.language.tag):
            continue
        taken |= words
        reason = wording.open_term.format(count=phrase.count)
        found.append(Suggestion(topic=capitalised(phrase.text), reason=reason))
        if len(found) == _OPEN:
            break
    for chapter in sorted(outline.chapters, key=lambda item: -len(item.passages)):
        if len(found) >= _LEAST:
            break
        topic = wording.in_depth.format(title=chapter.title)
        found.append(Suggestion(topic=topic, reason=wording.deeper))
    return tuple(found[:_MOST])
