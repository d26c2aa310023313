"""A course as its reader by a link may see it; the role's rights hold no more than this."""

from collections.abc import Sequence
from typing import TypeVar
from uuid import UUID

from coursewright.course.outline import Outline
from coursewright.course.shared import SharedCourse, SharedPlan, SharedSource
from coursewright.course.sources import SourceKind
from coursewright.course.study import StudyItem
from coursewright.database import articles, audio, chapters, study_items, suggestions, word_games
from coursewright.database.pool import Connection

T = TypeVar("T", bound=StudyItem)
_UNTITLED = "A document without a title"


async def read(conn: Connection, course_id: UUID) -> SharedCourse | None:
    """What is there of the course; None where the link does not open it."""
    rows = await conn.execute(
        "select title, description, language, level, author, outline from courses where id = %s",
        (course_id,),
    )
    row = await rows.fetchone()
    if row is None:
        return None
    outline = row.pop("outline")
    planned = Outline.model_validate(outline).chapters if outline else ()
    return SharedCourse(
        **row,
        outline=tuple(SharedPlan(number=each.number, title=each.title) for each in planned),
        chapters=tuple(await chapters.list_all(conn, course_id)),
        glossary=_plain(await study_items.list_glossary(conn, course_id)),
        flashcards=_plain(await study_items.list_flashcards(conn, course_id)),
        mcqs=_plain(await study_items.list_mcqs(conn, course_id)),
        articles=tuple(await articles.list_all(conn, course_id)),
        word_games=tuple(await word_games.list_all(conn, course_id)),
        audio_scripts=tuple(await audio.list_scripts(conn, course_id)),
        suggestions=tuple(await suggestions.list_all(conn, course_id)),
        sources=tuple(await _sources(conn, course_id)),
    )


def _plain(items: Sequence[T]) -> tuple[T, ...]:
    """What the question gate said of them is their author's."""
    return tuple(item.model_copy(update={"overruled": ()}) for item in items)


async def _sources(conn: Connection, course_id: UUID) -> list[SharedSource]:
    """A document that was sent in is named by its title alone: its file name is its owner's. One
    without a title goes by that name elsewhere (`sources/document.py`), and here by none.
    """
    rows = await conn.execute(
        """
        select source_id as id, licence, attribution,
          case when kind = %(file)s then '' else origin end as origin,
          case when kind = %(file)s and starts_with(origin, title) then %(untitled)s else title
          end as title
        from course_sources where course_id = %(course)s order by position
        """,
        {"file": str(SourceKind.FILE), "untitled": _UNTITLED, "course": course_id},
    )
    return [SharedSource.model_validate(row) for row in await rows.fetchall()]
