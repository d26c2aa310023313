"""A chapter's text after a person has been at it: which blocks are still those of before."""

import re
from collections import Counter
from collections.abc import Callable, Sequence

from coursewright.course.chapter import Block

_FENCE = re.compile(r"^\s{0,3}(`{3,}|~{3,}|\$\$)")


def rewritten(
    before: Sequence[Block], texts: Sequence[str], split: Callable[[str], Sequence[str]]
) -> list[tuple[Block, ...]]:
    """The blocks of each text.

    Args:
        before: the blocks as they were. One that stands in a text word for word is kept, each of
            them once, wherever it has been moved to.
        texts: Markdown, one for each section.
        split: cuts Markdown that is new into blocks.
    """
    known: dict[tuple[str, ...], list[Block]] = {}
    for block in before:
        known.setdefault(tuple(_chunks(block.markdown)), []).append(block)
    longest = max(map(len, known), default=0)
    free = Counter({key: len(blocks) for key, blocks in known.items()})
    return [_blocks(_chunks(text), known, free, longest, split) for text in texts]


def _blocks(
    chunks: Sequence[str],
    known: dict[tuple[str, ...], list[Block]],
    free: Counter[tuple[str, ...]],
    longest: int,
    split: Callable[[str], Sequence[str]],
) -> tuple[Block, ...]:
    found: list[Block] = []
    new: list[str] = []

    def take_new() -> None:
        found.extend(Block(markdown=text, edited=True) for text in _whole(new, split))
        new.clear()

    at = 0
    while at < len(chunks):
        for count in range(min(longest, len(chunks) - at), 0, -1):
            key = tuple(chunks[at : at + count])
            if free[key]:
                take_new()
                blocks = known[key]
                found.append(blocks[len(blocks) - free[key]])
                free[key] -= 1
                at += count
                break
        else:
            new.append(chunks[at])
            at += 1
    take_new()
    return tuple(found)


def _whole(chunks: Sequence[str], split: Callable[[str], Sequence[str]]) -> Sequence[str]:
    """The blocks of new text; as it was typed where cutting it would lose some of it."""
    if not chunks:
        return ()
    text = "\n\n".join(chunks)
    blocks = split(text)
    lost = Counter(text.split()) - Counter(" ".join(blocks).split())
    # A heading is moved down to level 3: its mark alone may differ.
    return (text,) if any(set(word) != {"#"} for word in lost) else blocks


def _chunks(markdown: str) -> list[str]:
    """Runs of lines without an empty one between them; what is fenced is one run."""
    found: list[str] = []
    run: list[str] = []
    fence = ""
    for line in markdown.splitlines():
        mark = _FENCE.match(line)
        if fence:
            run.append(line)
            if line.strip().startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
        elif line.strip():
            run.append(line)
            one_line = mark is not None and mark[1] == "$$" and line.count("$$") > 1
            fence = mark[1] if mark is not None and not one_line else ""
        elif run:
            found.append("\n".join(run).strip("\n"))
            run = []
    if run:
        found.append("\n".join(run).strip("\n"))
    return [chunk.rstrip() for chunk in found if chunk.strip()]
