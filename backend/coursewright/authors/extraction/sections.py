"""The parts of the sources: what stands below one heading, without what is no reading matter."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from coursewright.authors.extraction.text import fold, normal
from coursewright.course.sources import Material, Passage, PassageKind

_NUMBERING = re.compile(
    r"^\s*(?:(?:chapter|part|section|appendix|kapitel|teil|chapitre|capítulo)\s+[\dIVXLA-F]+\b[.:\s–—-]*"
    r"|(?:\d+|[A-Z](?=\.))(?:\.\d+)*\.?\s+(?=\S)|\d+(?:\.\d+)+\.?\s*)",
    re.IGNORECASE,
)
_NOT_READ = frozenset(
    [
        "contents",
        "table of contents",
        "toc",
        "index",
        "bibliography",
        "references",
        "further reading",
        "see also",
        "external links",
        "acknowledgements",
        "acknowledgments",
        "license",
        "licence",
        "copyright",
        "colophon",
        "about the author",
        "about the authors",
        "about this book",
        "about this document",
        "navigation",
        "search",
        "history and license",
        "list of figures",
        "list of tables",
        "preface",
        "foreword",
        "dedication",
        "changelog",
        "footnotes",
        "notes",
        "legal notice",
        "reporting bugs",
        "quick search",
        "this page",
        "related topics",
        "indices and tables",
        "previous topic",
        "next topic",
        "credits",
        "inhalt",
        "inhaltsverzeichnis",
        "literatur",
        "literaturverzeichnis",
        "weblinks",
        "einzelnachweise",
        "impressum",
        "sommaire",
        "table des matières",
        "bibliographie",
        "liens externes",
        "voir aussi",
        "remerciements",
        "índice",
        "bibliografía",
        "enlaces externos",
        "véase también",
        "referencias",
    ]
)


@dataclass(frozen=True)
class Part:
    """Consecutive passages below one heading path."""

    path: tuple[str, ...]
    """The headings, the outermost first; empty for what stands above the first heading."""
    passages: tuple[Passage, ...]

    @property
    def words(self) -> int:
        """Of running text; code and tables are not counted."""
        return words_in(self.passages)


def words_in(passages: Sequence[Passage]) -> int:
    """The words of running text in `passages`."""
    return sum(len(passage.text.split()) for passage in passages if passage.kind.is_prose)


def clean_title(heading: str) -> str:
    """A heading without its number and the mark of a permanent link."""
    title = fold(heading.replace("¶", " ").replace("#", " "))
    return _NUMBERING.sub("", title).strip(" .:–—-") or title


def parts_of(material: Material) -> list[Part]:
    """The parts of all sources in order. A source's own title is no level of its own, and each
    source is a level when there are several.
    """
    several = len(material.sources) > 1
    found: list[Part] = []
    for source in material.sources:
        passages = [item for item in material.passages if item.source_id == source.id]
        parts = _without_title(_group(passages))
        if several:
            title = clean_title(source.title)
            parts = [Part((title, *part.path), part.passages) for part in parts]
        found += parts
    return [part for part in found if _is_read(part)]


def _group(passages: Sequence[Passage]) -> list[Part]:
    parts: list[Part] = []
    path: tuple[str, ...] | None = None
    block: list[Passage] = []
    for passage in passages:
        if passage.kind is PassageKind.HEADING:
            continue
        here = tuple(clean_title(heading) for heading in passage.place.headings)
        if here != path and block:
            parts.append(Part(path or (), tuple(block)))
            block = []
        path = here
        block.append(passage)
    if block:
        parts.append(Part(path or (), tuple(block)))
    return parts


def _without_title(parts: list[Part]) -> list[Part]:
    """Takes off the outermost heading while nearly everything stands below the same one."""
    while True:
        tops = [part.path[0] for part in parts if part.path]
        if not tops or len(set(tops)) > 1 or all(len(part.path) <= 1 for part in parts):
            return parts
        parts = [Part(part.path[1:], part.passages) for part in parts]


def _is_read(part: Part) -> bool:
    return not any(normal(heading) in _NORMAL_NOT_READ for heading in part.path)


_NORMAL_NOT_READ = frozenset(normal(title) for title in _NOT_READ)


def ids(passages: Sequence[Passage]) -> tuple[UUID, ...]:
    """The passages' ids, in order."""
    return tuple(passage.id for passage in passages)
