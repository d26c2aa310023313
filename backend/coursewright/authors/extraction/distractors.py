"""Wrong answers that are plausible: terms and definitions of the same kind from the same course."""

from collections.abc import Iterable, Sequence
from zlib import crc32

from coursewright.authors.extraction.analysis import Analysis
from coursewright.authors.extraction.centrality import alike, content_stems
from coursewright.authors.extraction.definitions import Definition, looks_plural
from coursewright.authors.extraction.text import stems

NEEDED = 3
_ALIKE = 0.45
"""Definitions that share more than this of their words may both be right."""
_FAR = 20
"""Definitions apart: from here on it does not matter how far."""
_VOWELS = "aeiou"


class Bank:
    """The terms and definitions of a whole course."""

    def __init__(self, course: Analysis) -> None:
        self._language = course.language
        self._definitions = course.definitions
        self._by_term = {definition.term: definition for definition in course.definitions}
        self._place = {term: number for number, term in enumerate(self._by_term)}
        self._names = list(self._by_term)
        self._phrases = [phrase.text for phrase in course.phrases[:80]]

    def terms(self, key: str, text: str) -> list[str] | None:
        """Terms to put beside `key`, none of which `text` (the question, the sentence) names or
        describes. None when there are not enough.
        """
        about = content_stems(text, self._language) - set(stems(key))
        pool = list(dict.fromkeys([*self._names, *self._phrases]))
        ranked = sorted(
            (
                (self._unlike(key, term), index, term)
                for index, term in enumerate(pool)
                if self._is_wrong(key, term, text, about)
            ),
        )
        return _distinct([term for _, _, term in ranked], key)

    def definitions(self, of: Definition) -> list[str] | None:
        """Definitions of other terms, about as long as that of `of`, that do not fit `of`."""
        own = content_stems(of.text, self._language)
        length = len(of.text.split())
        fitting = [
            other
            for other in self._definitions
            if other.key != of.key
            and alike(own, content_stems(other.text, self._language)) < _ALIKE
            and not set(stems(of.term)) & set(stems(other.text))
            and not set(stems(other.term)) <= set(stems(of.text))
            and 0.6 <= len(other.text.split()) / length <= 1.6  # noqa: PLR2004 - length gives nothing away
            and _kind(other.text) == _kind(of.text)
            and other.person == of.person
        ]
        fitting.sort(
            key=lambda other: (
                -_shared_head(of.term, other.term),
                -alike(own, content_stems(other.text, self._language)),
                other.term,
            )
        )
        # Some must be shorter and some longer, or the key is the odd one out.
        shorter = [other for other in fitting if len(other.text) < len(of.text)]
        longer = [other for other in fitting if len(other.text) >= len(of.text)]
        chosen = [*shorter[:1], *longer[:1]]
        chosen += [other for other in fitting if other not in chosen][: NEEDED - len(chosen)]
        return [other.text for other in chosen] if len(chosen) == NEEDED else None

    def _is_wrong(self, key: str, term: str, text: str, about: set[str]) -> bool:
        left, right = set(stems(key)), set(stems(term))
        if left <= right or right <= left or not right:
            return False
        if f" {' '.join(stems(term))} " in f" {' '.join(stems(text))} ":
            return False
        definition = self._by_term.get(term)
        if definition is None:
            return True
        return alike(about, content_stems(definition.sentence.text, self._language)) < _ALIKE

    def _unlike(self, key: str, term: str) -> tuple[float, ...]:
        """Smaller is more of the same kind."""
        one, other = self._by_term.get(key), self._by_term.get(term)
        person = one is not None and one.person
        genus = one.genus if one is not None else ""
        away = _FAR
        if one is not None and other is not None:
            away = min(_FAR, abs(self._place[key] - self._place[term]))
        return (
            2.0 * (self._plural(term) != self._plural(key))
            + 3.0 * (person != (other is not None and other.person))
            + 1.5 * (_is_name(term) != _is_name(key))
            + 0.7 * abs(len(term.split()) - len(key.split()))
            + 0.8 * (other is None)
            - 1.0 * _shared_head(key, term)
            - 1.2 * (other is not None and genus != "" and other.genus == genus)
            - 0.4 * (term[-3:] == key[-3:])
            + 0.05 * away,
            # Among equals another choice for each key, and always the same one.
            crc32(f"{key}/{term}".encode()),
        )

    def _plural(self, term: str) -> bool:
        definition = self._by_term.get(term)
        return looks_plural(term) if definition is None else definition.plural


def same_start(key: str, others: Iterable[str]) -> bool:
    """Whether all begin with a vowel or none: behind `a` or `an` that would give the key away."""
    return len({other[:1].lower() in _VOWELS for other in (key, *others)}) == 1


def _distinct(terms: Sequence[str], key: str) -> list[str] | None:
    chosen: list[str] = []
    for term in terms:
        taken = [set(stems(other)) for other in (key, *chosen)]
        here = set(stems(term))
        if any(here <= other or other <= here for other in taken):
            continue
        chosen.append(term)
        if len(chosen) == NEEDED:
            return chosen
    return None


def _shared_head(left: str, right: str) -> int:
    one, other = stems(left), stems(right)
    return int(bool(one) and bool(other) and one[-1] == other[-1])


def _is_name(term: str) -> bool:
    return term[:1].isupper()


def _kind(definition: str) -> str:
    """Definitions are alike in how they begin: `A ...`, `The ...`, or a verb or bare noun."""
    first = definition.partition(" ")[0].lower()
    return (
        "noun"
        if first in {"a", "an", "the", "one", "any", "some", "those"}
        else ("when" if first in {"occurs", "occur", "happens", "happen"} else "bare")
    )
