"""The outline as a person wants it, before anything else is made."""

from collections.abc import Sequence
from uuid import UUID

from coursewright.authors.author import Author
from coursewright.course.edits import OutlineEdit, PlannedChapter
from coursewright.course.errors import BadRequest, Conflict
from coursewright.course.outline import Outline
from coursewright.database import courses, pieces, sources
from coursewright.database.pool import Connection
from coursewright.database.revisions import Cause
from coursewright.generation.changing import Taken
from coursewright.generation.contents import keep_dropped
from coursewright.generation.plan import OUTLINE, plan_course

_MOST_PASSAGES = 40
"""For a chapter that a person has added."""


async def changed(
    conn: Connection, author: Author, taken: Taken, before: Outline, edit: OutlineEdit
) -> Outline:
    """The outline that comes of a change; chapters that are new are given passages to draw on.

    Raises:
        BadRequest: it names a chapter that is not there, or the sources say nothing of a new one
            and the author writes only out of sources.
    """
    for chapter in edit.chapters:
        if chapter.was is not None and chapter.was > len(before.chapters):
            raise BadRequest(
                f"the outline has no chapter {chapter.was}",
                hint=f"It has {len(before.chapters)}. Leave `was` out for a chapter that is new.",
            )
    kept = {chapter.was for chapter in edit.chapters}
    used = {
        passage
        for chapter in before.chapters
        if chapter.number in kept
        for passage in chapter.passages
    }
    found: dict[str, Sequence[UUID]] = {}
    for chapter in edit.chapters:
        if chapter.was is None:
            found[chapter.title] = await _passages(conn, author, taken, chapter, used)
    return edit.applied(before, found)


async def store(
    conn: Connection, author: Author, taken: Taken, outline: Outline, *, user_id: UUID
) -> None:
    """Stores an outline and plans anew what follows from it, which waits until a person goes on.

    Raises `Conflict` where more than the outline is made, or something is under way.
    """
    if not taken.is_only_outlined:
        raise Conflict(
            "the outline can be changed only before anything else is made",
            hint="Order a course with `edit_outline` (--edit-outline). Of one that is made, change"
            " the chapters, or regenerate the outline.",
        )
    course_id = taken.course.id
    plans = plan_course(outline, in_order=author.in_order)
    await keep_dropped(conn, course_id, outline, user_id=user_id, cause=Cause.EDIT)
    await courses.set_outline(conn, course_id, outline)
    # All of them, so that they stand in the order of the new outline.
    await pieces.remove_except(conn, course_id, [OUTLINE.key])
    await pieces.insert(conn, course_id, plans)
    await pieces.hold(conn, course_id, [plan.key for plan in plans])


async def _passages(
    conn: Connection, author: Author, taken: Taken, chapter: PlannedChapter, used: set[UUID]
) -> tuple[UUID, ...]:
    """What the sources say of a new chapter, other chapters' passages only where nothing else."""
    query = " ".join((chapter.title, chapter.summary, *chapter.objectives))
    hits = await sources.search(conn, taken.course.id, query, limit=_MOST_PASSAGES)
    telling = [passage.id for passage in hits if passage.kind.is_prose]
    free = [passage for passage in telling if passage not in used]
    if not telling and not author.can_solve:
        raise BadRequest(
            f"the sources say nothing of “{chapter.title}”",
            hint="The built-in author writes only out of the sources. Use words that stand in"
            " them, or drop the chapter.",
        )
    return tuple(free or telling)
