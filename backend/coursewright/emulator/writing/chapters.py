"""Writing the text of a chapter: five or six sections of the length that is asked for."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from coursewright.emulator.chance import Dice
from coursewright.emulator.writing.knowledge import Knowledge, learn, told
from coursewright.emulator.writing.material import Part, share_of
from coursewright.emulator.writing.phrases import capital, unmarked
from coursewright.emulator.writing.prose import Prose
from coursewright.emulator.writing.task import Task

_WORDS = 1_200
_MIDDLE = 4
"""Sections between the opening and the summary."""
_SUMMED_UP = 6


def chapter(task: Task, call_id: str) -> dict[str, Any]:
    """`sections`, each with `heading`, `markdown` and `sources`."""
    share = share_of(task)
    topic = task.topic or share.title
    left = task.words(_WORDS)
    known = learn(share.text)
    prose = Prose(known, share.title, topic, Dice(call_id, "prose"))
    opening = _opening(share.title, topic, task.plan.text if task.plan else "", known)
    closing = _closing(share.title, known)
    left -= len(f"{opening} {closing}".split())
    groups = _groups(share.parts)
    numbers = sorted({part.number for part in share.parts if part.number})
    sections: list[dict[str, Any]] = [_section("", opening, numbers[:1])]
    for place, parts in enumerate(groups):
        room = left // (len(groups) - place)
        text, used = _body(parts, prose, room)
        left -= len(text.split())
        sections.append(_section(parts[0].title, text, used))
    return {"sections": [*sections, _section("What to Remember", closing, numbers[:3])]}


def _section(heading: str, markdown: str, sources: Sequence[int]) -> dict[str, Any]:
    return {"heading": heading, "markdown": markdown, "sources": list(sources)}


def _groups(parts: Sequence[Part]) -> list[tuple[Part, ...]]:
    """Four sections; few parts are taken apart at their paragraphs."""
    if len(parts) < _MIDDLE:
        parts = [piece for part in parts for piece in _pieces(part)]
    count = min(_MIDDLE, len(parts))
    return [
        tuple(parts[at * len(parts) // count : (at + 1) * len(parts) // count])
        for at in range(count)
    ]


def _pieces(part: Part) -> list[Part]:
    """A piece begins with a paragraph that defines something; where none does, with any."""
    blocks = [block for block in part.text.split("\n\n") if block.strip()]
    defining = any(learn(block).definitions for block in blocks)
    found: list[Part] = []
    for block in blocks:
        known = learn(block)
        if found and not (known.definitions if defining else known.sentences):
            last = found.pop()
            found.append(replace(last, text=f"{last.text}\n\n{block}"))
        else:
            found.append(replace(part, title=_heading(block) if found else part.title, text=block))
    return found or [part]


def _heading(block: str) -> str:
    known = learn(block)
    if known.definitions:
        return capital(known.definitions[0].term)
    return capital(" ".join(unmarked(block).split()[:5]).rstrip(".,;:!?"))


def _body(parts: Sequence[Part], prose: Prose, room: int) -> tuple[str, list[int]]:
    """The parts as far as there is room, then paragraphs on them."""
    made: list[str] = []
    used: list[int] = []
    left = room
    for part in parts:
        for block in part.text.split("\n\n"):
            if made and left <= 0:
                break
            made.append(block)
            left -= len(block.split())
            if part.number and part.number not in used:
                used.append(part.number)
    known = learn("\n\n".join(made))
    for paragraph in prose.about(known.definitions, known.statements):
        if left <= 0:
            break
        made.append(paragraph)
        left -= len(paragraph.split())
    return "\n\n".join(made), used


def _opening(title: str, topic: str, plan: str, known: Knowledge) -> str:
    lines = [line.strip() for line in plan.splitlines() if line.strip()]
    summary = " ".join(line for line in lines if not line.startswith("-"))
    terms = [f"“{each.term}”" for each in known.definitions[:3]]
    words = f" Watch for the expressions {', '.join(terms)} on the way." if terms else ""
    question = f"What has to be known about {title} before {topic} can be put to use?"
    if title.lower() == topic.lower():
        question = f"What has to be known about {title} before it can be put to use?"
    return f"{question} {summary}".strip() + words


def _closing(title: str, known: Knowledge) -> str:
    points = [f"- {told(each)}" for each in known.definitions[:_SUMMED_UP]]
    points = points or [f"- {each}" for each in known.statements[:4]] or [f"- {title}."]
    return "\n".join(points)
