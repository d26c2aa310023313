"""What a course is made from: the documents that were given, or a primer, or an encyclopedia."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from coursewright.course.brief import Brief
from coursewright.course.errors import NoSource
from coursewright.sources import Document, Limits, encyclopedia, read_source
from coursewright.sources.library import Library


class Gatherer:
    """Finds and reads sources."""

    def __init__(self, limits: Limits, *, needs_sources: bool = True) -> None:
        """`needs_sources`: the author cannot write without any."""
        self._limits = limits
        self._needs_sources = needs_sources

    @property
    def limits(self) -> Limits:
        """How large a source may be."""
        return self._limits

    async def gather(
        self,
        brief: Brief,
        origins: Sequence[str | Path],
        *,
        on_read: Callable[[str], None] = lambda _: None,
    ) -> list[Document]:
        """The documents named by `origins` (files and addresses); without any, what we ship,
        or nothing where the author can do without.

        `on_read` is told of each document before it is read. Raises `SourceError` for the first
        one that cannot be read, and `NoSource` when nothing covers the topic.
        """
        documents: list[Document] = []
        seen: set[str] = set()
        for origin in origins:
            on_read(str(origin))
            document = await read_source(origin, limits=self._limits)
            if document.source.sha256 not in seen:
                seen.add(document.source.sha256)
                documents.append(document)
        if documents or not self._needs_sources:
            return documents
        return await asyncio.to_thread(self.shipped, brief)

    def shipped(self, brief: Brief) -> list[Document]:
        """A primer of the library, else entries of the encyclopedia. Raises `NoSource`."""
        library = Library()
        primer = library.find(brief.topic)
        if primer is not None:
            return [library.document(primer)]
        if found := encyclopedia.find(brief.topic, primary_language(brief.language)):
            return list(found)
        raise no_source(brief, [primer.title for primer in library.primers()])


def primary_language(tag: str) -> str:
    """`pt` of `pt-BR`."""
    return tag.partition("-")[0]


def no_source(brief: Brief, titles: Sequence[str]) -> NoSource:
    """The error for a topic that no source covers, with every way out."""
    ways = [
        "give a document: --source notes.pdf (or an address)",
        f"pick one of these topics: {', '.join(sorted(titles))}",
    ]
    if not encyclopedia.available(primary_language(brief.language)):
        ways.append("install the encyclopedia: make encyclopedia")
    return NoSource(
        f"no source covers {brief.topic!r}, and the built-in author writes only out of sources",
        hint="You can " + "; ".join(ways) + ".",
    )
