"""Articles on a course, and ideas for the next one."""

from collections.abc import Iterator
from typing import Any

from coursewright.emulator.chance import Dice
from coursewright.emulator.reading import primers
from coursewright.emulator.writing.knowledge import Definition, learn, question_of, told
from coursewright.emulator.writing.phrases import capital, unmarked
from coursewright.emulator.writing.prose import Prose
from coursewright.emulator.writing.task import Shown, Task

_DEEP_WORDS = 850
_POINTS = 4
_NEXT = (
    ("{} in Practice", "Worked cases show where the ideas of the course hold and where they fail."),
    ("The History of {}", "Who knows how the ideas came about understands why they look so."),
    ("Advanced {}", "The course stops where the harder questions begin."),
    ("Teaching {} to Others", "Explaining to others is the best test of what one has learnt."),
    ("Open Problems of {}", "Some questions that the course touches are not settled yet."),
    ("Famous Mistakes in {}", "What went wrong for others is remembered better than any rule."),
    ("The People behind {}", "Every idea of the course once was somebody's work."),
)


def article(task: Task, call_id: str) -> dict[str, Any]:
    """`title` and `sections`: takeaways, frequent questions or a deep dive, as the prompt asks."""
    orders = task.orders.lower()
    topic = task.topic or (task.chapters[0].title if task.chapters else "the subject")
    dice = Dice(call_id, "article")
    if "takeaways" in orders and "bullet" in orders:
        title, found = f"{topic}: What to Keep in Mind", _takeaways(task)
    elif "question mark" in orders:
        title, found = f"Questions about {topic}", _answers(task, topic, dice)
    else:
        title, found = f"How the Ideas of {topic} Hang Together", _deep_dive(task, topic, dice)
    sections = [
        {"heading": heading, "markdown": text, "sources": list[int]()} for heading, text in found
    ]
    return {"title": capital(title), "sections": sections}


def suggestions(task: Task, call_id: str) -> dict[str, Any]:
    """`suggestions`, each with `topic` and `reason`."""
    wanted, _ = task.count("topics", 5)
    topic = capital(task.topic or "the subject")
    ideas = [(form.format(topic), reason) for form, reason in _NEXT]
    known = [each.reading.title for each in primers() if each.reading.title != topic]
    ideas += [
        (title, f"{title} uses habits of thought that {topic} has trained.") for title in known
    ]
    chosen = [*ideas[:3], *Dice(call_id, "suggestions").shuffled(ideas[3:])][:wanted]
    return {"suggestions": [{"topic": title, "reason": reason} for title, reason in chosen]}


def _takeaways(task: Task) -> Iterator[tuple[str, str]]:
    for shown in task.chapters:
        known = learn(shown.text)
        points = [told(each) for each in known.definitions] + list(known.statements)
        lines = [f"- {unmarked(point)}" for point in points[:_POINTS]]
        yield shown.title, "\n".join(lines) or f"- {shown.title} belongs to the course."


def _answers(task: Task, topic: str, dice: Dice) -> Iterator[tuple[str, str]]:
    wanted, _ = task.count("sections", 8)
    for shown, item in _spread(task, wanted, dice):
        known = learn(shown.text)
        prose = Prose(known, shown.title, topic, dice)
        more = next(prose.about([item], ()), "")
        yield question_of(item), f"{told(item)} {more}".strip()


def _deep_dive(task: Task, topic: str, dice: Dice) -> Iterator[tuple[str, str]]:
    wanted, _ = task.count("sections", 4)
    room = task.words(_DEEP_WORDS) // wanted
    chosen = list(_spread(task, 2 * wanted, dice))
    for at in range(wanted):
        pairs = chosen[2 * at : 2 * at + 2] or chosen[:2]
        if not pairs:
            yield topic, _plainly(task, room)
            continue
        shown, first = pairs[0]
        second = pairs[-1][1]
        items = list(dict.fromkeys((first, second)))
        prose = Prose(learn(shown.text), shown.title, topic, dice)
        made = [" ".join(told(each) for each in items)]
        left = room - len(made[0].split())
        for paragraph in prose.about(items, learn(shown.text).statements[at::wanted]):
            if left <= 0:
                break
            made.append(paragraph)
            left -= len(paragraph.split())
        yield f"{capital(first.term)} and {second.term}", "\n\n".join(made)


def _spread(task: Task, wanted: int, dice: Dice) -> Iterator[tuple[Shown, Definition]]:
    """Definitions from all chapters in turn, none twice."""
    rows = [(shown, dice.shuffled(learn(shown.text).definitions)) for shown in task.chapters]
    longest = max((len(found) for _, found in rows), default=0)
    found = [
        (shown, items[turn])
        for turn in range(longest)
        for shown, items in rows
        if turn < len(items)
    ]
    yield from found[:wanted]


def _plainly(task: Task, room: int) -> str:
    """For texts that define nothing: what they say, from the beginning."""
    said = [each for shown in task.chapters for each in learn(shown.text).sentences]
    return " ".join(" ".join(unmarked(each) for each in said).split()[:room]) or task.topic
