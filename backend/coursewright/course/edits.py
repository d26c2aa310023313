"""What a person changes of a course, and what comes of it. Bounds keep a slip from flooding it."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Self, TypeVar
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator

from coursewright.course.base import Value
from coursewright.course.brief import MAX_CHAPTERS
from coursewright.course.chapter import Chapter, Section
from coursewright.course.citation import Citation
from coursewright.course.json import is_number
from coursewright.course.outline import Outline, OutlineChapter
from coursewright.course.review.rule import contains_quotation
from coursewright.course.review.text_rules import hidden
from coursewright.course.rewriting import rewritten
from coursewright.course.study import Flashcard, GlossaryTerm, Mcq, StudyItem
from coursewright.course.text import to_plain

MAX_ITEMS = 200
"""Cards, questions or terms of one chapter."""
MAX_MARKDOWN = 100_000
"""Characters of one chapter: about 16,000 words, five times what a long one has."""

T = TypeVar("T", bound=StudyItem)


def _visible(text: str) -> str:
    if hidden(text):
        message = "it holds characters that cannot be seen"
        raise ValueError(message)
    return text


def _said(text: str) -> str:
    if not text.strip():
        message = "it is empty"
        raise ValueError(message)
    return _visible(text.strip())


def _line(text: str) -> str:
    return _said(" ".join(text.split()))


Line = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_line)]
Objective = Annotated[str, Field(min_length=1, max_length=300), AfterValidator(_line)]
Short = Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(_said)]
Optional = Annotated[str, Field(max_length=5000), AfterValidator(_visible)]
Objectives = Annotated[tuple[Objective, ...], Field(max_length=20)]


class PlannedChapter(Value):
    """One chapter of an outline as a person wants it."""

    was: Annotated[int, Field(ge=1), is_number] | None = None
    """Its number in the outline that is changed; None for a chapter that is new."""
    title: Line
    summary: Optional = ""
    objectives: Objectives = ()


class OutlineEdit(Value):
    """A whole outline as a person wants it: what it leaves out is dropped."""

    title: Line
    description: Optional = ""
    chapters: Annotated[tuple[PlannedChapter, ...], Field(min_length=1, max_length=MAX_CHAPTERS)]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        known = [chapter.was for chapter in self.chapters if chapter.was is not None]
        if len(set(known)) < len(known):
            message = "two chapters name the same number that they had"
            raise ValueError(message)
        titles = [chapter.title.casefold() for chapter in self.chapters]
        if len(set(titles)) < len(titles):
            message = "two chapters have the same title"
            raise ValueError(message)
        return self

    def applied(self, before: Outline, found: Mapping[str, Sequence[UUID]]) -> Outline:
        """The new outline; `found` has the passages for new chapters, by title."""
        return Outline(
            title=self.title,
            description=self.description.strip(),
            chapters=tuple(
                OutlineChapter(
                    number=number,
                    title=chapter.title,
                    summary=chapter.summary.strip(),
                    objectives=chapter.objectives,
                    passages=before.chapter(chapter.was).passages
                    if chapter.was is not None
                    else tuple(found.get(chapter.title, ())),
                )
                for number, chapter in enumerate(self.chapters, start=1)
            ),
        )


class SectionEdit(Value):
    """A section as a person wants it."""

    heading: Annotated[str, Field(max_length=200), AfterValidator(_visible)] = ""
    markdown: Annotated[str, Field(min_length=1, max_length=MAX_MARKDOWN), AfterValidator(_said)]


class ChapterEdit(Value):
    """A whole chapter as a person wants it."""

    title: Line
    objectives: Objectives = ()
    sections: Annotated[tuple[SectionEdit, ...], Field(min_length=1, max_length=100)]

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if sum(len(section.markdown) for section in self.sections) > MAX_MARKDOWN:
            message = f"the chapter has more than {MAX_MARKDOWN:,} characters"
            raise ValueError(message)
        return self

    def applied(self, before: Chapter, split: Callable[[str], Sequence[str]]) -> Chapter:
        """The new chapter. A block that stood in it word for word keeps where it comes from;
        whatever is new says that a person wrote it. `split` cuts Markdown into blocks.
        """
        texts = [section.markdown for section in self.sections]
        sections = tuple(
            Section(heading=" ".join(edit.heading.split()), blocks=blocks)
            for edit, blocks in zip(
                self.sections, rewritten(before.blocks, texts, split), strict=True
            )
            if blocks
        )
        return Chapter(
            number=before.number,
            title=self.title,
            objectives=self.objectives,
            sections=sections,
        )


class ItemEdit(Value, ABC):
    """What edits of study items have in common."""

    id: UUID | None = None
    """Of the item that it was; None for one that is new."""
    quotation: Annotated[str, Field(max_length=2000), AfterValidator(_visible)] | None = None
    """The words of the chapter that it rests on; None leaves them as they were."""

    @abstractmethod
    def applied(self, before: Any, chapter: Chapter) -> StudyItem:
        """The item that comes of it; `before` itself where nothing is changed."""


class FlashcardEdit(ItemEdit):
    """A flashcard as a person wants it."""

    front: Short
    back: Short

    def applied(self, before: Flashcard | None, chapter: Chapter) -> Flashcard:
        """The card; `before` itself where nothing is changed."""
        card = Flashcard(front=self.front, back=self.back, **_grounds(self, before, chapter))
        return _unless_same(card, before)


class McqEdit(ItemEdit):
    """A multiple-choice question as a person wants it."""

    stem: Short
    options: Annotated[tuple[Short, ...], Field(min_length=2, max_length=8)]
    key: Annotated[int, Field(ge=0), is_number]
    """The index of the right option, from 0."""
    explanation: Optional = ""
    objective: Annotated[str, Field(max_length=300)] | None = None
    """One of the chapter's objectives, word for word, or None."""

    @model_validator(mode="after")
    def _key_is_an_option(self) -> Self:
        if self.key >= len(self.options):
            message = f"the key is option {self.key}, but there are {len(self.options)} options"
            raise ValueError(message)
        return self

    def applied(self, before: Mcq | None, chapter: Chapter) -> Mcq:
        """The question; `before` itself where nothing is changed."""
        known = {*chapter.objectives, before.objective if before else None}
        question = Mcq(
            stem=self.stem,
            options=self.options,
            key=self.key,
            explanation=self.explanation.strip(),
            objective=self.objective if self.objective in known else None,
            **_grounds(self, before, chapter),
        )
        return _unless_same(question, before)


