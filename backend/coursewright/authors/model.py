"""The model author: writes by asking models, through the key pools.

Each answer is typed, checked, and mended once; study items are made from the chapter's own text.
Sources, if there are any, ground the chapters; without them a model writes from its own knowledge.
"""

import asyncio
import math
from collections.abc import Sequence
from typing import Any, TypeVar

from pydantic import BaseModel

from coursewright.authors.ahead import Ahead
from coursewright.authors.author import Usage, Written
from coursewright.authors.batches import Batches, Kind
from coursewright.authors.prompting import reading, requests
from coursewright.authors.prompting.material import passages_for, sections_of
from coursewright.authors.prompting.outputs import ChapterOutput
from coursewright.course.article import Article, ArticleType, AudioScript, AudioType, Suggestion
from coursewright.course.brief import Brief
from coursewright.course.chapter import Chapter
from coursewright.course.errors import Unusable
from coursewright.course.outline import Outline
from coursewright.course.review.verdict import Rejection
from coursewright.course.sources import Material
from coursewright.course.study import Flashcard, GlossaryTerm, Mcq
from coursewright.providers.asker import Asker
from coursewright.providers.request import Asked, Request

T = TypeVar("T", bound=BaseModel)

CARDS = Kind(name="flashcards", build=requests.flashcards, part=requests.part_of_cards)
QUESTIONS = Kind(name="mcqs", build=requests.mcqs, part=requests.part_of_questions)
TERMS = Kind(name="glossary", build=requests.glossary, part=requests.part_of_terms)


