"""What a piece holds, as JSON: for the revisions, and to put it back."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from pydantic import TypeAdapter

from coursewright.course.article import Article, AudioScript, Suggestion
from coursewright.course.chapter import Chapter
from coursewright.course.games import WordGame
from coursewright.course.outline import Outline
from coursewright.course.pieces import PieceKind
from coursewright.course.study import Flashcard, GlossaryTerm, Mcq, StudyItem
from coursewright.database import (
    articles,
    audio,
    chapters,
    courses,
    pieces,
    revisions,
    study_items,
    suggestions,
    word_games,
)
from coursewright.database.pieces import Piece
from coursewright.database.pool import Connection
from coursewright.database.revisions import Cause
from coursewright.database.study_items import Kept

T = TypeVar("T", bound=StudyItem)
V = TypeVar("V")

Read = Callable[[Connection, Piece], Awaitable[V | None]]
Write = Callable[[Connection, Piece, V], Awaitable[int]]


@dataclass(frozen=True)
class Content(Generic[V]):
    """How the content of one kind of piece is read and written."""

    of: TypeAdapter[V]
    get: Read[V]
    put: Write[V]
    """Returns how many items that are."""

    async def dump(self, conn: Connection, piece: Piece) -> Any | None:
        """The content as JSON; None while nothing is there."""
        value = await self.get(conn, piece)
        return None if value is None else self.of.dump_python(value, mode="json")

    async def load(self, conn: Connection, piece: Piece, content: object) -> int:
        """Stores what `dump` gave, and returns how many items that are."""
        return await self.put(conn, piece, self.of.validate_python(content))


@dataclass(frozen=True)
class ItemStore(Generic[T]):
    """How study items of one kind are read and written, with their ids."""

    keep: Callable[[Connection, UUID], Awaitable[list[Kept[T]]]]
    replace: Callable[..., Awaitable[None]]

    def content(self, of: TypeAdapter[tuple[Kept[T], ...]]) -> Content[tuple[Kept[T], ...]]:
        """The items of one chapter."""

        async def get(conn: Connection, piece: Piece) -> tuple[Kept[T], ...]:
            every = await self.keep(conn, piece.course_id)
            return tuple(kept for kept in every if kept.item.chapter == piece.number)

        async def put(conn: Connection, piece: Piece, value: Sequence[Kept[T]]) -> int:
            items, ids = [kept.item for kept in value], [kept.id for kept in value]
            await self.replace(conn, piece.course_id, piece.number, items, ids)
            return len(items)

        return Content(of, get, put)


CARDS = ItemStore(study_items.keep_flashcards, study_items.replace_flashcards)
QUESTIONS = ItemStore(study_items.keep_mcqs, study_items.replace_mcqs)
TERMS = ItemStore(study_items.keep_glossary, study_items.replace_glossary)


async def _outline(conn: Connection, piece: Piece) -> Outline | None:
    row = await courses.get(conn, piece.course_id)
    return None if row is None else row.outline


async def _put_outline(conn: Connection, piece: Piece, value: Outline) -> int:
    await courses.set_outline(conn, piece.course_id, value)
    return len(value.chapters)


async def _chapter(conn: Connection, piece: Piece) -> Chapter | None:
    return await chapters.get(conn, piece.course_id, piece.number or 0)


async def _put_chapter(conn: Connection, piece: Piece, value: Chapter) -> int:
    """The outline goes with it: the list of chapters shows the same title."""
    row = await courses.get(conn, piece.course_id)
    summary = ""
    if row is not None and row.outline is not None:
        summary = row.outline.chapter(value.number).summary
        renamed = row.outline.with_chapter(value.number, value.title, value.objectives)
        await courses.set_outline(conn, piece.course_id, renamed)
    await chapters.put(conn, piece.course_id, value, summary=summary)
    return 1


async def _article(conn: Connection, piece: Piece) -> Article | None:
    every = await articles.list_all(conn, piece.course_id)
    return next((each for each in every if each.article_type == piece.variant), None)


async def _put_article(conn: Connection, piece: Piece, value: Article) -> int:
    await articles.put(conn, piece.course_id, value)
    return 1


async def _script(conn: Connection, piece: Piece) -> AudioScript | None:
    every = await audio.list_scripts(conn, piece.course_id)
    return next((each for each in every if each.audio_type == piece.variant), None)


async def _put_script(conn: Connection, piece: Piece, value: AudioScript) -> int:
    await audio.put_script(conn, piece.course_id, value)
    return 1


async def _suggestions(conn: Connection, piece: Piece) -> tuple[Suggestion, ...]:
    return tuple(await suggestions.list_all(conn, piece.course_id))


async def _put_suggestions(conn: Connection, piece: Piece, value: Sequence[Suggestion]) -> int:
    await suggestions.replace(conn, piece.course_id, value)
    return len(value)


async def _games(conn: Connection, piece: Piece) -> tuple[WordGame, ...]:
    return tuple(await word_games.list_all(conn, piece.course_id))


async def _put_games(conn: Connection, piece: Piece, value: Sequence[WordGame]) -> int:
    await word_games.replace(conn, piece.course_id, value)
    return len(value)


CONTENTS: dict[PieceKind, Content[Any]] = {
    PieceKind.OUTLINE: Content(TypeAdapter(Outline), _outline, _put_outline),
    PieceKind.CHAPTER: Content(TypeAdapter(Chapter), _chapter, _put_chapter),
    PieceKind.FLASHCARDS: CARDS.content(TypeAdapter(tuple[Kept[Flashcard], ...])),
    PieceKind.MCQS: QUESTIONS.content(TypeAdapter(tuple[Kept[Mcq], ...])),
    PieceKind.GLOSSARY: TERMS.content(TypeAdapter(tuple[Kept[GlossaryTerm], ...])),
    PieceKind.ARTICLE: Content(TypeAdapter(Article), _article, _put_article),
    PieceKind.AUDIO_SCRIPT: Content(TypeAdapter(AudioScript), _script, _put_script),
    PieceKind.SUGGESTIONS: Content(
        TypeAdapter(tuple[Suggestion, ...]), _suggestions, _put_suggestions
    ),
    PieceKind.WORD_GAMES: Content(TypeAdapter(tuple[WordGame, ...]), _games, _put_games),
}


async def keep(conn: Connection, piece: Piece, *, user_id: UUID, cause: Cause) -> None:
    """Records what a piece holds, if it holds anything, before it is changed."""
    if not piece.version:
        return
    content = await CONTENTS[piece.kind].dump(conn, piece)
    if content is not None:
        await revisions.record(conn, piece, content, user_id=user_id, cause=cause)


async def keep_dropped(
    conn: Connection, course_id: UUID, outline: Outline, *, user_id: UUID, cause: Cause
) -> None:
    """Records what the chapters hold that a new outline has no place for."""
    for piece in await pieces.list_all(conn, course_id):
        if piece.number is not None and piece.number > len(outline.chapters):
            await keep(conn, piece, user_id=user_id, cause=cause)
