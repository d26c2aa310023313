"""A model's Markdown, cut into blocks; what it must not contain is taken out."""

import re
from collections.abc import Sequence
from functools import cache

from markdown_it import MarkdownIt

from coursewright.course.chapter import Block
from coursewright.course.citation import Citation
from coursewright.course.sources import Passage
from coursewright.course.text import features

_HEADING = re.compile(r"^(\s{0,3})#{1,2}(?=\s)", re.MULTILINE)
_LINE_END = re.compile(r"\r\n|\r|\n")
_GROUNDED = 0.35
"""Share of a block's words that a passage must hold to count as its source."""
_MOST_CITED = 3
_LEAST_WORDS = 4


def blocks_of(
    markdown: str, named: Sequence[Passage] = (), others: Sequence[Passage] = ()
) -> tuple[Block, ...]:
    """The blocks of a text. Each cites the passages whose words it shares.

    Args:
        markdown: the text, without headings of its own above level 3.
        named: the passages that the model says the text rests on.
        others: what else it was given; a block that shares nothing with the first cites these.
    """
    return tuple(
        Block(markdown=text, citations=cited(text, named, others)) for text in split(markdown)
    )


def split(markdown: str) -> list[str]:
    """The texts of the blocks, in order; headings above level 3 are moved down to it."""
    # As the parser counts them: U+2028 and its like end no line of Markdown.
    lines = _LINE_END.split(markdown)
    found: list[str] = []
    for token in _parser().parse(markdown):
        if token.level or token.map is None or token.nesting < 0:
            continue
        start, end = token.map
        text = "\n".join(lines[start:end]).strip()
        if token.type == "heading_open":
            text = _HEADING.sub(r"\1###", text)
        if text:
            found.append(text)
    return found


def cited(
    text: str, named: Sequence[Passage], others: Sequence[Passage] = ()
) -> tuple[Citation, ...]:
    """Where a text comes from, as far as its words show it; empty for the author's own words."""
    words = features(text)
    if len(words) < _LEAST_WORDS:
        return ()
    for passages in (named, others):
        ranked = sorted(
            (
                (len(words & features(passage.text)) / len(words), -at)
                for at, passage in enumerate(passages)
            ),
            reverse=True,
        )
        if good := [-at for share, at in ranked if share >= _GROUNDED]:
            return tuple(Citation.of(passages[at]) for at in good[:_MOST_CITED])
    return ()


@cache
def _parser() -> MarkdownIt:
    # Indented text is text: a model indents by accident, and fences what is code.
    return MarkdownIt("commonmark").enable("table").disable("code").disable("html_block")
