"""A chapter in fewer words, for prompts that speak of the whole course."""

from coursewright.authors.prompting.prompts import fenced
from coursewright.course.base import Value
from coursewright.course.chapter import Block, Chapter, Section
from coursewright.course.text import count_words, first_words

_LEAST = 40
"""Words of a section."""


class ShownChapter(Value):
    """A chapter as it stands in a prompt."""

    number: int
    title: str
    objectives: tuple[str, ...] = ()
    text: str


def whole(chapter: Chapter) -> ShownChapter:
    """All of it: what is quoted from it must stand there word for word."""
    return _shown(chapter, fenced(chapter.markdown), chapter.objectives)


def digest(chapter: Chapter, words: int) -> ShownChapter:
    """The beginnings of its sections, about `words` words in all."""
    if chapter.words <= words:
        return _shown(chapter, fenced(chapter.markdown), ())
    share = words / chapter.words
    parts: list[str] = []
    for section in chapter.sections:
        text = "\n\n".join(block.markdown for block in section.blocks)
        left = max(_LEAST, round(count_words(text) * share))
        if section.heading:
            parts.append(f"## {section.heading}")
        for block in section.blocks:
            parts.append(first_words(block.markdown, left))
            left -= count_words(block.markdown)
            if left <= 0:
                break
    return _shown(chapter, fenced("\n\n".join(parts)), ())


def shares(chapter: Chapter, count: int) -> tuple[Chapter, ...]:
    """A chapter in parts that follow one another, about equally long, at most `count`."""
    total = max(1, sum(count_words(block.markdown) for block in chapter.blocks))
    found: list[dict[int, list[Block]]] = [{} for _ in range(count)]
    words = 0
    for at, section in enumerate(chapter.sections):
        for block in section.blocks:
            share = min(count - 1, words * count // total)
            found[share].setdefault(at, []).append(block)
            words += count_words(block.markdown)
    return tuple(
        chapter.model_copy(
            update={
                "sections": tuple(
                    Section(heading=chapter.sections[at].heading, blocks=tuple(blocks))
                    for at, blocks in share.items()
                )
            }
        )
        for share in found
        if share
    )


def _shown(chapter: Chapter, text: str, objectives: tuple[str, ...]) -> ShownChapter:
    title = fenced(chapter.title.replace('"', "'"))
    return ShownChapter(
        number=chapter.number,
        title=title,
        objectives=tuple(map(fenced, objectives)),
        text=text,
    )
