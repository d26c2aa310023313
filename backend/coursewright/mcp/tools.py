"""What the tools do. Each is one method; assistants see its signature and its docstring."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated

from mcp.server.mcpserver import Context
from pydantic import Field

from coursewright.client import AsyncClient, PieceItem, views
from coursewright.client.views import pauses, under_way
from coursewright.course.brief import MAX_CHAPTERS, Length, Level
from coursewright.course.citation import Citation
from coursewright.course.course import Course
from coursewright.course.pieces import PieceState
from coursewright.mcp import quiz
from coursewright.mcp.values import (
    Card,
    Cards,
    ChapterText,
    CourseLine,
    CourseList,
    CourseState,
    FailedPiece,
    Marked,
    OutlineText,
    PlannedChapter,
    QuizStep,
    SourceLine,
)

Connect = Callable[[], Awaitable[AsyncClient]]
"""Gives the client of a service that runs. Raises our errors where there is none."""

LONGEST_WAIT = 600
CourseId = Annotated[str, Field(description="The course's id, as list_courses shows it.")]
Chapter = Annotated[int | None, Field(ge=1, description="Only of this chapter; else of all.")]
Offset = Annotated[int, Field(ge=0, description="How many to pass over.")]


class Tools:
    """The tools, by a client of the service."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect

    async def create_course(
        self,
        context: Context,
        topic: Annotated[str, Field(description="What it is about, up to 300 characters.")],
        level: Level = Level.BEGINNER,
        language: Annotated[str, Field(description="A BCP 47 tag: en, de, pt-BR.")] = "en",
        chapters: Annotated[
            int | None,
            Field(ge=1, le=MAX_CHAPTERS, description="By default as many as the material carries."),
        ] = None,
        length: Annotated[Length, Field(description="Of a chapter.")] = Length.STANDARD,
        audience: Annotated[str, Field(description="For whom, in a few words.")] = "",
        sources: Annotated[
            Sequence[str],
            Field(max_length=20, description="http(s) addresses of documents to make it of."),
        ] = (),
        wait_seconds: Annotated[
            int,
            Field(ge=0, le=LONGEST_WAIT, description="How long to wait for it; 0: not at all."),
        ] = 0,
    ) -> CourseState:
        """Order a course. It is made in the background, which takes from seconds to minutes:
        unless wait_seconds is given this answers at once, and course_status says how it stands.
        Each call makes a new course.
        """
        client = await self._connect()
        ordered = await client.create_course(
            topic,
            level=level,
            language=language,
            chapters=chapters,
            length=length,
            audience=audience,
            sources=sources,
        )
        course_id = str(ordered.id)
        await _wait(client, course_id, wait_seconds, context)
        state = await _state(client, course_id)
        return state.model_copy(update={"warnings": ordered.warnings})

    async def course_status(
        self,
        context: Context,
        course_id: CourseId,
        wait_seconds: Annotated[
            int,
            Field(ge=0, le=LONGEST_WAIT, description="How long to wait for its end at most."),
        ] = 0,
    ) -> CourseState:
        """How a course stands: what is made, what is under way, what failed and why."""
        client = await self._connect()
        await _wait(client, course_id, wait_seconds, context)
        return await _state(client, course_id)

    async def list_courses(
        self,
        limit: Annotated[int, Field(ge=1, le=100, description="At most so many.")] = 20,
        offset: Offset = 0,
    ) -> CourseList:
        """The person's courses, the newest first."""
        client = await self._connect()
        found = await client.courses(limit=limit + 1, offset=offset)
        return CourseList(
            courses=[
                CourseLine.model_validate({**item.model_dump(), "course_id": item.id})
                for item in found[:limit]
            ],
            next_offset=offset + limit if len(found) > limit else None,
        )

    async def read_outline(self, course_id: CourseId) -> OutlineText:
        """The plan of a course: its chapters, what each is to achieve, what it was made from."""
        course = await self._course(course_id)
        readable = {chapter.number for chapter in course.chapters}
        outline = course.outline
        return OutlineText(
            course_id=course.id,
            title=course.title,
            description=outline.description if outline else "",
            language=course.brief.language,
            level=course.brief.level,
            chapters=[
                PlannedChapter(
                    number=chapter.number,
                    title=chapter.title,
                    summary=chapter.summary,
                    objectives=list(chapter.objectives),
                    readable=chapter.number in readable,
                )
                for chapter in (outline.chapters if outline else ())
            ],
            questions=len(course.mcqs),
            flashcards=len(course.flashcards),
            sources=[
                SourceLine(
                    title=source.title,
                    origin=source.origin,
                    attribution=source.attribution or "",
                    licence=source.licence or "",
                )
                for source in course.sources
            ],
        )

    async def read_chapter(
        self,
        course_id: CourseId,
        number: Annotated[int, Field(ge=1, description="The chapter's number, from 1.")],
    ) -> ChapterText:
        """The text of one chapter, in Markdown, with the places in the sources it rests on."""
        course = await self._course(course_id)
        chapter = views.chapter(course, number)
        return ChapterText(
            course_id=course.id,
            number=chapter.number,
            of=len(course.outline.chapters) if course.outline else len(course.chapters),
            title=chapter.title,
            objectives=list(chapter.objectives),
            markdown=chapter.markdown,
            sources=_places(
                course, [citation for block in chapter.blocks for citation in block.citations]
            ),
        )

    async def quiz_me(
        self,
        course_id: CourseId,
        chapter: Chapter = None,
        after: Annotated[
            str | None,
            Field(description="The reference of the question asked before; else a quiz begins."),
        ] = None,
    ) -> QuizStep:
        """The next question of a quiz, without its answer: ask the person, then call
        check_answer with what they chose. Without `after` a new quiz begins; `next` is null at
        the end.
        """
        client = await self._connect()
        course = await client.course(course_id)
        if after is None:
            if chapter is not None:
                views.chapter(course, chapter)  # says which there are
            begun = await client.study.begin_quiz(course_id, chapter=chapter)
            quiz_id, begin, asked = begun.id, 0, list(begun.questions)
        else:
            quiz_id, begin = quiz.parse(after)
            attempt = await client.study.attempt(quiz_id)
            quiz.find(attempt, course.id, begin)
            asked = list(attempt.items)
        return QuizStep(
            course_id=course.id,
            number=min(begin + 1, len(asked)),
            of=len(asked),
            next=quiz.shown(quiz_id, asked[begin], begin + 1) if begin < len(asked) else None,
        )

    async def check_answer(
        self,
        course_id: CourseId,
        question: Annotated[str, Field(description="The reference that quiz_me gave.")],
        answer: Annotated[str, Field(description="The letter of an option, or its text.")],
    ) -> Marked:
        """Mark an answer: whether it is right, why, and the passage that says so. It is recorded:
        the first answer to a question counts, and what was missed comes back as a card to review.
        """
        client = await self._connect()
        course = await client.course(course_id)
        quiz_id, number = quiz.parse(question)
        item = quiz.find(await client.study.attempt(quiz_id), course.id, number)
        choice = quiz.chosen(item, answer)
        marked = await client.study.answer(quiz_id, item.id, choice)
        lettered = quiz.options(item)
        written = quiz.written(course, item)
        return Marked(
            question=quiz.reference(quiz_id, number),
            correct=choice == item.key,
            score=int(choice == item.key),
            chosen=lettered[choice],
            right=lettered[item.key],
            explanation=item.explanation,
            passage=written.quotation if written else "",
            chapter=item.chapter,
            sources=_places(course, written.citations) if written else [],
            recorded=marked.recorded,
            new_card=marked.new_card,
            score_so_far=marked.attempt.score,
            answered=sum(bool(each.chosen) for each in marked.attempt.answers),
            of=marked.attempt.total,
        )

    async def flashcards(
        self,
        course_id: CourseId,
        chapter: Chapter = None,
        limit: Annotated[int, Field(ge=1, le=100, description="At most so many.")] = 10,
        offset: Offset = 0,
    ) -> Cards:
        """Flashcards: show the front, let the person think, then show the back."""
        course = await self._course(course_id)
        found = views.flashcards(course, chapter)
        return Cards(
            course_id=course.id,
            cards=[
                Card(chapter=card.chapter, front=card.front, back=card.back, passage=card.quotation)
                for card in found[offset : offset + limit]
            ],
            of=len(found),
            next_offset=offset + limit if offset + limit < len(found) else None,
        )

    async def chapter_markdown(self, course_id: str, number: int) -> str:
        """A chapter as one text, with its title."""
        chapter = views.chapter(await self._course(course_id), number)
        return f"# {chapter.title}\n\n{chapter.markdown}"

    async def _course(self, course_id: str) -> Course:
        client = await self._connect()
        return await client.course(course_id)


