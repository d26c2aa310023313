"""The plan of a course: its chapters, what each is to achieve, what each draws on."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from coursewright.course.base import Value
from coursewright.course.brief import MAX_CHAPTERS


class OutlineChapter(Value):
    """One chapter as planned."""

    number: Annotated[int, Field(ge=1)]
    title: Annotated[str, Field(min_length=1, max_length=200)]
    summary: str = ""
    objectives: tuple[str, ...] = ()
    """Learning objectives: what the learner can do afterwards."""
    passages: tuple[UUID, ...] = ()
    """The passages of the sources that it draws on; empty when there are no sources."""


class Outline(Value):
    """The chapters in order, numbered from 1 without a gap."""

    title: Annotated[str, Field(min_length=1, max_length=200)]
    description: str = ""
    chapters: Annotated[tuple[OutlineChapter, ...], Field(min_length=1, max_length=MAX_CHAPTERS)]

    @model_validator(mode="after")
    def _numbered(self) -> Self:
        if [chapter.number for chapter in self.chapters] != list(range(1, len(self.chapters) + 1)):
            message = "chapters must be numbered 1, 2, 3, ..."
            raise ValueError(message)
        return self

    def chapter(self, number: int) -> OutlineChapter:
        """The chapter with that number, from 1. Raises IndexError when there is none."""
        if number < 1:
            raise IndexError(number)
        return self.chapters[number - 1]

    def with_chapter(self, number: int, title: str, objectives: tuple[str, ...]) -> "Outline":
        """The same outline with another title and other objectives for one chapter."""
        changed = self.chapter(number).model_copy(update={"title": title, "objectives": objectives})
        chapters = (*self.chapters[: number - 1], changed, *self.chapters[number:])
        return self.model_copy(update={"chapters": chapters})
