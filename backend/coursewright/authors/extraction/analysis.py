"""What is known of a text: sentences, definitions, key phrases. Made once, then kept."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from uuid import UUID

from coursewright.authors.extraction import definitions, phrases, sentences
from coursewright.authors.extraction.definitions import Definition
from coursewright.authors.extraction.languages import Language
from coursewright.authors.extraction.phrases import Phrase
from coursewright.authors.extraction.sentences import Sentence
from coursewright.course.chapter import Chapter
from coursewright.course.sources import Material

KEPT = 16


@dataclass(frozen=True, eq=False)
class Analysis:
    """A text, looked at once; each part is worked out when it is first asked for."""

    sentences: tuple[Sentence, ...]
    language: Language

    @cached_property
    def definitions(self) -> tuple[Definition, ...]:
        """Every definition, in the order of the text."""
        return definitions.find(self.sentences, self.language)

    @cached_property
    def phrases(self) -> list[Phrase]:
        """The key phrases, the weightiest first."""
        return phrases.find(self.sentences, self.language)

    @cached_property
    def complete(self) -> tuple[Sentence, ...]:
        """The sentences that say something without any other."""
        return tuple(item for item in self.sentences if item.says_enough(self.language))

    @cached_property
    def alone(self) -> tuple[Sentence, ...]:
        """The sentences that can be understood without another one."""
        return tuple(item for item in self.sentences if item.stands_alone(self.language))


class Analyses:
    """Keeps the last ones. May be used from several threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[object, Analysis] = OrderedDict()
        self._lock = Lock()

    def of_material(self, material: Material, language: Language) -> Analysis:
        """All sources of a course."""
        key = (language.tag, _ids(material))
        return self._get(key, lambda: sentences.of_passages(material.passages), language)

    def of_chapters(self, chapters: tuple[Chapter, ...], language: Language) -> Analysis:
        """The chapters given, as one text."""
        key = (language.tag, chapters)
        return self._get(key, lambda: sentences.of_chapters(chapters), language)

    def _get(
        self, key: object, split: Callable[[], tuple[Sentence, ...]], language: Language
    ) -> Analysis:
        with self._lock:
            if key not in self._kept:
                self._kept[key] = Analysis(split(), language)
            self._kept.move_to_end(key)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            return self._kept[key]


def _ids(material: Material) -> tuple[UUID, ...]:
    # Ids of passages come from the source's bytes: the same ids are the same text.
    return tuple(source.id for source in material.sources)
