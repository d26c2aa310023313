"""What models are asked to answer: one type for each kind of call, sent along as a JSON schema.

The types say what; how much is in the prompts and checked by code, because providers differ in the
parts of JSON Schema that they understand. Only servers of one's own are told bounds, where small
models would stop after a few words, or never (`providers.sending`). Everything in an answer is
untrusted: it becomes a value of the domain only through `reading`.
"""

import unicodedata
from typing import Any, cast

from pydantic import BaseModel, ConfigDict, Field, field_validator

from coursewright.providers.request import LEAST, MOST

_KEPT = "\n\t"
_TEXT: dict[str, Any] = {LEAST: 400, MOST: 1_900}
_SECTIONS: dict[str, Any] = {LEAST: 3, MOST: 8}
_SOME: dict[str, Any] = {LEAST: 3, MOST: 60}


class Output(BaseModel):
    """A typed answer. Fields that nobody asked for are dropped."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    @field_validator("*", mode="before")
    @classmethod
    def _printable(cls, value: Any) -> Any:
        """Without control characters and halves of characters: no table could hold them."""
        if isinstance(value, str):
            return _clean(value)
        if isinstance(value, list):
            items = cast("list[Any]", value)
            return [_clean(each) if isinstance(each, str) else each for each in items]
        return value


def _clean(text: str) -> str:
    return "".join(
        char for char in text if char in _KEPT or unicodedata.category(char) not in {"Cc", "Cs"}
    )


class OutlineChapterOutput(Output):
    """One chapter of the plan."""

    title: str
    summary: str = Field(description="Two sentences: what the chapter covers.")
    objectives: list[str] = Field(description="What the learner can do afterwards.")
    source_sections: list[int] = Field(
        description="Numbers of the source sections that it draws on; empty without sources."
    )


class OutlineOutput(Output):
    """The plan of a course. All titles stand first: whoever reads the answer while it comes knows
    what the other chapters treat before the first one is described.
    """

    title: str
    description: str = Field(description="Two or three sentences for the learner.")
    chapter_titles: list[str] = Field(description="All chapters in order.")
    chapters: list[OutlineChapterOutput] = Field(description="The same chapters, in detail.")


class SectionOutput(Output):
    """A part of a text with a heading."""

    heading: str = Field(description="Empty for an opening.")
    markdown: str = Field(description="The text, without the heading.", json_schema_extra=_TEXT)
    sources: list[int] = Field(
        description="Numbers of the source passages that it rests on; empty for own knowledge."
    )


class ChapterOutput(Output):
    """A chapter."""

    sections: list[SectionOutput] = Field(json_schema_extra=_SECTIONS)


class CardOutput(Output):
    """A flashcard."""

    chapter: int
    front: str
    back: str
    quotation: str = Field(description="Words of the chapter that it rests on, copied exactly.")


class CardsOutput(Output):
    """Flashcards on one or several chapters."""

    cards: list[CardOutput] = Field(json_schema_extra=_SOME)


class QuestionOutput(Output):
    """A multiple-choice question."""

    chapter: int
    stem: str
    correct: str
    distractors: list[str] = Field(description="Three wrong answers.")
    explanation: str = Field(description="Why the right answer is right.")
    objective: int = Field(description="Number of the objective that it tests; 0 for none.")
    quotation: str = Field(description="Words of the chapter that it rests on, copied exactly.")


class QuestionsOutput(Output):
    """Questions on one or several chapters."""

    questions: list[QuestionOutput] = Field(json_schema_extra=_SOME)


class SolvedOutput(Output):
    """What a solver says of one question."""

    number: int = Field(description="The number of the question.")
    right: list[int] = Field(
        description="The numbers of all options that are right, from 0; empty when none is."
    )


class SolutionOutput(Output):
    """What a solver says of a quiz whose key it does not know."""

    answers: list[SolvedOutput]


class TermOutput(Output):
    """A term of the glossary."""

    chapter: int
    term: str
    definition: str = Field(description="What it means, said without the term itself.")
    quotation: str = Field(description="Words of the chapter that it rests on, copied exactly.")


class TermsOutput(Output):
    """The terms of one or several chapters."""

    terms: list[TermOutput] = Field(json_schema_extra=_SOME)


class ArticleOutput(Output):
    """An article."""

    title: str
    sections: list[SectionOutput] = Field(json_schema_extra=_SECTIONS)


class ScriptOutput(Output):
    """A script, or a part of one, to be read aloud."""

    title: str
    paragraphs: list[str] = Field(
        description="Spoken language: no Markdown, no lists.", json_schema_extra=_SOME
    )


class SuggestionOutput(Output):
    """An idea for the next course."""

    topic: str
    reason: str


class SuggestionsOutput(Output):
    """Ideas for the next course."""

    suggestions: list[SuggestionOutput]
