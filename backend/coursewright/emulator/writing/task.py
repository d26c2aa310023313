"""What a prompt asks for, and the material that it shows."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_OPENING = re.compile(
    r'<(chapter|plan|passage|section) number="(\d{1,6})"(?: (?:title|place)="(.{0,300}?)")?>'
)
_TOPIC = re.compile(r"^Topic:[ \t]*(.{1,300})$", re.MULTILINE)
_TITLE = re.compile(r"^\d{1,3}\. (.{1,300})$", re.MULTILINE)
_OBJECTIVES = re.compile(r"\AObjectives: (.{1,4000})$", re.MULTILINE)
_NUMBERED = re.compile(r"\(\d{1,2}\) ")
_WORDS = re.compile(r"(\d[\d,]{1,6})(?:\s*(?:-|–|to)\s*(\d[\d,]{1,6}))?[ -]words?\b")


@dataclass(frozen=True)
class Shown:
    """Material with a number, as it stands in the prompt."""

    number: int
    title: str
    text: str
    objectives: tuple[str, ...] = ()


@dataclass(frozen=True)
class Task:
    """A prompt, taken apart."""

    orders: str
    """All that is no material."""
    topic: str
    """Empty where the prompt names none."""
    titles: tuple[str, ...]
    """The entries of a numbered list: the chapters or parts that there are."""
    chapters: tuple[Shown, ...]
    plan: Shown | None
    passages: tuple[Shown, ...]
    sections: tuple[Shown, ...]

    def count(self, what: str, usual: int) -> tuple[int, int]:
        """How many are asked for, least and most: `6 chapters`, `4 to 8 chapters`."""
        found = re.search(
            rf"\b(\d{{1,3}})(?:\s*(?:-|–|to)\s*(\d{{1,3}}))?\s+(?:\w+\s+)?{what}", self.orders
        )
        if found is None:
            return usual, usual
        least = max(1, int(found[1]))
        return least, max(least, int(found[2] or least))

    def words(self, usual: int) -> int:
        """The length that is asked for; of a range the middle."""
        found = _WORDS.search(self.orders)
        if found is None:
            return usual
        ends = [int(end.replace(",", "")) for end in found.groups() if end]
        return min(max(sum(ends) // len(ends), 20), 6_000)


def read_task(prompt: str) -> Task:
    """Takes a prompt apart. Anything is a prompt: what is missing stays empty."""
    found: dict[str, list[Shown]] = {"chapter": [], "plan": [], "passage": [], "section": []}
    orders: list[str] = []
    end = 0
    for name, shown, start, stop in _material(prompt):
        found[name].append(shown)
        orders.append(prompt[end:start])
        end = stop
    text = "\n".join([*orders, prompt[end:]])
    topic = _TOPIC.search(text)
    return Task(
        orders=text,
        topic=" ".join(topic[1].split()) if topic else "",
        titles=tuple(title.strip() for title in _TITLE.findall(text)),
        chapters=tuple(found["chapter"]),
        plan=found["plan"][0] if found["plan"] else None,
        passages=tuple(found["passage"]),
        sections=tuple(found["section"]),
    )


def _material(prompt: str) -> Iterator[tuple[str, Shown, int, int]]:
    end = 0
    for tag in _OPENING.finditer(prompt):
        if tag.start() < end:
            continue  # within material
        closing = f"</{tag[1]}>"
        stop = prompt.find(closing, tag.end())
        if stop < 0:
            return
        end = stop + len(closing)
        text = prompt[tag.end() : stop].strip()
        objectives = _OBJECTIVES.match(text)
        if objectives:
            text = text[objectives.end() :].strip()
        listed = _NUMBERED.split(objectives[1])[1:] if objectives else ()
        aims = tuple(each.strip() for each in listed)
        yield tag[1], Shown(int(tag[2]), tag[3] or "", text, aims), tag.start(), end
