"""Sources in prompts: as sections for the outline, as numbered passages for a chapter."""

import math
from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from coursewright.authors.prompting.prompts import fenced
from coursewright.course.base import Value
from coursewright.course.outline import OutlineChapter
from coursewright.course.sources import Material, Passage, PassageKind
from coursewright.course.text import count_words, features, first_words

OUTLINE_WORDS = 12_000
"""The most words of sources in the prompt for an outline: about 18,000 tokens."""
CHAPTER_WORDS = 5_000
"""The same for a chapter."""
_SECTION_WORDS = 600
"""Passages without a heading between them are cut into sections of about this length."""
_MOST_SECTIONS = 400
"""Where there are more headings, what follows one another is one section."""
_LEAST_SHOWN = 30
"""Words of a section, so that one can tell what it is about: 400 of them fit into the prompt."""


class SourceSection(Value):
    """Passages that belong together."""

    number: int
    """From 1."""
    title: str
    passages: tuple[Passage, ...]

    @property
    def words(self) -> int:
        """How many words it has."""
        return sum(count_words(passage.text) for passage in self.passages)


class Shown(Value):
    """A section or a passage as it stands in a prompt."""

    number: int
    title: str = ""
    place: str = ""
    text: str


def sections_of(material: Material) -> tuple[SourceSection, ...]:
    """The sources in sections: below one heading, and not much longer than 600 words; those of a
    source with very many headings, or of very many words, are larger.
    """
    least = sum(count_words(passage.text) for passage in material.passages) / _MOST_SECTIONS
    found: list[SourceSection] = []
    group: list[Passage] = []
    words = 0

    def close() -> None:
        nonlocal words
        if group:
            title = " > ".join(group[0].place.headings[-2:])
            found.append(SourceSection(number=len(found) + 1, title=title, passages=tuple(group)))
        group.clear()
        words = 0

    last: tuple[UUID, tuple[str, ...]] | None = None
    full = max(_SECTION_WORDS, least)
    for passage in material.passages:
        if passage.kind is PassageKind.HEADING:
            continue
        here = (passage.source_id, passage.place.headings)
        another = last is None or here[0] != last[0]
        if another or words >= full or (here != last and words >= least):
            close()
        last = here
        group.append(passage)
        words += count_words(passage.text)
    close()
    return tuple(found)


def shown_sections(sections: Sequence[SourceSection]) -> tuple[Shown, ...]:
    """Sections as they fit into the prompt: all of them, each from its beginning."""
    total = sum(section.words for section in sections)
    share = min(1.0, OUTLINE_WORDS / max(1, total))
    return tuple(
        Shown(
            number=section.number,
            title=fenced(section.title.replace('"', "'")),
            text=fenced(_beginning(section, max(_LEAST_SHOWN, math.ceil(section.words * share)))),
        )
        for section in sections
    )


def passages_for(chapter: OutlineChapter, material: Material) -> tuple[Passage, ...]:
    """What a chapter may draw on, in the order of the text, as much as fits into a prompt.

    Those that the outline names; where it names none, those that share the rarest words with the
    chapter's plan.
    """
    named = set(chapter.passages)
    pool = [each for each in material.passages if each.kind is not PassageKind.HEADING]
    chosen = [each for each in pool if each.id in named]
    if not chosen or sum(count_words(each.text) for each in chosen) > CHAPTER_WORDS:
        chosen = _closest(
            chosen or pool, " ".join((chapter.title, chapter.summary, *chapter.objectives))
        )
    return tuple(chosen)


def shown_passages(passages: Sequence[Passage], words: int = CHAPTER_WORDS) -> tuple[Shown, ...]:
    """Passages as they stand in a prompt, numbered from 1; together at most about `words` words."""
    share = min(1.0, words / max(1, sum(count_words(each.text) for each in passages)))
    return tuple(
        Shown(
            number=number,
            place=fenced(str(each.place).replace('"', "'")),
            text=fenced(first_words(each.text, math.ceil(count_words(each.text) * share))),
        )
        for number, each in enumerate(passages, start=1)
    )


def _closest(passages: Sequence[Passage], plan: str) -> list[Passage]:
    """Passages by the inverse document frequency of the words that they share with `plan`, until
    the prompt is full; put back into the order of the text.
    """
    wanted = features(plan)
    words = [features(f"{each.text} {' '.join(each.place.headings)}") for each in passages]
    frequency = Counter(word for each in words for word in each & wanted)
    scores = [
        sum(math.log1p(len(passages) / frequency[word]) for word in each & wanted) for each in words
    ]
    ranked = sorted(range(len(passages)), key=lambda at: (-scores[at], at))
    left = CHAPTER_WORDS
    taken: list[int] = []
    for at in ranked:
        length = count_words(passages[at].text)
        # The first one is shown in any case, if only its beginning.
        if not taken or (length <= left and scores[at] > 0):
            taken.append(at)
            left -= length
    return [passages[at] for at in sorted(taken)]


def _beginning(section: SourceSection, words: int) -> str:
    text: list[str] = []
    for passage in section.passages:
        text.append(first_words(passage.text, words))
        words -= count_words(passage.text)
        if words <= 0:
            break
    return "\n\n".join(text)
