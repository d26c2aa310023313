"""A chapter: the source's own paragraphs, in order, trimmed to the length that was asked for."""

import re
from collections.abc import Sequence
from itertools import groupby

from coursewright.authors.extraction.centrality import score
from coursewright.authors.extraction.languages import Language
from coursewright.authors.extraction.sections import clean_title, words_in
from coursewright.authors.extraction.sentences import of_passages
from coursewright.authors.extraction.text import normal, to_markdown
from coursewright.course.brief import Brief
from coursewright.course.chapter import Block, Chapter, Section
from coursewright.course.citation import Citation
from coursewright.course.errors import Defect
from coursewright.course.outline import Outline
from coursewright.course.sources import Material, Passage, PassageKind

_LONGEST_CODE = 60
"""Lines. Longer listings are for looking up, not for reading."""


def write(
    brief: Brief, outline: Outline, number: int, material: Material, language: Language
) -> Chapter:
    """Puts together the passages that the outline gives to the chapter."""
    planned = outline.chapter(number)
    wanted = set(planned.passages)
    passages = [passage for passage in material.passages if passage.id in wanted]
    if not passages:
        raise Defect(f"the sources have none of the passages that chapter {number} is to draw on")
    kept = _trim(_bundles(passages), brief.length.words[1], language)
    depth = _common_depth(kept)
    sections = tuple(
        Section(heading=heading, blocks=_blocks(list(run)))
        for heading, run in groupby(
            kept, key=lambda passage: _heading(passage, depth, planned.title)
        )
    )
    return Chapter(
        number=number, title=planned.title, objectives=planned.objectives, sections=sections
    )


def _bundles(passages: Sequence[Passage]) -> list[list[Passage]]:
    """What belongs together: a list, code or formula goes with the paragraph that leads to it."""
    bundles: list[list[Passage]] = []
    for passage in passages:
        if passage.kind is PassageKind.HEADING or not passage.text.strip():
            continue
        if passage.kind is PassageKind.CODE and passage.text.count("\n") > _LONGEST_CODE:
            continue
        follows = passage.kind not in {PassageKind.PARAGRAPH, PassageKind.QUOTE}
        same_place = bundles and bundles[-1][-1].place.headings == passage.place.headings
        if follows and same_place:
            bundles[-1].append(passage)
        else:
            bundles.append([passage])
    return bundles


def _trim(bundles: Sequence[Sequence[Passage]], most: int, language: Language) -> list[Passage]:
    """The most telling bundles that fit into `most` words, in their order; the first one stays."""
    total = sum(words_in(bundle) for bundle in bundles)
    if total <= most:
        return [passage for bundle in bundles for passage in bundle]
    order = sorted(
        range(len(bundles)),
        key=lambda index: (index > 0, -_weight(bundles[index], language), index),
    )
    used, chosen = 0, set[int]()
    for index in order:
        words = words_in(bundles[index])
        if used + words <= most or not chosen:
            used += words
            chosen.add(index)
    return [passage for index in sorted(chosen) for passage in bundles[index]]


def _weight(bundle: Sequence[Passage], language: Language) -> float:
    sentences = of_passages(bundle)
    scores = score(sentences, language)
    return sum(scores) / (len(scores) + 1) if scores else 0.0


def _common_depth(passages: Sequence[Passage]) -> int:
    """How many outermost headings all passages share."""
    paths = [passage.place.headings for passage in passages]
    depth = 0
    while all(len(path) > depth for path in paths) and len({path[depth] for path in paths}) == 1:
        depth += 1
    return depth


def _heading(passage: Passage, depth: int, title: str) -> str:
    below = passage.place.headings[depth:]
    heading = clean_title(below[-1]) if below else ""
    return "" if normal(heading) == normal(title) else heading


def _blocks(passages: Sequence[Passage]) -> tuple[Block, ...]:
    blocks: list[Block] = []
    for kind, run in groupby(passages, key=lambda passage: passage.kind):
        if kind is PassageKind.LIST_ITEM:
            items = list(run)
            markdown = "\n".join(f"- {_indented(to_markdown(item.text))}" for item in items)
            cited = tuple(Citation.of(item) for item in items)
            blocks.append(Block(markdown=markdown, citations=cited))
        else:
            blocks += [
                Block(markdown=_markdown(item), citations=(Citation.of(item),)) for item in run
            ]
    return tuple(blocks)


def _indented(text: str) -> str:
    return text.replace("\n", "\n  ")


def _markdown(passage: Passage) -> str:
    match passage.kind:
        case PassageKind.CODE:
            return _fenced(passage.text.strip("\n"))
        case PassageKind.FORMULA:
            text = passage.text.strip()
            return text if text.startswith("$") else f"$$\n{text}\n$$"
        case PassageKind.TABLE:
            text = passage.text.strip()
            return text if text.startswith("|") else _fenced(text)
        case PassageKind.QUOTE:
            return "> " + to_markdown(passage.text)
        case _:
            return to_markdown(passage.text)


def _fenced(code: str) -> str:
    """In a fence that no line of the code can close."""
    if "```" not in code:
        return f"```\n{code}\n```"
    longest = max((len(run) for run in re.findall(r"~+", code)), default=0)
    fence = "~" * max(4, longest + 1)
    return f"{fence}\n{code}\n{fence}"