async def _wait(client: AsyncClient, course_id: str, seconds: float, context: Context) -> None:
    """Waits until the course is at its end, at most so long, and tells how far it is."""
    deadline = time.monotonic() + seconds
    for pause in pauses():
        left = deadline - time.monotonic()
        if left <= 0:
            return
        pieces = await client.pieces(course_id)
        if not under_way(pieces):
            return
        await context.report_progress(_made(pieces), len(pieces))
        await asyncio.sleep(min(pause, left))


async def _state(client: AsyncClient, course_id: str) -> CourseState:
    course = await client.course(course_id)
    pieces = await client.pieces(course_id)
    return CourseState(
        course_id=course.id,
        title=course.title,
        status=course.status,
        under_way=under_way(pieces),
        made=_made(pieces),
        pieces=len(pieces),
        chapters=[chapter.number for chapter in course.chapters],
        failed=[
            FailedPiece(key=piece.key, reason=piece.reason or "", hint=piece.hint or "")
            for piece in pieces
            if piece.state is PieceState.FAILED
        ],
        page=f"{client.address}/courses/{course.id}",
    )


def _made(pieces: Sequence[PieceItem]) -> int:
    return sum(piece.state is PieceState.DONE for piece in pieces)


def _places(course: Course, citations: Sequence[Citation]) -> list[str]:
    """Where that stands, in words, each place once."""
    titles = {source.id: source.title for source in course.sources}
    found = [f"{titles.get(each.source_id, 'a source')}, {each.place}" for each in citations]
    return list(dict.fromkeys(found))
