"""Sentences with the place that they come from."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from coursewright.authors.extraction.languages import Language, words_of
from coursewright.authors.extraction.text import fold, plain
from coursewright.course.chapter import Chapter
from coursewright.course.citation import Citation
from coursewright.course.sources import Passage, PassageKind

_UNSPEAKABLE = re.compile(
    r"https?://|www\.|[{}<>|\\=@]|\$|`|::|--|\bfig(?:ure)?\.? \d|\btable \d", re.IGNORECASE
)
_POINTS_ELSEWHERE = re.compile(
    r"\b((?:^|\()see|see (?:also|section|chapter|figure|fig|table|appendix|page|above|below)|cf\.|"
    r"as (?:we|you) (?:saw|have seen)|as (?:mentioned|described|shown|discussed|noted)|"
    r"(?:the )?(?:following|previous|next|preceding) (?:section|chapter|example|figure|table)|"
    r"in this (?:section|chapter|book|article|manual)|(?:section|chapter) \d)\b",
    re.IGNORECASE,
)


_MISSED = re.compile(r"(?<![\w.])(?P<word>[^\W\d_A-Z]{3,})(?P<stop>\.)\s+(?=[A-Z][a-z’']|A\s|I\s)")
_ABBREVIATIONS = frozenset(
    """
    approx assoc capt cent chap circa col dept dist edn eds etc eqn esp est excl fig figs gen
    gov inc incl jan feb mar apr jun jul aug sep sept oct nov dec lat max min misc mrs nos
    pag para pres prof pseud publ ref refs rel resp rev sec sect seq sgt spp subst tab temp
    trans univ var viz vol vols
    """.split()  # noqa: SIM905 - a list of words reads best so
)
"""Words of three letters and more behind which a full stop ends no sentence."""


@dataclass(frozen=True)
class Sentence:
    """One sentence, as it stands in its source."""

    text: str
    unit: int
    """The number of the block or passage that it stands in."""
    position: int
    """Its number within that block, from 0."""
    citations: tuple[Citation, ...]
    kind: PassageKind

    @property
    def words(self) -> int:
        """How many words it has."""
        return len(self.text.split())

    def stands_alone(self, language: Language) -> bool:
        """Whether it is a whole sentence that needs no other one to be understood."""
        found = words_of(self.text)
        if not found or found[0].lower() in language.unfit_starts:
            return False
        begins = self.text[0].isupper() or self.text[0].isdigit()
        return begins and self.text.endswith(".") and not _POINTS_ELSEWHERE.search(self.text)

    def says_enough(self, language: Language) -> bool:
        """Whether it stands alone and nothing in it points to another sentence."""
        return self.stands_alone(language) and not _pointing(language.pointing).search(self.text)

    @property
    def speakable(self) -> bool:
        """Whether it can be read out: no code, no formula, no address."""
        return not _UNSPEAKABLE.search(self.text)


@lru_cache(maxsize=8)
def _pointing(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])(?:{words})(?![\w-])", re.IGNORECASE)


def of_passages(passages: Sequence[Passage]) -> tuple[Sentence, ...]:
    """The sentences of all prose, in order."""
    return tuple(
        sentence
        for unit, passage in enumerate(passages)
        if passage.kind.is_prose
        for sentence in _split(passage.text, unit, (Citation.of(passage),), passage.kind)
    )


def of_chapters(chapters: Iterable[Chapter]) -> tuple[Sentence, ...]:
    """The sentences of all text blocks, in order; blocks are numbered over all chapters."""
    found: list[Sentence] = []
    unit = -1
    for chapter in chapters:
        for block in chapter.blocks:
            unit += 1
            if block.markdown.startswith(("```", "~~~", "|", "$$")):
                continue
            is_list = block.markdown.startswith("- ")
            kind = PassageKind.LIST_ITEM if is_list else PassageKind.PARAGRAPH
            lines = block.markdown.split("\n- ") if is_list else [block.markdown]
            one_each = is_list and len(lines) == len(block.citations)
            for number, line in enumerate(lines):
                cited = block.citations[number : number + 1] if one_each else block.citations
                found.extend(_split(plain(line), unit, cited, kind))
    return tuple(found)


def _split(
    text: str, unit: int, citations: tuple[Citation, ...], kind: PassageKind
) -> Iterable[Sentence]:
    for position, sentence in enumerate(split(fold(text))):
        yield Sentence(sentence, unit, position, citations, kind)


@lru_cache(maxsize=4096)
def split(text: str) -> tuple[str, ...]:
    """The sentences of a paragraph."""
    import nupunkt  # noqa: PLC0415 - 0.1 s that only writing needs

    found: list[str] = [fold(str(item)) for item in nupunkt.sent_tokenize(text)]
    return tuple(part for item in found for part in _split_again(item) if part)


def _split_again(text: str) -> list[str]:
    """Nupunkt takes words such as `bank.` for abbreviations; before a capital they hardly are."""
    parts: list[str] = []
    start = 0
    for match in _MISSED.finditer(text):
        if match["word"].lower() not in _ABBREVIATIONS:
            parts.append(text[start : match.end("stop")])
            start = match.end()
    return [*parts, text[start:]]
