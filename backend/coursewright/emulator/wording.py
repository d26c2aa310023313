"""Words for a property, by its name: headings, questions, options, quotations, long text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from coursewright.emulator.chance import Dice
from coursewright.emulator.reading import Fact, Part, Reading, opening

_ROLES = (
    ("quote", r"quot|excerpt|evidence|verbatim"),
    ("language", r"^(?:lang|language|locale)$"),
    ("url", r"(?:^|_)(?:url|uri|link|href)$"),
    ("option", r"option|choice|distractor|alternative|wrong"),
    ("objective", r"objective|goal|outcome"),
    ("question", r"question|stem|^front$|prompt"),
    ("title", r"title|heading|headline|^name$|topic|subject"),
    ("meaning", r"answer|^back$|definition|meaning|correct|solution"),
    ("term", r"term|^words?$|phrase|keyword|^tags?$|concept"),
    ("long", r"markdown|body|^text$|content|script|article|lesson|narration|transcript|paragraph"),
    ("brief", r"summary|description|explanation|rationale|reason|feedback|intro|overview|hint"),
)
_WORDS = re.compile(r"(\d[\d,]{1,6})(?:\s*(?:-|–|to)\s*(\d[\d,]{1,6}))?[ -]words?\b", re.IGNORECASE)
_LONG_WORDS, _LEAST_WORDS, _MOST_WORDS = 350, 80, 4_000
_OPTION_WORDS, _MOST_OPTION_WORDS = 14, 28
_CLAUSE = re.compile(r"(.+)[,;:]", re.DOTALL)


def role(name: str) -> str:
    """What kind of text a property wants; "sentence" when its name says nothing."""
    return next((kind for kind, pattern in _ROLES if re.search(pattern, name.lower())), "sentence")


def wanted_words(prompt: str) -> int:
    """The length that the prompt asks for; a range means its middle."""
    found = _WORDS.search(prompt)
    if found is None:
        return _LONG_WORDS
    ends = [int(end.replace(",", "")) for end in found.groups() if end]
    return min(max(sum(ends) // len(ends), _LEAST_WORDS), _MOST_WORDS)


@dataclass
class Focus:
    """What one object of the answer is about, so that its properties fit together."""

    part: Part
    fact: Fact | None
    sentence: str
    options: list[str] = field(default_factory=list[str])
    right: int = 0
    position: int = 0
    """Where the object stands in its array, from 0."""
    alone: bool = True
    """Whether its long text is as long as the prompt wants, or one section among others."""
    option: int | None = None
    """Which of the options the object is, when it is one of them."""


class Wording:
    """Writes the strings of one answer."""

    def __init__(self, reading: Reading, prompt: str, dice: Dice) -> None:
        self._reading = reading
        self._parts = reading.about(prompt)
        near = {
            paragraph
            for part in self._parts
            if part.chapter == self._parts[0].chapter
            for paragraph in part.paragraphs
        }
        # What the prompt is about comes first, in an order that differs from call to call.
        self._facts = sorted(
            dice.shuffled(reading.facts),
            key=lambda fact: not any(fact.sentence in paragraph for paragraph in near),
        )
        self._sentences = dice.shuffled(reading.sentences)
        self._words = wanted_words(prompt)
        self._dice = dice
        self._drawn = 0

    def focus(self, position: int = 0, *, chapter: bool = False, alone: bool = True) -> Focus:
        """The next thing to write about; `chapter` walks along headings of the upper level."""
        drawn = self._drawn
        self._drawn += 1
        part = self._parts[position % len(self._parts)]
        if chapter:
            heading = self._reading.chapters[position % len(self._reading.chapters)]
            part = next(each for each in self._reading.parts if each.chapter == heading)
        fact = self._facts[drawn % len(self._facts)] if self._facts else None
        sentence = fact.sentence if fact else self._sentences[drawn % len(self._sentences)]
        return Focus(part, fact, sentence, position=position, alone=alone)

    def set_options(self, focus: Focus, count: int) -> None:
        """Distinct options, of which one is right."""
        right = _meaning(focus)
        wrong = [_short(fact.meaning) for fact in self._dice.shuffled(self._facts)]
        wrong += [opening(sentence, _OPTION_WORDS) for sentence in self._sentences]
        distinct = [each for each in dict.fromkeys(wrong) if each != right][: count - 1]
        distinct += [f"None of the first {n + 1} options" for n in range(len(distinct), count - 1)]
        focus.right = self._dice.below(count)
        focus.options = [*distinct[: focus.right], right, *distinct[focus.right :]]

    def text(self, name: str, focus: Focus, index: int) -> str:
        """A string for the property `name`; `index` counts the strings of an array."""
        kind = role(name)
        if focus.option is not None and kind not in {"brief", "language", "url"}:
            return self._option(focus, "option", focus.option)
        if kind == "option":
            return self._option(focus, name, index)
        if kind == "long":
            return "\n\n".join(self._long(focus, headings="script" not in name and not index))
        fact = focus.fact
        table = {
            "language": "en",
            "url": "https://example.org/reading",
            "objective": f"Explain {self._another(index, focus)}",
            "question": fact.question if fact else f"What is true of {focus.part.title}?",
            "title": focus.part.chapter if "chapter" in name else focus.part.title,
            "meaning": focus.options[focus.right] if focus.options else _meaning(focus),
            "term": self._term(focus, index),
            "brief": self._brief(focus),
            "quote": focus.sentence,
        }
        return table.get(kind) or self._sentence(focus, index)

    def _option(self, focus: Focus, name: str, index: int) -> str:
        if not focus.options:
            self.set_options(focus, 4)
        if re.search(r"correct|right", name):
            return focus.options[focus.right]
        options = focus.options
        if re.search(r"distractor|wrong|incorrect", name):
            options = options[: focus.right] + options[focus.right + 1 :]
        return options[index % len(options)] if options else _meaning(focus)

    def _long(self, focus: Focus, *, headings: bool) -> Iterator[str]:
        if not focus.alone:
            yield from focus.part.paragraphs
            return
        at = self._parts.index(focus.part) if focus.part in self._parts else 0
        left = self._words
        while left > 0:
            part = self._parts[at % len(self._parts)]
            at += 1
            if headings:
                yield f"## {part.title}"
            for paragraph in part.paragraphs:
                left -= len(paragraph.split())
                yield paragraph
                if left <= 0:
                    return

    def _another(self, index: int, focus: Focus) -> str:
        if not self._facts:
            return f"the main ideas of {focus.part.title}, step {index + 1}"
        fact = self._facts[(index + self._drawn) % len(self._facts)]
        return f"what {fact.article.lower()}{fact.term} {fact.verb}"

    def _term(self, focus: Focus, index: int) -> str:
        if focus.fact is None or not self._facts:
            return opening(self._sentence(focus, index), 2)
        return self._facts[(self._facts.index(focus.fact) + index) % len(self._facts)].term

    def _brief(self, focus: Focus) -> str:
        return " ".join(dict.fromkeys([focus.sentence, focus.part.paragraphs[0].split("\n")[0]]))

    def _sentence(self, focus: Focus, index: int) -> str:
        if not index:
            return focus.sentence
        return self._sentences[(self._drawn + index) % len(self._sentences)]


def _meaning(focus: Focus) -> str:
    return _short(focus.fact.meaning) if focus.fact else opening(focus.sentence, _OPTION_WORDS)


def _short(meaning: str) -> str:
    """All of it, or its longest beginning that ends well."""
    text = meaning
    while len(text.split()) > _MOST_OPTION_WORDS and (cut := _CLAUSE.match(text)):
        text = cut[1]
    text = opening(text, _MOST_OPTION_WORDS)
    return text[:1].upper() + text[1:]
