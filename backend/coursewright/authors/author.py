"""What an author is: someone who writes each kind of piece, from typed values to typed values."""

from decimal import Decimal
from typing import Generic, Protocol, TypeVar

from coursewright.course.article import Article, ArticleType, AudioScript, AudioType, Suggestion
from coursewright.course.base import Value
from coursewright.course.brief import Brief
from coursewright.course.chapter import Chapter
from coursewright.course.outline import Outline
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
