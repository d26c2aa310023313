"""The library: primers of our own writing that come with the program."""

import hashlib
from functools import cached_property
from importlib.resources import files
from pathlib import Path

from coursewright.course.base import Value
from coursewright.course.errors import Defect
from coursewright.course.sources import SourceKind
from coursewright.sources.document import Document, build
from coursewright.sources.limits import Limits
from coursewright.sources.markdown import front_matter, parse_markdown, word, words
from coursewright.sources.topics import contains, content, tokens

LICENCE = "CC BY 4.0"
ATTRIBUTION = "Coursewright"


class Primer(Value):
    """A text that introduces a topic, with what its front matter says of it."""

    slug: str
    title: str
    aliases: tuple[str, ...] = ()
    """Other names of the very same topic."""
    keywords: tuple[str, ...] = ()
    """What else it covers."""
    field: str = ""
    language: str = "en"
    licence: str = LICENCE
    attribution: str = ATTRIBUTION
    summary: str = ""
    text: str
    """The Markdown file as it is, front matter included."""


class Library:
    """All primers, in the order of their titles.

    `folder` holds Markdown files; without it, the primers of the package are used.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    def primers(self) -> tuple[Primer, ...]:
        """Every primer."""
        return self._primers

    @cached_property
    def _primers(self) -> tuple[Primer, ...]:
        folder = self._folder or files("coursewright").joinpath("library")
        found = [
            read_primer(path.name.removesuffix(".md"), path.read_text(encoding="utf-8"))
            for path in folder.iterdir()
            if path.name.endswith(".md") and not path.name.startswith((".", "README"))
        ]
        return tuple(sorted(found, key=lambda primer: primer.title.lower()))

    def find(self, topic: str) -> Primer | None:
        """The primer that covers a topic; None when none surely does. Never a guess.

        It does when the topic is its title or an alias but for words like "introduction to"; or
        when every word of the topic is among its own words, and it is the only one of which a
        title, alias or keyword stands in the topic in full.
        """
        asked, wanted = tokens(topic), content(topic)
        if not wanted:
            return None
        for primer in self.primers():
            if any(wanted == content(name) or asked == tokens(name) for name in _names(primer)):
                return primer
        covering = [primer for primer in self.primers() if _covers(primer, wanted)]
        return covering[0] if len(covering) == 1 else None

    def document(self, primer: Primer) -> Document:
        """A primer as a source."""
        sha256 = hashlib.sha256(primer.text.encode()).hexdigest()
        parsed = parse_markdown(primer.text)
        return build(
            parsed.model_copy(
                update={
                    "title": primer.title,
                    "language": primer.language,
                    "licence": primer.licence,
                    "attribution": primer.attribution,
                }
            ),
            sha256=sha256,
            name=primer.slug,
            kind=SourceKind.LIBRARY,
            origin=primer.slug,
            limits=Limits(),
        )


def read_primer(name: str, text: str) -> Primer:
    """A primer from its file. Raises `Defect` when it has no title: primers are our own."""
    found, _ = front_matter(text)
    title = word(found, "title")
    if not title:
        raise Defect(f"the primer {name} has no title", hint="Add `title:` to its front matter.")
    return Primer(
        slug=word(found, "slug") or name,
        title=title,
        aliases=words(found, "aliases"),
        keywords=words(found, "keywords"),
        field=word(found, "field"),
        language=word(found, "language") or "en",
        licence=word(found, "licence") or LICENCE,
        attribution=word(found, "attribution") or ATTRIBUTION,
        summary=word(found, "summary"),
        text=text,
    )


def _names(primer: Primer) -> tuple[str, ...]:
    return (primer.title, primer.slug.replace("-", " "), *primer.aliases)


def _covers(primer: Primer, wanted: tuple[str, ...]) -> bool:
    phrases = [content(phrase) for phrase in (*_names(primer), *primer.keywords)]
    vocabulary = {word for phrase in phrases for word in phrase}
    return set(wanted) <= vocabulary and any(contains(wanted, phrase) for phrase in phrases)
