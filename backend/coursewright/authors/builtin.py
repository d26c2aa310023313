"""The built-in author: writes out of sources, by extraction, without a model and without a network.

Every sentence of a chapter stands in a source, word for word. What it adds are the frames of
questions and the spoken links of scripts (`extraction/wording.py`). The same order out of the same
sources gives the same course.
"""

from collections.abc import Sequence

from coursewright.aside import Aside
from coursewright.authors.author import Written
from coursewright.authors.extraction import (
    articles,
    chapters,
    outline,
    questions,
    scripts,
    study,
    suggestions,
)
from coursewright.authors.extraction.analysis import Analyses
from coursewright.authors.extraction.languages import language_of
from coursewright.course.article import Article, ArticleType, AudioScript, AudioType, Suggestion
from coursewright.course.brief import Brief
from coursewright.course.chapter import Chapter
from coursewright.course.errors import Defect
from coursewright.course.outline import Outline
from coursewright.course.review.verdict import Rejection
from coursewright.course.sources import Material
from coursewright.course.study import Flashcard, GlossaryTerm, Mcq


def _cannot(what: str) -> Defect:
    return Defect(f"the built-in author was asked to {what}, which it cannot")


class BuiltinAuthor:
    """An `Author`. Works in threads, so that whoever awaits it is not held up."""

    name = "builtin"
    in_order = True
    can_solve = False

    def __init__(self) -> None:
        self._analyses = Analyses()
        self._aside = Aside("built-in author")

    async def outline(self, brief: Brief, material: Material) -> Written[Outline]:
        """Chapters from the sources' headings, objectives from their terms."""
        language = language_of(brief.language)

        def write() -> Outline:
            return outline.write(brief, material, self._analyses.of_material(material, language))

        return Written(value=await self._aside.run(write))

    async def chapter(
        self, brief: Brief, outline: Outline, number: int, material: Material
    ) -> Written[Chapter]:
        """The source's own paragraphs, ordered and trimmed."""
        language = language_of(brief.language)
        written = await self._aside.run(chapters.write, brief, outline, number, material, language)
        return Written(value=written)

    async def glossary(
        self, brief: Brief, chapter: Chapter, material: Material
    ) -> Written[tuple[GlossaryTerm, ...]]:
        """What the chapter defines."""
        language = language_of(brief.language)

        def write() -> tuple[GlossaryTerm, ...]:
            here = self._analyses.of_chapters((chapter,), language)
            return study.glossary(chapter, here, self._analyses.of_material(material, language))

        return Written(value=await self._aside.run(write))

    async def flashcards(
        self, brief: Brief, chapter: Chapter, material: Material
    ) -> Written[tuple[Flashcard, ...]]:
        """Definitions to learn, sentences with a gap."""
        language = language_of(brief.language)

        def write() -> tuple[Flashcard, ...]:
            here = self._analyses.of_chapters((chapter,), language)
            course = self._analyses.of_material(material, language)
            return study.flashcards(brief, chapter, here, course)

        return Written(value=await self._aside.run(write))

    async def mcqs(
        self, brief: Brief, chapter: Chapter, material: Material
    ) -> Written[tuple[Mcq, ...]]:
        """Questions whose wrong answers are terms of the same kind from the same course."""
        language = language_of(brief.language)

        def write() -> tuple[Mcq, ...]:
            here = self._analyses.of_chapters((chapter,), language)
            course = self._analyses.of_material(material, language)
            return questions.write(brief, chapter, here, course)

        return Written(value=await self._aside.run(write))

    async def mcqs_again(
        self,
        brief: Brief,
        chapter: Chapter,
        kept: Sequence[Mcq],
        refused: Sequence[Rejection],
    ) -> Written[tuple[Mcq, ...]]:
        """It gave all that it has the first time."""
        del brief, chapter, kept, refused
        raise _cannot("ask again")

    async def solve(
        self, brief: Brief, chapter: Chapter, questions: Sequence[Mcq]
    ) -> Written[tuple[frozenset[int], ...]]:
        """It does not understand what it reads."""
        del brief, chapter, questions
        raise _cannot("solve a quiz")

    async def article(
        self,
        brief: Brief,
        article_type: ArticleType,
        outline: Outline,  # noqa: ARG002 - a model needs it
        chapters: tuple[Chapter, ...],
        glossary: tuple[GlossaryTerm, ...],  # noqa: ARG002 - a model needs it
    ) -> Written[Article]:
        """Takeaways, questions and answers, or a deep dive, in the chapters' own sentences."""
        language = language_of(brief.language)
        written = await self._aside.run(
            articles.write, article_type, chapters, self._analyses, language
        )
        return Written(value=written)

    async def audio_script(
        self, brief: Brief, audio_type: AudioType, outline: Outline, chapters: tuple[Chapter, ...]
    ) -> Written[AudioScript]:
        """The most telling sentences that can be read aloud."""
        language = language_of(brief.language)
        written = await self._aside.run(
            scripts.write, audio_type, outline, chapters, self._analyses, language
        )
        return Written(value=written)

    async def suggestions(
        self,
        brief: Brief,
        outline: Outline,
        chapters: tuple[Chapter, ...],
        glossary: tuple[GlossaryTerm, ...],
    ) -> Written[tuple[Suggestion, ...]]:
        """What the course leaves open."""
        language = language_of(brief.language)

        def write() -> tuple[Suggestion, ...]:
            course = self._analyses.of_chapters(chapters, language)
            return suggestions.write(outline, glossary, course)

        return Written(value=await self._aside.run(write))