class ModelAuthor:
    """An `Author`."""

    name = "model"
    in_order = False
    can_solve = True

    def __init__(self, asker: Asker) -> None:
        self._asker = asker
        self._batches = Batches(asker)

    async def outline(self, brief: Brief, material: Material) -> Written[Outline]:
        """The plan; chapters whose part of it is there are begun meanwhile, unless a person is to
        look at it first.
        """
        sections = sections_of(material)
        ahead = Ahead(self._asker, brief, material, sections)
        look = None if brief.edit_outline else ahead.look
        try:
            asked = await self._asker.ask(requests.outline(brief, sections), on_partial=look)
        except BaseException:
            ahead.cancel()
            raise
        return _written(reading.read_outline(brief, asked.value, sections), asked)

    async def chapter(
        self, brief: Brief, outline: Outline, number: int, material: Material
    ) -> Written[Chapter]:
        """A chapter after its plan, out of the passages that belong to it.

        Small models cannot write that much at a time: of them it is asked section by section.
        """
        planned = outline.chapter(number)
        passages = passages_for(planned, material)
        try:
            asked = await self._asker.ask(requests.chapter(brief, outline, planned, passages))
        except Unusable:
            parts = requests.chapter_in_parts(brief, outline, planned, passages)
            sections = await self._all(parts)
            output = ChapterOutput(sections=[each.value for each in sections])
            return _written(reading.read_chapter(planned, output, passages), *sections)
        return _written(reading.read_chapter(planned, asked.value, passages), asked)

    async def glossary(
        self, brief: Brief, chapter: Chapter, material: Material
    ) -> Written[tuple[GlossaryTerm, ...]]:
        """Terms, each with the sentence of the chapter that explains it."""
        del material
        asked = await self._batches.ask(TERMS, brief, chapter)
        return _written(reading.read_terms(asked.value, chapter), asked)

    async def flashcards(
        self, brief: Brief, chapter: Chapter, material: Material
    ) -> Written[tuple[Flashcard, ...]]:
        """Cards, each with the sentence of the chapter that it rests on."""
        del material
        asked = await self._batches.ask(CARDS, brief, chapter)
        return _written(reading.read_cards(asked.value, chapter), asked)

    async def mcqs(
        self, brief: Brief, chapter: Chapter, material: Material
    ) -> Written[tuple[Mcq, ...]]:
        """Questions, each with the sentence of the chapter that proves its key."""
        del material
        asked = await self._batches.ask(QUESTIONS, brief, chapter)
        return _written(reading.read_questions(asked.value, chapter), asked)

    async def mcqs_again(
        self,
        brief: Brief,
        chapter: Chapter,
        kept: Sequence[Mcq],
        refused: Sequence[Rejection],
    ) -> Written[tuple[Mcq, ...]]:
        """Better questions in the place of refused ones."""
        missing = brief.questions_per_chapter - len(kept)
        request = requests.mcqs(brief, (chapter,), count=missing + 1, kept=kept, refused=refused)
        asked = await self._asker.ask(request)
        return _written(reading.read_questions(asked.value, chapter), asked)

    async def solve(
        self, brief: Brief, chapter: Chapter, questions: Sequence[Mcq]
    ) -> Written[tuple[frozenset[int], ...]]:
        """What a model that does not know the key holds to be right."""
        asked = await self._asker.ask(requests.solve(brief, chapter, questions))
        return _written(reading.read_solution(asked.value, len(questions)), asked)

    async def article(
        self,
        brief: Brief,
        article_type: ArticleType,
        outline: Outline,
        chapters: tuple[Chapter, ...],
        glossary: tuple[GlossaryTerm, ...],
    ) -> Written[Article]:
        """An article about what the chapters say."""
        del glossary
        asked = await self._asker.ask(requests.article(brief, article_type, outline, chapters))
        return _written(reading.read_article(article_type, asked.value, outline.title), asked)

    async def audio_script(
        self, brief: Brief, audio_type: AudioType, outline: Outline, chapters: tuple[Chapter, ...]
    ) -> Written[AudioScript]:
        """A script, a long one in parts that are written side by side."""
        asked = await self._all(requests.audio_script(brief, audio_type, outline, chapters))
        script = AudioScript(
            audio_type=audio_type,
            title=reading.read_title(asked[0].value.title) or outline.title,
            paragraphs=reading.read_script([each.value for each in asked]),
        )
        return _written(script, *asked)

    async def _all(self, parts: Sequence[Request[T]]) -> list[Asked[T]]:
        """Asks side by side. What is answered is kept even where another part comes to nothing."""
        tasks = [asyncio.create_task(self._asker.ask(part)) for part in parts]
        try:
            await asyncio.wait(tasks)
        finally:
            for task in tasks:
                task.cancel()
        return [task.result() for task in tasks]

    async def suggestions(
        self,
        brief: Brief,
        outline: Outline,
        chapters: tuple[Chapter, ...],
        glossary: tuple[GlossaryTerm, ...],
    ) -> Written[tuple[Suggestion, ...]]:
        """What follows from the course."""
        del glossary
        asked = await self._asker.ask(requests.suggestions(brief, outline, chapters))
        return _written(reading.read_suggestions(asked.value), asked)


_USUAL_CHAPTERS = 6
"""What models plan where nobody says how many."""


def calls_of(brief: Brief) -> tuple[dict[str, int], dict[str, int]]:
    """By service, about how many calls a course takes, and how few where chapters share them.

    Repairs and second drafts of quizzes are not foreseen: they are few.
    """
    chapters = brief.chapters or _USUAL_CHAPTERS
    course = {
        "chapter": 1 + chapters,
        "article": len(ArticleType) + 1,
        "audio": 1 + requests.lecture_calls(brief, chapters),
    }
    about = {"quiz": 2 * chapters, "flashcard": chapters, "game": chapters}
    least = {
        "quiz": math.ceil(chapters / 3) + chapters,
        "flashcard": math.ceil(chapters / 6),
        "game": math.ceil(chapters / 8),
    }
    return {**course, **about}, {**course, **least}


def _written(value: Any, *asked: Asked[Any]) -> Written[Any]:
    usage = Usage()
    for each in asked:
        usage = usage.plus(
            Usage(
                model=each.model,
                prompt_version=each.prompt,
                tokens_in=each.tokens_in,
                tokens_out=each.tokens_out,
                cost_usd=each.cost_usd,
            )
        )
    return Written(value=value, usage=usage)
