"""A whole course, put together from its tables."""

from uuid import UUID

from coursewright.course.course import Course, MissingPiece
from coursewright.course.pieces import PieceState
from coursewright.database import (
    articles,
    audio,
    chapters,
    courses,
    pieces,
    sources,
    study_items,
    suggestions,
    word_games,
)
from coursewright.database.pool import Connection

_MISSING = {PieceState.FAILED, PieceState.CANCELLED}


async def read(conn: Connection, course_id: UUID) -> Course | None:
    """Everything that was made so far, what was refused, and what could not be made.

    None where there is no such course that the signed-in user may see.
    """
    row = await courses.get(conn, course_id)
    if row is None:
        return None
    made = await pieces.list_all(conn, course_id)
    return Course(
        id=row.id,
        title=row.title,
        brief=row.brief,
        status=row.status,
        author=row.author,
        created_at=row.created_at,
        outline=row.outline,
        chapters=tuple(await chapters.list_all(conn, course_id)),
        glossary=tuple(await study_items.list_glossary(conn, course_id)),
        flashcards=tuple(await study_items.list_flashcards(conn, course_id)),
        mcqs=tuple(await study_items.list_mcqs(conn, course_id)),
        articles=tuple(await articles.list_all(conn, course_id)),
        word_games=tuple(await word_games.list_all(conn, course_id)),
        audio_scripts=tuple(await audio.list_scripts(conn, course_id)),
        suggestions=tuple(await suggestions.list_all(conn, course_id)),
        sources=tuple(await sources.list_all(conn, course_id)),
        rejected=tuple(rejection for piece in made for rejection in piece.rejected),
        missing=tuple(
            MissingPiece(key=piece.key, reason=piece.reason or "no reason is known")
            for piece in made
            if piece.state in _MISSING
        ),
    )
