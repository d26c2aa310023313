"""Text to answer with: a passage of the prompt where there is one, else one of our primers."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files

from coursewright.emulator.chance import unit

_LEAST_PASSAGE = 600
"""Characters of running text from which a prompt is taken to bring its own material."""
_LEAST_PARAGRAPH = 60
_LEAST_TAGGED = 200
"""The same for what stands between tags or fences."""
_MOST_PROMPT = 400_000
"""Characters of a prompt that are looked at."""
_MOST_HEADING = 200
_TAG = re.compile(r"<(/?)(\w{1,40})\b[^<>]{0,200}>")
_INFO = re.compile(r"^\w*\n")
"""What stands behind an opening fence."""
_FENCES = ("```", '"""')
_HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*$")
_NO_PROSE = re.compile(r"^\s*(?:[-*+|>]|\d+[.)]\s|`{3}|\$\$|\[)")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-ZÀ-Þ0-9\"“*(])")
_FACT = re.compile(
    r"^(?P<article>An? |The )?\**(?P<term>[^\W\d_][\w'’-]*(?: [a-z][\w'’-]*){0,3}?)\**"
    r" (?P<verb>is|are|was|were) (?P<meaning>(?:an?|the|any|one) .+)[.]$"
)
_PRONOUNS = {"it", "this", "that", "these", "those", "they", "there", "he", "she", "which", "what"}


@dataclass(frozen=True)
class Fact:
    """A sentence that says what something is."""

    term: str
    verb: str
    article: str
    meaning: str
    sentence: str
    """Word for word as it stands in the text."""

    @property
    def question(self) -> str:
        """Asks for the meaning."""
        return f"What {self.verb} {self.article.lower()}{self.term}?"


@dataclass(frozen=True)
class Part:
    """A stretch of text under one heading."""

    title: str
    chapter: str
    """The heading of the level above."""
    paragraphs: tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    """A text, taken apart."""

    title: str
    parts: tuple[Part, ...]

    @cached_property
    def sentences(self) -> tuple[str, ...]:
        """All sentences, word for word; at least one."""
        return tuple(
            sentence
            for part in self.parts
            for paragraph in part.paragraphs
            for sentence in _SENTENCE_END.split(paragraph)
        )

    @cached_property
    def facts(self) -> tuple[Fact, ...]:
        """What the text defines; may be empty."""
        found = {fact.term.lower(): fact for fact in map(_fact, self.sentences) if fact}
        return tuple(found.values())

    @cached_property
    def chapters(self) -> tuple[str, ...]:
        """The headings of the upper level, each once, without the title of the whole."""
        found = tuple(dict.fromkeys(part.chapter for part in self.parts))
        return tuple(each for each in found if each != self.title) or found

    def about(self, prompt: str) -> tuple[Part, ...]:
        """The parts, those first whose headings the prompt names most often."""
        lower = prompt.lower()
        counts = Counter({title: lower.count(title.lower()) for title in self._titles})
        return tuple(
            sorted(self.parts, key=lambda part: -counts[part.title] - 2 * counts[part.chapter])
        )

    @cached_property
    def _titles(self) -> set[str]:
        return {part.title for part in self.parts} | {part.chapter for part in self.parts}


@dataclass(frozen=True)
class Primer:
    """One of our own texts, and the words by which it is found."""

    names: tuple[str, ...]
    keywords: tuple[str, ...]
    reading: Reading
    text: str
    """Its Markdown, without the head."""


def choose(prompt: str, call_id: str) -> Reading:
    """The text to answer a prompt with."""
    own = _passage(prompt)
    if own is not None:
        return own
    lower = prompt.lower()

    def score(primer: Primer) -> float:
        named = sum(5 for name in primer.names if name in lower)
        touched = sum(1 for keyword in primer.keywords if keyword in lower)
        return named + touched + unit(call_id, primer.reading.title) / 2

    return max(primers(), key=score).reading


@cache
def primers() -> tuple[Primer, ...]:
    """Our primers, in the order of their file names."""
    folder = files("coursewright").joinpath("library")
    texts = {path.name: path for path in folder.iterdir() if path.name.endswith(".md")}
    return tuple(_primer(texts[name].read_text(encoding="utf-8")) for name in sorted(texts))


def _primer(text: str) -> Primer:
    front, _, body = text.removeprefix("---\n").partition("\n---\n")
    fields: dict[str, str] = {}
    for line in front.splitlines():
        name, _, value = line.partition(": ")
        fields[name] = value

    def words(name: str) -> tuple[str, ...]:
        return tuple(each.strip().lower() for each in fields.get(name, "").strip("[]").split(","))

    title = fields["title"]
    reading = Reading(title, tuple(_parts(body.replace("**", ""), title)))
    names = (title.lower(), *filter(None, words("aliases")))
    return Primer(names, words("keywords"), reading, body)


def _passage(prompt: str) -> Reading | None:
    prompt = prompt[:_MOST_PROMPT]
    for text in ("\n\n".join(_marked(prompt)), prompt):
        parts = tuple(_parts(_TAG.sub("\n\n", text), ""))
        if sum(len(each) for part in parts for each in part.paragraphs) >= _LEAST_PASSAGE:
            return Reading(parts[0].title, parts)
    return None


def _marked(prompt: str) -> Iterator[str]:
    """What stands between tags, of nested ones the outermost, and between fences."""
    opened: dict[str, int] = {}
    spans: list[tuple[int, int]] = []
    for tag in _TAG.finditer(prompt):
        if not tag[1]:
            opened.setdefault(tag[2], tag.end())
        elif (start := opened.pop(tag[2], None)) is not None:
            while spans and spans[-1][0] >= start:
                spans.pop()
            spans.append((start, tag.start()))
    found = [prompt[start:end] for start, end in spans]
    for fence in _FENCES:
        found += [_INFO.sub("", part) for part in prompt.split(fence)[1::2]]
    return (text for text in found if len(text) >= _LEAST_TAGGED)


def _parts(text: str, title: str) -> Iterator[Part]:
    """Splits at headings; without a heading, the first words of a paragraph stand for one."""
    chapter = heading = title
    found: list[str] = []
    for block in re.split(r"\n\s*\n", text + "\n\n# end"):
        level = _HEADING.match(block.strip().partition("\n")[0][:_MOST_HEADING])
        if level:
            if found:
                yield Part(heading or opening(found[0]), chapter or opening(found[0]), tuple(found))
                found = []
            heading = level[2].replace("*", "")
            chapter = heading if len(level[1]) <= 2 else chapter  # noqa: PLR2004 - `##`
        elif len(block) >= _LEAST_PARAGRAPH and not _NO_PROSE.match(block) and ". " in block + " ":
            found.append(block.strip())


def opening(text: str, most: int = 5) -> str:
    """The first words of a text, as a heading."""
    words = text.replace("*", "").split()[:most]
    return " ".join(words).rstrip(".,;:!?")


def _fact(sentence: str) -> Fact | None:
    found = _FACT.match(sentence)
    if found is None or found["term"].split()[0].lower() in _PRONOUNS:
        return None
    term = found["term"] if found["article"] else found["term"][0].lower() + found["term"][1:]
    return Fact(
        term=term,
        verb=found["verb"],
        article=found["article"] or "",
        meaning=found["meaning"].replace("*", ""),
        sentence=sentence,
    )
