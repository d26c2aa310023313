"""What one studies with: flashcards, multiple-choice questions, glossary terms."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from coursewright.course.base import Value
from coursewright.course.citation import Citation

GAP = "____"
"""Where a term is missing from a sentence."""


class Overruled(Value):
    """A rule of the question gate that the author set aside for one item."""

    rule: str
    reason: str
    """What the gate said, in a sentence for people."""


class StudyItem(Value):
    """Something that was made from a chapter's text, and says which words of it."""

    chapter: Annotated[int, Field(ge=1)]
    quotation: str = ""
    """Words that stand in the chapter's text (white space and case apart)."""
    citations: tuple[Citation, ...] = ()
    edited: bool = False
    """Whether a person wrote it, or changed what the author had written."""
    overruled: tuple[Overruled, ...] = ()


class Flashcard(StudyItem):
    """One idea: a question or a term in front, at most 60 words on the back."""

    front: Annotated[str, Field(min_length=1)]
    back: Annotated[str, Field(min_length=1)]


class GlossaryTerm(StudyItem):
    """A term of the course and what it means, said without the term itself."""

    term: Annotated[str, Field(min_length=1)]
    definition: Annotated[str, Field(min_length=1)]
    """What it means; or where nothing says so, a sentence with `____` where the term stands."""

    @property
    def explanation(self) -> str:
        """For readers: the definition, or the sentence with the term in its place."""
        return self.definition.replace(GAP, self.term)


class Mcq(StudyItem):
    """A multiple-choice question: a stem, options, exactly one of which is the key."""

    stem: Annotated[str, Field(min_length=1)]
    options: Annotated[tuple[str, ...], Field(min_length=2)]
    key: Annotated[int, Field(ge=0)]
    """The index of the right option in `options`, from 0."""
    explanation: str = ""
    objective: str | None = None
    """The learning objective that it tests, word for word; None when it tests none of them."""

    @model_validator(mode="after")
    def _key_is_an_option(self) -> Self:
        if self.key >= len(self.options):
            message = f"the key is option {self.key}, but there are {len(self.options)} options"
            raise ValueError(message)
        return self

    @property
    def answer(self) -> str:
        """The text of the right option."""
        return self.options[self.key]

    @property
    def distractors(self) -> tuple[str, ...]:
        """The texts of the wrong options."""
        return self.options[: self.key] + self.options[self.key + 1 :]
