"""Questions that are wrong on purpose: how many are published, and how many good ones are refused.

    .venv/bin/python benchmarks/generation/planted.py [--chapters 4] [--seeds 5]

The emulator writes quizzes for chapters of eight topics with 10 % wrong keys, 5 % double keys and
5 % questions asked twice; our side writes, judges, solves blindly and writes anew as in a course.
The emulator says which questions it planted in which answer. A planted repetition is published when
both questions with that answer are. It ends with 1 when a bar is broken.
"""

import argparse
import asyncio
import sys
from collections import Counter
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from coursewright.authors.author import Written
from coursewright.authors.model import ModelAuthor
from coursewright.course.brief import Brief
from coursewright.course.chapter import Chapter
from coursewright.course.review.verdict import Rejection
from coursewright.course.sources import Material
from coursewright.course.study import Mcq
from coursewright.emulator.options import EmulatorOptions, ModelLimits
from coursewright.emulator.server import Emulator, running
from coursewright.emulator.writing.planting import Planted
from coursewright.generation.mcqs import generate_mcqs
from coursewright.keys.credentials import from_environment
from coursewright.keys.limits import parse_limits
from coursewright.providers.answers import NoAnswers
from coursewright.providers.ledger import Entry
from coursewright.providers.models import Endpoints
from coursewright.providers.names import DEFAULT_MODELS, parse_chain
from coursewright.providers.opening import Config, open_providers
from machine import write

SHARES: Mapping[str, float] = {"wrong_keys": 0.10, "double_keys": 0.05, "duplicate_questions": 0.05}
TOPICS = (
    "Machine Learning Basics", "The French Revolution", "SQL", "Photosynthesis", "Music theory",
    "Personal finance", "How the internet works", "Statistics basics",
)  # fmt: skip
KEYS = {"GEMINI_API_KEY": "test-key-gemini", "GROQ_API_KEY": "test-key-groq"}
_ROOM = ModelLimits(rpm=100_000, tpm=1_000_000_000)
_SAID = "gemini:* rpm=100000 tpm=1000000000; groq:* rpm=100000 tpm=1000000000"
_REPEATED = "duplicate_question"
_SHOWN = 159
"""Characters of a stem that stand in a rejection at least, where the stem is longer."""
console = Console(width=110)


@dataclass
class Draft:
    """What one answer held, before anybody judged it."""

    questions: tuple[Mcq, ...]
    planted: dict[str, Planted]
    """By stem."""


class Recording(ModelAuthor):
    """The model author; it remembers its drafts and what the emulator planted in them."""

    def __init__(self, asker: Any, emulator: Emulator) -> None:
        super().__init__(asker)
        self._emulator = emulator
        self.drafts: list[Draft] = []

    async def mcqs(
        self, brief: Brief, chapter: Chapter, material: Material
    ) -> Written[tuple[Mcq, ...]]:
        """Recorded."""
        return await self._recorded(super().mcqs(brief, chapter, material))

    async def mcqs_again(
        self, brief: Brief, chapter: Chapter, kept: Sequence[Mcq], refused: Sequence[Rejection]
    ) -> Written[tuple[Mcq, ...]]:
        """Recorded."""
        return await self._recorded(super().mcqs_again(brief, chapter, kept, refused))

    async def _recorded(
        self, writing: Awaitable[Written[tuple[Mcq, ...]]]
    ) -> Written[tuple[Mcq, ...]]:
        before = len(self._emulator.log)
        written = await writing
        planted = [each for call in self._emulator.log[before:] for each in call.planted]
        self.drafts.append(Draft(written.value, {each.stem: each for each in planted}))
        return written


@dataclass
class Tally:
    """What was counted."""

    chapters: int = 0
    written: int = 0
    published: int = 0
    short: int = 0
    """Quizzes with fewer questions than were ordered, which say so."""
    padded: int = 0
    """Quizzes whose count is not that of their distinct questions, or is above what was ordered."""
    planted: Counter[str] = field(default_factory=Counter[str])
    caught: Counter[str] = field(default_factory=Counter[str])
    """By the rule that refused them."""
    left_out: int = 0
    """Planted ones that nobody refused, and that were not needed."""
    faults: list[str] = field(default_factory=list[str])
    """Published ones that were planted."""
    mistaken: Counter[str] = field(default_factory=Counter[str])
    """Good ones that were refused, by rule."""

    def add(
        self, drafts: Sequence[Draft], value: Sequence[Mcq], refused: Sequence[Rejection]
    ) -> None:
        """Counts what became of the drafts of one chapter."""
        for draft in drafts:
            self.written += len(draft.questions)
            for question in draft.questions:
                self._judge(question, draft, value, refused)

    def _judge(
        self, question: Mcq, draft: Draft, value: Sequence[Mcq], refused: Sequence[Rejection]
    ) -> None:
        planted = draft.planted.get(question.stem)
        rule = _rule(question, refused)
        published = any(_same(question, each) for each in value)
        if planted is None:
            if rule and not published and not self._stands_for_its_double(question, draft, value):
                self.mistaken[rule] += 1
            return
        self.planted[planted.kind] += 1
        if published and (planted.kind != _REPEATED or _twice(question, value)):
            self.faults.append(f"{planted.kind}: {question.stem}")
        elif published:  # its first wording is not
            self.left_out += 1
        elif rule:
            self.caught[f"{planted.kind} by {rule}"] += 1
        else:
            self.left_out += 1

    @staticmethod
    def _stands_for_its_double(question: Mcq, draft: Draft, value: Sequence[Mcq]) -> bool:
        """Of two wordings of one question either may go."""
        return any(
            draft.planted[each.stem].kind == _REPEATED and each.answer == question.answer
            for each in value
            if each.stem in draft.planted
        )


