"""A whole workshop on a real database: orders, queue, worker, and an author that can be held up."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID, uuid4

from coursewright.authors.author import Written
from coursewright.authors.builtin import BuiltinAuthor
from coursewright.course.brief import Brief
from coursewright.course.chapter import Chapter
from coursewright.course.course import Course
from coursewright.course.errors import TooLittle, Unavailable
from coursewright.course.outline import Outline
from coursewright.course.pieces import PieceState
from coursewright.course.sources import Material
from coursewright.course.study import Mcq
from coursewright.database import users
from coursewright.database.pieces import Piece
from coursewright.database.pool import Database
from coursewright.generation.commands import Commands
from coursewright.generation.materials import Materials
from coursewright.generation.progress import Progress
from coursewright.generation.queue import PieceQueue
from coursewright.generation.reading import Reading
from coursewright.generation.work import Work
from coursewright.generation.workflow import Workflow
from coursewright.sources import Document
from coursewright.sources.library import Library


class HeldAuthor(BuiltinAuthor):
    """The built-in author, except that a test can hold it up or let it fail."""

    def __init__(self) -> None:
        super().__init__()
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.failing: set[str] = set()
        self.crashing: set[str] = set()
        self.written: list[str] = []
        self.broken_off: list[str] = []

    async def chapter(
        self, brief: Brief, outline: Outline, number: int, material: Material
    ) -> Written[Chapter]:
        await self._turn(f"chapter/{number}")
        return await super().chapter(brief, outline, number, material)

    async def mcqs(
        self, brief: Brief, chapter: Chapter, material: Material
    ) -> Written[tuple[Mcq, ...]]:
        await self._turn(f"mcqs/{chapter.number}")
        return await super().mcqs(brief, chapter, material)

    async def _turn(self, key: str) -> None:
        try:
            await self.go_on.wait()
        except asyncio.CancelledError:
            self.broken_off.append(key)
            raise
        self.written.append(key)
        if key in self.failing:
            raise TooLittle("there is too little to go on", hint="Give more.")
        if key in self.crashing:
            raise ZeroDivisionError


@dataclass
class Workshop:
    """Orders for one user, and workers that carry them out."""

    database: Database
    author: HeldAuthor
    user: UUID
    commands: Commands
    reading: Reading
    queue: PieceQueue
    workflow: Workflow
    workers: list[asyncio.Task[None]] = field(default_factory=list[asyncio.Task[None]])

    def employ(self) -> None:
        """Starts one more worker."""
        work = Work(self.queue, self.workflow, concurrency=4, alone=not self.workers)
        self.workers.append(asyncio.create_task(work.run()))

    async def dismiss(self) -> None:
        """Stops all workers in the middle of whatever they do."""
        for worker in self.workers:
            worker.cancel()
        await asyncio.gather(*self.workers, return_exceptions=True)
        self.workers.clear()

    async def order(self, documents: Sequence[Document], **fields: object) -> UUID:
        brief = Brief.model_validate({"topic": "A topic", **fields})
        return await self.commands.create(self.user, brief, documents)

    async def pieces(self, course: UUID) -> dict[str, Piece]:
        return {piece.key: piece for piece in await self.reading.pieces(self.user, course)}

    async def until(self, course: UUID, event: str, *, piece: str | None = None) -> None:
        """Waits for an event, past ones included."""
        async with asyncio.timeout(60):
            async with contextlib.aclosing(self.reading.watch(self.user, course)) as events:
                async for found in events:
                    if found.event == event and piece in {None, found.piece_key}:
                        return

    async def settled(self, course: UUID) -> Course:
        """The course, once nothing is under way any more. A lost database is asked again."""
        async with asyncio.timeout(90):
            while True:
                with contextlib.suppress(Unavailable):
                    states = (await self.states(course)).values()
                    if not any(state.is_open for state in states):
                        return await self.reading.course(self.user, course)
                await asyncio.sleep(0.05)

    async def states(self, course: UUID) -> dict[str, PieceState]:
        return {key: piece.state for key, piece in (await self.pieces(course)).items()}


@contextlib.asynccontextmanager
async def open_workshop(database: Database) -> AsyncGenerator[Workshop]:
    """A workshop with one worker."""
    queue = PieceQueue(database.pool)
    await queue.open()
    author = HeldAuthor()
    progress = Progress(queue, now=now)
    made = Workshop(
        database=database,
        author=author,
        user=uuid4(),
        commands=Commands(database, progress, author, now=now, new_id=uuid4),
        reading=Reading(database),
        queue=queue,
        workflow=Workflow(database, progress, Materials(database), author, now=now),
    )
    await users.ensure(database, made.user)
    made.employ()
    try:
        yield made
    finally:
        await made.dismiss()
        await queue.close()


def primer(number: int = 0) -> list[Document]:
    """A primer of the library, as a source."""
    library = Library()
    return [library.document(library.primers()[number])]


def now() -> datetime:
    """The clock."""
    return datetime.now(UTC)