class TermEdit(ItemEdit):
    """A glossary term as a person wants it."""

    term: Line
    definition: Short

    def applied(self, before: GlossaryTerm | None, chapter: Chapter) -> GlossaryTerm:
        """The term; `before` itself where nothing is changed."""
        term = GlossaryTerm(
            term=self.term, definition=self.definition, **_grounds(self, before, chapter)
        )
        return _unless_same(term, before)


def _grounds(edit: ItemEdit, before: StudyItem | None, chapter: Chapter) -> dict[str, Any]:
    quotation = edit.quotation
    if quotation is None:
        quotation = before.quotation if before else ""
    same = before is not None and before.quotation == quotation
    return {
        "chapter": chapter.number,
        "quotation": quotation,
        "citations": before.citations if before and same else citations_of(chapter, quotation),
        "edited": True,
    }


def citations_of(chapter: Chapter, quotation: str) -> tuple[Citation, ...]:
    """Where the block comes from that holds these words."""
    for section in chapter.sections:
        for block in section.blocks:
            alone = chapter.model_copy(update={"sections": (Section(blocks=(block,)),)})
            if to_plain(quotation) and contains_quotation(alone, quotation):
                return block.citations
    return ()


def _unless_same(item: T, before: T | None) -> T:
    marks: dict[str, object] = {"edited": True, "overruled": ()}
    return before if before and item == before.model_copy(update=marks) else item
