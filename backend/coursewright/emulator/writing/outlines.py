"""Planning a course."""

from typing import Any

from coursewright.emulator.chance import Dice
from coursewright.emulator.writing.knowledge import Knowledge, learn
from coursewright.emulator.writing.material import Share, parts_for, shares, usual_chapters
from coursewright.emulator.writing.phrases import capital
from coursewright.emulator.writing.task import Task

_OBJECTIVES = ("Explain what {} {}", "Recognise {} in a case of one's own", "Compare {} with {}")


def outline(task: Task, call_id: str) -> dict[str, Any]:
    """`title`, `description`, `chapter_titles`, `chapters`."""
    parts = parts_for(task)
    usual = usual_chapters(parts)
    least, most = task.count("chapters", usual)
    count = min(max(usual, least), most)
    planned = shares(parts, count)
    topic = task.topic or parts[0].chapter
    titles = [share.title for share in planned]
    return {
        "title": capital(topic),
        "description": (
            f"A course on {topic}, from {titles[0]} to {titles[-1]}. It is for everybody who wants "
            f"to understand the subject and use it."
        ),
        "chapter_titles": titles,
        "chapters": [_chapter(share, topic, Dice(call_id, share.title)) for share in planned],
    }


def _chapter(share: Share, topic: str, dice: Dice) -> dict[str, Any]:
    known = learn(share.text)
    named = [each.named for each in known.definitions[:2]]
    within = " and ".join(named) or share.parts[0].title
    return {
        "title": share.title,
        "summary": (
            f"The chapter treats {share.title} as a part of {topic}. It explains {within}, with "
            f"examples and typical mistakes."
        ),
        "objectives": _objectives(share.title, known, dice),
        "source_sections": sorted({part.number for part in share.parts if part.number}),
    }


def _objectives(title: str, known: Knowledge, dice: Dice) -> list[str]:
    found = dice.shuffled(known.definitions)[:4]
    if len(found) < 4:  # noqa: PLR2004 - as many as the three objectives speak of
        return [
            f"Explain what belongs to {title}",
            f"Describe an example of {title}",
            f"Judge typical mistakes in {title}",
        ]
    one, two, three, four = (each.named for each in found)
    return [
        _OBJECTIVES[0].format(one, found[0].verb),
        _OBJECTIVES[1].format(two),
        _OBJECTIVES[2].format(three, four),
    ]
