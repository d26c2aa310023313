"""What an author is: someone who writes each kind of piece, from typed values to typed values."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Generic, Protocol, TypeVar

from coursewright.course.article import Article, ArticleType, AudioScript, AudioType, Suggestion
from coursewright.course.base import Value
from coursewright.course.brief import Brief
from coursewright.course.chapter import Chapter
from coursewright.course.outline import Outline
from coursewright.course.review.verdict import Rejection
from coursewright.course.sources import Material
from coursewright.course.study import Flashcard, GlossaryTerm, Mcq

T = TypeVar("T")


class Usage(Value):
    """What writing something took. Everything is zero for an author that calls no model."""

    model: str | None = None
    prompt_version: str | None = None
    tokens_in: int = 0
    tokens_out: int = 0
    cost_usd: Decimal = Decimal(0)

    def plus(self, other: "Usage") -> "Usage":
        """Both together; of several models and prompts all are named."""
        return Usage(
            model=_joined(self.model, other.model),
            prompt_version=_joined(self.prompt_version, other.prompt_version),
            tokens_in=self.tokens_in + other.tokens_in,
            tokens_out=self.tokens_out + other.tokens_out,
            cost_usd=self.cost_usd + other.cost_usd,
        )


def _joined(*names: str | None) -> str | None:
    single = dict.fromkeys(each for name in names if name for each in name.split(", "))
    return ", ".join(single) or None


class Written(Value, Generic[T]):
    """A value and what it took."""

    value: T
    usage: Usage = Usage()


class Author(Protocol):
    """Writes pieces of a course. Raises a `CoursewrightError` when a piece cannot be written.

    Study items may be more than were asked for: the gate takes the best and the generator cuts.
    An author never judges its own items; the gate does.
    """

    @property
    def name(self) -> str:
        """What the course says of who wrote it, e.g. `builtin`."""
        ...

    @property
    def in_order(self) -> bool:
        """Whether study items are made chapter by chapter, so that the same order gives the same
        course; otherwise all at once, which is sooner where writing is mostly waiting.
        """
        ...

    @property
    def can_solve(self) -> bool:
        """Whether it understands what it reads: it can answer questions, and ask better ones."""
        ...

    async def outline(self, brief: Brief, material: Material) -> Written[Outline]:
        """The plan of the course."""
        ...

    async def chapter(
        self, brief: Brief, outline: Outline, number: int, material: Material
    ) -> Written[Chapter]:
        """The chapter with that number of the outline."""
        ...

    async def glossary(
        self, brief: Brief, chapter: Chapter, material: Material
    ) -> Written[tuple[GlossaryTerm, ...]]:
        """The terms that a chapter explains."""
        ...

    async def flashcards(
        self, brief: Brief, chapter: Chapter, material: Material
    ) -> Written[tuple[Flashcard, ...]]:
        """Flashcards on a chapter."""
        ...

    async def mcqs(
        self, brief: Brief, chapter: Chapter, material: Material
    ) -> Written[tuple[Mcq, ...]]:
        """Multiple-choice questions on a chapter."""
        ...

    async def mcqs_again(
        self,
        brief: Brief,
        chapter: Chapter,
        kept: Sequence[Mcq],
        refused: Sequence[Rejection],
    ) -> Written[tuple[Mcq, ...]]:
        """Questions in the place of `refused` ones; only of an author that can solve."""
        ...

    async def solve(
        self, brief: Brief, chapter: Chapter, questions: Sequence[Mcq]
    ) -> Written[tuple[frozenset[int], ...]]:
        """Answers a quiz from the chapter, without looking at the keys: for each question the
        indices of the options that are right. Only of an author that can solve.
        """
        ...

    async def article(
        self,
        brief: Brief,
        article_type: ArticleType,
        outline: Outline,
        chapters: tuple[Chapter, ...],
        glossary: tuple[GlossaryTerm, ...],
    ) -> Written[Article]:
        """An article about the whole course."""
        ...

    async def audio_script(
        self, brief: Brief, audio_type: AudioType, outline: Outline, chapters: tuple[Chapter, ...]
    ) -> Written[AudioScript]:
        """The script of an episode about the whole course."""
        ...

    async def suggestions(
        self,
        brief: Brief,
        outline: Outline,
        chapters: tuple[Chapter, ...],
        glossary: tuple[GlossaryTerm, ...],
    ) -> Written[tuple[Suggestion, ...]]:
        """What to learn next."""
        ...
