"""Scripts: a course as one would tell it."""

import re
from collections.abc import Iterator
from typing import Any

from coursewright.emulator.chance import Dice
from coursewright.emulator.writing.knowledge import Definition, Knowledge, learn, told
from coursewright.emulator.writing.phrases import unmarked
from coursewright.emulator.writing.prose import Prose
from coursewright.emulator.writing.task import Task

_WORDS = 700
_PART = re.compile(r"part (\d{1,3}) of (\d{1,3})")
_SIGNS = re.compile(r"[$`|\\<>#*_{}\[\]=]")
_PARAGRAPH = 4
"""Sentences."""


def script(task: Task, call_id: str) -> dict[str, Any]:
    """`title` and `paragraphs` of spoken language, of the length that is asked for."""
    topic = task.topic or "this subject"
    found = _PART.search(task.orders)
    part, parts = (int(found[1]), int(found[2])) if found else (1, 1)
    titles = [shown.title for shown in task.chapters]
    known = learn("\n\n".join(shown.text for shown in task.chapters))
    first = (
        f"Welcome. Today we talk about {topic}. What does it take to understand it?"
        if part == 1
        else f"Let us turn to {titles[0] if titles else topic}."
    )
    last = (
        f"That is {topic} in a nutshell. Keep the terms in mind, look for them in the days to "
        "come, and thank you for listening. Goodbye."
        if part >= parts
        else f"So much for {titles[-1] if titles else topic}."
    )
    left = task.words(_WORDS) - len(f"{first} {last}".split())
    body: list[str] = []
    for paragraph in _paragraphs(known, titles[0] if titles else topic, topic, Dice(call_id)):
        if left <= 0:
            break
        body.append(paragraph)
        left -= len(paragraph.split())
    return {"title": topic, "paragraphs": [first, *body, last]}


def _paragraphs(known: Knowledge, title: str, topic: str, dice: Dice) -> Iterator[str]:
    """What is defined and said, in the order of the text, then thoughts on it."""
    defined: dict[str, Definition] = {each.sentence: each for each in known.definitions}
    said = [
        told(defined[sentence]) if sentence in defined else unmarked(sentence)
        for sentence in known.sentences
    ]
    spoken = [sentence for sentence in said if not _SIGNS.search(sentence)]
    for at in range(0, len(spoken), _PARAGRAPH):
        yield " ".join(" ".join(spoken[at : at + _PARAGRAPH]).split())
    clear = [each for each in known.definitions if not _SIGNS.search(each.brief)]
    for paragraph in Prose(known, title, topic, dice).about(clear, ()):
        if not _SIGNS.search(paragraph):
            yield paragraph