def _same(one: Mcq, other: Mcq) -> bool:
    """The same question, however its options are shuffled."""
    return (one.stem, one.answer, sorted(one.options)) == (
        other.stem,
        other.answer,
        sorted(other.options),
    )


def _twice(question: Mcq, value: Sequence[Mcq]) -> bool:
    return sum(each.answer == question.answer for each in value) > 1


def _rule(question: Mcq, refused: Sequence[Rejection]) -> str | None:
    for each in refused:
        shown = each.item.removesuffix("…")
        if each.item == question.stem or (
            len(shown) >= _SHOWN and question.stem.startswith(shown[:_SHOWN])
        ):
            return each.rule
    return None


async def count(
    *,
    chapters: int,
    topics: Sequence[str] = TOPICS,
    seed: int = 0,
    shares: Mapping[str, float] = SHARES,
) -> Tally:
    """Writes a quiz for each chapter of each topic and counts."""
    options: dict[str, Any] = {"latency_scale": 0.0, "gemini": _ROOM, "groq": _ROOM, **shares}
    tally = Tally()
    async with running(EmulatorOptions(**options)) as emulator:
        config = Config(
            chains={name: parse_chain(text) for name, text in DEFAULT_MODELS.items()},
            limits=parse_limits(_SAID),
            endpoints=Endpoints(gemini_url=emulator.gemini_url, groq_url=emulator.groq_url),
        )
        async with open_providers(
            config, from_environment(KEYS), answers=NoAnswers(), write=_not, owner=UUID(int=1)
        ) as providers:
            author = Recording(providers.asker, emulator)
            for topic in topics:
                audience = f"group {seed}"
                brief = Brief(topic=topic, chapters=chapters, length="short", audience=audience)  # pyright: ignore[reportArgumentType] - pydantic takes its text
                await _course(author, brief, tally)
    return tally


async def _course(author: Recording, brief: Brief, tally: Tally) -> None:
    nothing = Material()
    outline = (await author.outline(brief, nothing)).value
    published: list[Mcq] = []
    for planned in outline.chapters:
        chapter = (await author.chapter(brief, outline, planned.number, nothing)).value
        author.drafts.clear()
        made = await generate_mcqs(
            author, brief, chapter, nothing, existing=published, seed=planned.number
        )
        tally.chapters += 1
        tally.published += len(made.value)
        tally.short += len(made.value) < brief.questions_per_chapter
        distinct = len({question.stem for question in made.value})
        tally.padded += not (made.items == distinct <= brief.questions_per_chapter)
        tally.add(author.drafts, made.value, made.rejected)
        published += made.value


async def _not(entries: Sequence[Entry]) -> None:
    """There is no ledger here."""
    del entries


def row_of(tally: Tally, seed: int) -> dict[str, Any]:
    """The figures."""
    return {
        "seed": seed,
        "chapters": tally.chapters,
        "written": tally.written,
        "published": tally.published,
        "planted": dict(sorted(tally.planted.items())),
        "published_faults": tally.faults,
        "caught": dict(sorted(tally.caught.items())),
        "not_needed": tally.left_out,
        "good_ones_refused": dict(sorted(tally.mistaken.items())),
        "short_quizzes": tally.short,
        "padded_quizzes": tally.padded,
    }


def main() -> int:
    """Counts, prints and writes; 1 when a bar is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chapters", type=int, default=4, help="of each topic")
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    rows = [
        row_of(asyncio.run(count(chapters=options.chapters, seed=seed)), seed)
        for seed in range(options.seeds)
    ]
    table = Table(title="10 % wrong keys, 5 % double keys, 5 % questions asked twice", box=None)
    table.add_column("What")
    for row in rows:
        table.add_column(f"Seed {row['seed']}", overflow="fold")
    for name in list(rows[0])[1:]:
        table.add_row(name.replace("_", " "), *(_lines(row[name]) for row in rows))
    console.print(table)
    write("generation_planted", "python benchmarks/generation/planted.py", rows)
    broken = any(row["published_faults"] or row["padded_quizzes"] for row in rows)
    console.print("[red]broken[/]" if broken else "kept: nothing planted is published")
    return int(broken)


def _lines(value: Any) -> str:
    if isinstance(value, dict):
        return "\n".join(f"{name}: {each}" for name, each in value.items())  # pyright: ignore[reportUnknownVariableType] - our own row
    return "\n".join(value) if isinstance(value, list) else str(value)  # pyright: ignore[reportUnknownArgumentType] - the same


if __name__ == "__main__":
    sys.exit(main())
