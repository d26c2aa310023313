"""Wrong answers that are plausible: terms and definitions of the same kind from the same course."""

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from zlib import crc32

from coursewright.authors.extraction.analysis import Analysis
from coursewright.authors.extraction.centrality import alike, content_stems
from coursewright.authors.extraction.definitions import Definition, looks_plural
from coursewright.authors.extraction.languages import Language
from coursewright.authors.extraction.text import stems

NEEDED = 3
_ALIKE = 0.45
"""Definitions that share more than this of their words may both be right."""
_FAR = 20
"""Definitions apart: from here on it does not matter how far."""
_LOOKED_AT = 60
"""The closest candidates, of which those that differ are taken."""
_VOWELS = "aeiou"


@dataclass(frozen=True, eq=False)
class _Term:
    """A term with what is asked of it again and again, worked out once."""

    text: str
    stems: tuple[str, ...]
    words: int
    plural: bool
    name: bool
    defined: bool
    person: bool = False
    genus: str = ""
    place: int = 0
    """Its number among the definitions of the course."""
    about: frozenset[str] = frozenset()
    """The stems of the content words of the sentence that defines it."""


@dataclass(frozen=True, eq=False)
class _Meaning:
    """A definition, likewise."""

    definition: Definition
    content: frozenset[str]
    stems: frozenset[str]
    term: frozenset[str]
    words: int
    kind: str


class Bank:
    """The terms and definitions of a whole course."""

    def __init__(self, course: Analysis) -> None:
        self._language = course.language
        defined = {definition.term: definition for definition in course.definitions}
        self._terms = {
            definition.term: _defined_term(definition, number, course.language)
            for number, definition in enumerate(defined.values())
        }
        for phrase in course.phrases[:80]:
            self._terms.setdefault(phrase.text, _plain_term(phrase.text))
        self._meanings = [_meaning(item, course.language) for item in course.definitions]

    def terms(self, key: str, text: str) -> list[str] | None:
        """Terms to put beside `key`, none of which `text` (the question, the sentence) names or
        describes. None when there are not enough.
        """
        asked = self._terms.get(key) or _plain_term(key)
        about = content_stems(text, self._language) - set(asked.stems)
        said = f" {' '.join(stems(text))} "
        ranked = heapq.nsmallest(
            _LOOKED_AT,
            (
                (_unlike(asked, term), number, term)
                for number, term in enumerate(self._terms.values())
                if _is_wrong(asked, term, said, about)
            ),
        )
        return _distinct([term for _, _, term in ranked], asked)

    def definitions(self, of: Definition) -> list[str] | None:
        """Definitions of other terms, about as long as that of `of`, that do not fit `of`."""
        own = _meaning(of, self._language)
        fitting = [other for other in self._meanings if _may_stand_beside(own, other)]
        fitting.sort(
            key=lambda other: (
                -_shared_head(stems(of.term), stems(other.definition.term)),
                -alike(own.content, other.content),
                other.definition.term,
            )
        )
        found = [other.definition for other in fitting]
        # Some must be shorter and some longer, or the key is the odd one out.
        shorter = [other for other in found if len(other.text) < len(of.text)]
        longer = [other for other in found if len(other.text) >= len(of.text)]
        chosen = [*shorter[:1], *longer[:1]]
        chosen += [other for other in found if other not in chosen][: NEEDED - len(chosen)]
        return [other.text for other in chosen] if len(chosen) == NEEDED else None


@lru_cache(maxsize=4)
def bank_of(course: Analysis) -> Bank:
    """The bank of a course; made once for all its chapters."""
    return Bank(course)


def _defined_term(definition: Definition, number: int, language: Language) -> _Term:
    return _Term(
        text=definition.term,
        stems=tuple(stems(definition.term)),
        words=len(definition.term.split()),
        plural=definition.plural,
        name=definition.term[:1].isupper(),
        defined=True,
        person=definition.person,
        genus=definition.genus,
        place=number,
        about=frozenset(content_stems(definition.sentence.text, language)),
    )


def _plain_term(text: str) -> _Term:
    return _Term(
        text=text,
        stems=tuple(stems(text)),
        words=len(text.split()),
        plural=looks_plural(text),
        name=text[:1].isupper(),
        defined=False,
    )


def _meaning(definition: Definition, language: Language) -> _Meaning:
    return _Meaning(
        definition=definition,
        content=frozenset(content_stems(definition.text, language)),
        stems=frozenset(stems(definition.text)),
        term=frozenset(stems(definition.term)),
        words=len(definition.text.split()),
        kind=_kind(definition.text),
    )


def _may_stand_beside(own: _Meaning, other: _Meaning) -> bool:
    return (
        0.6 <= other.words / own.words <= 1.6  # noqa: PLR2004 - length gives nothing away
        and other.kind == own.kind
        and other.term != own.term
        and not own.term & other.stems
        and not other.term <= own.stems
        and other.definition.person == own.definition.person
        and alike(own.content, other.content) < _ALIKE
    )


def _is_wrong(asked: _Term, term: _Term, said: str, about: set[str]) -> bool:
    left, right = set(asked.stems), set(term.stems)
    if left <= right or right <= left or f" {' '.join(term.stems)} " in said:
        return False
    return not term.defined or alike(about, term.about) < _ALIKE


def _unlike(asked: _Term, term: _Term) -> tuple[float, ...]:
    """Smaller is more of the same kind."""
    away = min(_FAR, abs(asked.place - term.place)) if asked.defined and term.defined else _FAR
    return (
        2.0 * (term.plural != asked.plural)
        + 3.0 * (term.person != asked.person)
        + 1.5 * (term.name != asked.name)
        + 0.7 * abs(term.words - asked.words)
        + 0.8 * (not term.defined)
        - 1.0 * _shared_head(asked.stems, term.stems)
        - 1.2 * (asked.genus != "" and term.genus == asked.genus)
        - 0.4 * (term.text[-3:] == asked.text[-3:])
        + 0.05 * away,
        # Among equals another choice for each key, and always the same one.
        crc32(f"{asked.text}/{term.text}".encode()),
    )


def same_start(key: str, others: Iterable[str]) -> bool:
    """Whether all begin with a vowel or none: behind `a` or `an` that would give the key away."""
    return len({other[:1].lower() in _VOWELS for other in (key, *others)}) == 1


def _distinct(terms: Sequence[_Term], asked: _Term) -> list[str] | None:
    taken = [set(asked.stems)]
    chosen: list[str] = []
    for term in terms:
        here = set(term.stems)
        if any(here <= other or other <= here for other in taken):
            continue
        taken.append(here)
        chosen.append(term.text)
        if len(chosen) == NEEDED:
            return chosen
    return None


def _shared_head(one: Sequence[str], other: Sequence[str]) -> int:
    return int(bool(one) and bool(other) and one[-1] == other[-1])


def _kind(definition: str) -> str:
    """Definitions are alike in how they begin: `A ...`, `The ...`, or a verb or bare noun."""
    first = definition.partition(" ")[0].lower()
    if first in {"a", "an", "the", "one", "any", "some", "those"}:
        return "noun"
    return "when" if first in {"occurs", "occur", "happens", "happen"} else "bare"
