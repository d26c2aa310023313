"""What a rule is, and what rules look at."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

from coursewright.course.chapter import Chapter
from coursewright.course.review.words import RuleWords, words_for
from coursewright.course.text import fold, normal, stems, to_plain

T = TypeVar("T")
_LEAST_WORDS = 4


@dataclass(frozen=True)
class Context:
    """What items are judged against."""

    chapter: Chapter
    language: str

    @cached_property
    def words(self) -> RuleWords | None:
        """The words of the language; None where there are none, and rules that need them rest."""
        return words_for(self.language)

    @cached_property
    def text(self) -> str:
        """The chapter as its reader sees it, white space and case folded."""
        return chapter_text(self.chapter).casefold()

    @cached_property
    def letters(self) -> str:
        """The same, letters and digits only."""
        return f" {normal(self.text)} "

    def contains(self, quotation: str) -> bool:
        """Whether the words stand in the chapter: white space, case and markup apart."""
        wanted = fold(to_plain(quotation)).casefold()
        if not wanted:
            return False
        if wanted in self.text:
            return True
        # Quotation marks and dashes come out otherwise here and there; words do not.
        words = normal(wanted)
        return len(words.split()) >= _LEAST_WORDS and f" {words} " in self.letters


Check = Callable[[T, Context], str | None]
"""Why an item is refused, in a sentence for people; None when it is not."""


@dataclass(frozen=True, kw_only=True)
class Rule(Generic[T]):
    """One rule of the gate."""

    name: str
    title: str
    why: str
    """The reason that the literature on writing items gives, in a sentence."""
    check: Check[T]


def chapter_text(chapter: Chapter) -> str:
    """The chapter as its reader sees it: headings and blocks without markup, in one line."""
    parts: list[str] = []
    for section in chapter.sections:
        parts.append(section.heading)
        parts.extend(to_plain(block.markdown) for block in section.blocks)
    return fold(" ".join(parts))


def contains_quotation(chapter: Chapter, quotation: str) -> bool:
    """Whether the words of `quotation` stand in the chapter."""
    return Context(chapter, "en").contains(quotation)


def content_stems(text: str, context: Context) -> set[str]:
    """The stems of the words that carry meaning: four letters or more, no function words."""
    stopwords = context.words.stopwords if context.words else frozenset[str]()
    return {word for word in stems(text) if len(word) > 3 and word not in stopwords}  # noqa: PLR2004 - see above
