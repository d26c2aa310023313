"""A learner on a real database, with a clock that the test sets, and courses to study."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from coursewright.course.brief import Brief
from coursewright.course.chapter import Block, Chapter, Section
from coursewright.course.games import Scramble
from coursewright.course.games.model import ScrambledWord
from coursewright.course.study import Flashcard, Mcq
from coursewright.database import chapters, courses, study_items, word_games
from coursewright.database.pool import Database
from coursewright.study import Study
from coursewright.study.reviews import CardToReview

START = datetime(2026, 11, 25, 9, tzinfo=UTC)


@dataclass
class Desk:
    """A learner with courses."""

    database: Database
    study: Study
    user: UUID
    clock: list[datetime]
    courses: list[UUID] = field(default_factory=list[UUID])

    @property
    def now(self) -> datetime:
        return self.clock[0]

    def wait(self, **spans: float) -> None:
        self.clock[0] += timedelta(**spans)

    async def write(
        self, *, cards: int = 3, questions: int = 3, number_of_chapters: int = 1, title: str = "T"
    ) -> UUID:
        """A course with that many cards and questions in each chapter."""
        course_id = uuid4()
        async with self.database.as_service(self.user) as conn:
            await courses.insert(
                conn,
                course_id=course_id,
                user_id=self.user,
                brief=Brief(topic=title),
                author="builtin",
                title=title,
            )
            for number in range(1, number_of_chapters + 1):
                block = Block(markdown="Words.", citations=())
                await chapters.put(
                    conn,
                    course_id,
                    Chapter(
                        number=number,
                        title=f"Part {number}",
                        objectives=(),
                        sections=(Section(blocks=(block,)),),
                    ),
                )
            word = ScrambledWord(
                term="tide", clue="c", letters=tuple("TIDE"), scrambled=tuple("EDIT"), pattern="(4)"
            )
            await word_games.replace(conn, course_id, [Scramble(words=(word,))])
        for number in range(1, number_of_chapters + 1):
            await self.put_cards(
                course_id, [f"{title} card {number}.{n}" for n in range(cards)], number
            )
            await self.put_questions(
                course_id, [f"{title} question {number}.{n}?" for n in range(questions)], number
            )
        self.courses.append(course_id)
        return course_id

    async def put_cards(self, course_id: UUID, fronts: list[str], number: int = 1) -> None:
        cards = [Flashcard(chapter=number, front=front, back="back") for front in fronts]
        async with self.database.as_service(self.user) as conn:
            await study_items.replace_flashcards(conn, course_id, number, cards)

    async def put_questions(self, course_id: UUID, stems: list[str], number: int = 1) -> None:
        """The right option is the second one."""
        questions = [
            Mcq(chapter=number, stem=stem, options=("w", "r", "x"), key=1) for stem in stems
        ]
        async with self.database.as_service(self.user) as conn:
            await study_items.replace_mcqs(conn, course_id, number, questions)

    async def next(self, limit: int = 200) -> list[CardToReview]:
        return list((await self.study.reviews.due(self.user, limit=limit)).cards)

    async def fronts(self) -> list[str]:
        return [card.front for card in await self.next()]


OpenDesk = Callable[[], Awaitable[Desk]]
