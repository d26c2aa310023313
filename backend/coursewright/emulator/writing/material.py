"""What there is to say on a topic, and how it is dealt out to the chapters of a course."""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from coursewright.emulator.reading import Primer, primers
from coursewright.emulator.writing.phrases import capital, shorten, unmarked
from coursewright.emulator.writing.task import Shown, Task

_LEAST_MATCH = 2
"""Keywords of a primer that a topic must name, when it does not name the primer itself."""
_USUAL_CHAPTERS = 6
_TOPIC_WORDS = 6
_HEADING = re.compile(r"^(#{2,3}) +(.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Part:
    """Some paragraphs below one heading."""

    title: str
    chapter: str
    """The heading of the level above."""
    text: str
    """Markdown, without the heading."""
    number: int = 0
    """Of the section or passage of the prompt that it is; 0 for none."""


@dataclass(frozen=True)
class Share:
    """What one chapter is to be made of."""

    title: str
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        """All its text."""
        return "\n\n".join(part.text for part in self.parts)


def parts_for(task: Task) -> tuple[Part, ...]:
    """The material of the prompt, else a primer on its topic, else text that fits any topic."""
    given = task.sections or task.passages
    if given:
        return tuple(_given(each) for each in given)
    topic = task.topic or (task.plan.title if task.plan else "this subject")
    about = " ".join([topic, *task.titles])
    return _on_topic(topic, about)


def shares(parts: tuple[Part, ...], count: int) -> tuple[Share, ...]:
    """The parts dealt out to so many chapters in their order. No two chapters share a part, unless
    there are fewer parts than chapters; no two have the same title.
    """
    headings = tuple(dict.fromkeys(part.chapter for part in parts))
    grouped = len(headings) >= count
    units = (
        [tuple(part for part in parts if part.chapter == heading) for heading in headings]
        if grouped
        else [(part,) for part in parts]
    )
    found: list[Share] = []
    taken: set[str] = set()
    for number in range(count):
        first = number * len(units) // count
        last = max(first + 1, (number + 1) * len(units) // count)
        chosen = units[first:last]
        names = [unit[0].chapter if grouped else unit[0].title for unit in chosen]
        title = names[0] if grouped or len(names) == 1 else _joined(names)
        if title.lower() in taken:
            title = f"{title}: Part {1 + sum(each.title.startswith(title) for each in found)}"
        taken.add(title.lower())
        found.append(Share(title, tuple(part for unit in chosen for part in unit)))
    return tuple(found)


def share_of(task: Task) -> Share:
    """What the planned chapter is made of: its passages, or its share of what the topic offers."""
    parts = parts_for(task)
    number = task.plan.number if task.plan else 1
    if task.passages:
        found = Share("", parts)
    else:
        count = max(len(task.titles) or _USUAL_CHAPTERS, number, 1)
        found = shares(parts, count)[number - 1]
    return Share(task.plan.title if task.plan else found.title, found.parts)


def usual_chapters(parts: tuple[Part, ...]) -> int:
    """As many as the material has chapters of its own."""
    return max(1, len({part.chapter for part in parts}))


def _joined(names: list[str]) -> str:
    """Two headings, when they are short enough for one title."""
    title = f"{names[0]} and {names[1]}"
    return title if len(title.split()) <= 8 and " and " not in names[0] + names[1] else names[0]  # noqa: PLR2004 - words of a title


def _given(shown: Shown) -> Part:
    title = shown.title.rpartition(" > ")[2] or _first_words(shown.text)
    return Part(title, title, shown.text, shown.number)


def _first_words(text: str) -> str:
    words = unmarked(text).replace("#", "").split()
    return capital(" ".join(words[:5]).rstrip(".,;:!?")) or "Untitled"


@lru_cache(maxsize=64)
def _on_topic(topic: str, about: str) -> tuple[Part, ...]:
    found = _primer(topic.lower()) or _primer(about.lower(), _LEAST_MATCH + 1)
    if found is not None:
        return _parts(found.text)
    name = shorten(re.sub(r"[*_#`<>{}\[\]|\\$]", " ", topic).strip(" .") or "this subject", 12)
    name = " ".join(name.split()[:_TOPIC_WORDS])
    text = _any_topic()
    return _parts(text.replace("{topic}", name).replace("{Topic}", capital(name)))


def _primer(text: str, least: int = _LEAST_MATCH) -> Primer | None:
    """The primer that a topic names; None when it is about something else."""

    def score(primer: Primer) -> int:
        named = any(re.search(rf"\b{re.escape(name)}\b", text) for name in primer.names)
        touched = sum(
            re.search(rf"\b{re.escape(word)}\b", text) is not None for word in primer.keywords
        )
        return 10 * named + touched

    best = max(primers(), key=score)
    return best if score(best) >= least else None


@lru_cache(maxsize=64)
def _parts(text: str) -> tuple[Part, ...]:
    found: list[Part] = []
    chapter = opening = ""
    places = list(_HEADING.finditer(text))
    for place, following in zip(places, [*places[1:], None], strict=True):
        body = text[place.end() : following.start() if following else len(text)].strip()
        if len(place[1]) == 2:  # noqa: PLR2004 - `##`
            chapter = place[2]
            opening = body
        elif body:
            # The lines between a chapter's heading and its first part belong to that part.
            text_of_part = f"{opening}\n\n{body}".strip() if opening else body
            opening = ""
            found.append(Part(place[2], chapter, text_of_part))
    return tuple(found)


@cache
def _any_topic() -> str:
    folder = files("coursewright.emulator.writing")
    return folder.joinpath("any_topic.md").read_text(encoding="utf-8")
