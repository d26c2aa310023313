"""What a person changes of a course by hand: its outline, chapters, cards, questions, terms.

Each change is one transaction that names the version it was made for, and keeps what was before.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from coursewright.authors.author import Author
from coursewright.authors.prompting.blocks import split
from coursewright.course.chapter import Chapter
from coursewright.course.edits import ChapterEdit, ItemEdit, OutlineEdit
from coursewright.course.errors import NotFound, Refused
from coursewright.course.outline import Outline
from coursewright.course.pieces import PieceKind, PieceState, piece_key
from coursewright.course.review.rule import Context
from coursewright.course.study import StudyItem
from coursewright.database import model_answers, pieces, revisions
from coursewright.database.pool import Connection, Database
from coursewright.database.revisions import Cause, Revision, RevisionContent
from coursewright.database.study_items import Kept
from coursewright.generation import item_edits, replanning, word_games
from coursewright.generation.allowance import Allowance
from coursewright.generation.changing import Changed, Taken, Versioned, look, settle, take
from coursewright.generation.commands import hold
from coursewright.generation.contents import CONTENTS, keep
from coursewright.generation.item_edits import KINDS, Draft
from coursewright.generation.plan import OUTLINE
from coursewright.generation.progress import Progress

_WHAT = {
    PieceKind.FLASHCARDS: "flashcards",
    PieceKind.MCQS: "questions",
    PieceKind.GLOSSARY: "glossary terms",
}


class Editing:
    """Reads and changes what a person may edit, as that person."""

    def __init__(
        self,
        database: Database,
        progress: Progress,
        author: Author,
        *,
        now: Callable[[], datetime],
        allowance: Allowance | None = None,
    ) -> None:
        """`author` solves edited questions where it can; `now` is the clock, with a zone; of
        `allowance` only the money counts.
        """
        self._database = database
        self._progress = progress
        self._author = author
        self._now = now
        # An edit is no order: it is held up only where a model would be asked once more.
        self._allowance = Allowance(usd_a_day=allowance.usd_a_day if allowance else None)

    async def read_outline(self, user_id: UUID, course_id: UUID) -> Versioned[Outline]:
        """The outline. Raises `NotFound` while there is none."""
        return await self._read(user_id, course_id, OUTLINE.key)

    async def read_chapter(self, user_id: UUID, course_id: UUID, number: int) -> Versioned[Chapter]:
        """A chapter. Raises `NotFound` while it is not written."""
        return await self._read(user_id, course_id, piece_key(PieceKind.CHAPTER, number))

    async def read_items(
        self, user_id: UUID, course_id: UUID, kind: PieceKind, number: int
    ) -> Versioned[tuple[Kept[Any], ...]]:
        """The items of one kind of a chapter, with their ids."""
        return await self._read(user_id, course_id, piece_key(kind, number))

    async def edit_outline(
        self, user_id: UUID, course_id: UUID, edit: OutlineEdit, *, version: int
    ) -> Changed:
        """Changes the outline before anything else is made; the rest then waits for `go_on`.

        Raises:
            Conflict: something is made, or under way.
            Stale: the outline is not in that version.
            BadRequest: a chapter cannot be had.
        """
        async with self._database.as_service(user_id) as conn:
            await hold(conn, course_id)
            taken = await take(conn, course_id, OUTLINE.key, version)
            before: Outline = _there(await CONTENTS[PieceKind.OUTLINE].get(conn, taken.piece))
            outline = await replanning.changed(conn, self._author, taken, before, edit)
            if outline == before:
                return Changed(version=version)
            await keep(conn, taken.piece, user_id=user_id, cause=Cause.EDIT)
            await replanning.store(conn, self._author, taken, outline, user_id=user_id)
            return await self._changed(conn, taken, items=len(outline.chapters))

    async def edit_chapter(
        self, user_id: UUID, course_id: UUID, number: int, edit: ChapterEdit, *, version: int
    ) -> Changed:
        """Changes a chapter. Raises `Conflict`, `Stale`, `NotFound` as `take` does, and
        `LimitReached` where something would have to be begun again, and today's model calls have
        cost enough.
        """
        async with self._database.as_service(user_id) as conn:
            await hold(conn, course_id)
            key = piece_key(PieceKind.CHAPTER, number)
            taken = await take(conn, course_id, key, version)
            content = CONTENTS[PieceKind.CHAPTER]
            before: Chapter = _there(await content.get(conn, taken.piece))
            # Markdown of a person can take a while to cut; others are served meanwhile.
            chapter = await asyncio.to_thread(edit.applied, before, split)
            if chapter == before:
                return Changed(version=version)
            await keep(conn, taken.piece, user_id=user_id, cause=Cause.EDIT)
            await content.put(conn, taken.piece, chapter)
            await self._begin_again(conn, taken)
            changed = await self._changed(conn, taken, items=1)
            return changed.model_copy(update={"notes": await _ungrounded(conn, taken, chapter)})

    async def edit_items(
        self,
        user_id: UUID,
        course_id: UUID,
        kind: PieceKind,
        number: int,
        edits: Sequence[ItemEdit],
        *,
        version: int,
        overrule: bool = False,
    ) -> Changed:
        """Changes the flashcards, questions or terms of a chapter: what `edits` leaves out is
        removed, what has no id is added. What was edited goes through the question gate.

        Raises:
            Refused: the gate refuses something, and is not overruled.
            LimitReached: a model would have to be asked, and today's calls have cost enough.
            BadRequest: an id is not that of an item of the chapter.
            Conflict, Stale, NotFound: as `take` does.
        """
        key = piece_key(kind, number)
        async with self._database.as_service(user_id) as conn:
            taken = await take(conn, course_id, key, version)
            draft = await item_edits.draft(conn, taken, edits)
        if not overrule:
            _refuse(draft)
        # Solving asks a model, and takes its time: no transaction is open meanwhile.
        unsolved = await item_edits.solve(
            self._author,
            taken,
            draft,
            user_id=user_id,
            overrule=overrule,
            admit=partial(self._admit, user_id),
        )
        async with self._database.as_service(user_id) as conn:
            await hold(conn, course_id)
            taken = await take(conn, course_id, key, version)
            draft = (await item_edits.draft(conn, taken, edits)).plus(unsolved)
            if not overrule:
                _refuse(draft)
            if not draft.is_change:
                return Changed(version=version)
            await keep(conn, taken.piece, user_id=user_id, cause=Cause.EDIT)
            items = await CONTENTS[kind].put(conn, taken.piece, draft.overruled())
            await model_answers.forget(conn, course_id, key)
            if kind is PieceKind.GLOSSARY:
                await self._follow(conn, taken)
            changed = await self._changed(conn, taken, items=items)
            return changed.model_copy(update={"overruled": draft.rejections})

    async def revisions(self, user_id: UUID, course_id: UUID) -> list[Revision]:
        """What was changed, the newest first. Raises `NotFound`."""
        async with self._database.as_user(user_id) as conn:
            await look(conn, course_id, OUTLINE.key)
            return await revisions.list_all(conn, course_id)

    async def revision(self, user_id: UUID, course_id: UUID, revision_id: int) -> RevisionContent:
        """One change with what was there before. Raises `NotFound`."""
        async with self._database.as_user(user_id) as conn:
            return await _revision(conn, course_id, revision_id)

    async def undo(
        self, user_id: UUID, course_id: UUID, revision_id: int, *, version: int
    ) -> Changed:
        """Puts back what a piece held before a change; what it holds now becomes a revision too.

        Raises `Conflict`, `Stale`, `NotFound`, `LimitReached` as `edit_chapter` does.
        """
        async with self._database.as_service(user_id) as conn:
            await hold(conn, course_id)
            revision = await _revision(conn, course_id, revision_id)
            taken = await take(conn, course_id, revision.piece_key, version)
            await keep(conn, taken.piece, user_id=user_id, cause=Cause.UNDO)
            kind = taken.piece.kind
            if kind is PieceKind.OUTLINE:
                outline = Outline.model_validate(revision.content)
                await replanning.store(conn, self._author, taken, outline, user_id=user_id)
                items = len(outline.chapters)
            else:
                items = await CONTENTS[kind].load(conn, taken.piece, revision.content)
            notes: tuple[str, ...] = ()
            if kind is PieceKind.GLOSSARY:
                await self._follow(conn, taken)
            elif kind is PieceKind.CHAPTER:
                await self._begin_again(conn, taken)
                chapter: Chapter = _there(await CONTENTS[kind].get(conn, taken.piece))
                notes = await _ungrounded(conn, taken, chapter)
            changed = await self._changed(conn, taken, items=items, edited=revision.edited)
            return changed.model_copy(update={"notes": notes})

    async def _read(self, user_id: UUID, course_id: UUID, key: str) -> Versioned[Any]:
        async with self._database.as_user(user_id) as conn:
            piece = (await look(conn, course_id, key)).piece
            value = _there(await CONTENTS[piece.kind].get(conn, piece))
        return Versioned[Any](value=value, version=piece.version, edited=piece.edited)

    async def _changed(
        self, conn: Connection, taken: Taken, *, items: int, edited: bool = True
    ) -> Changed:
        version = await settle(conn, taken.piece, items=items, edited=edited, now=self._now)
        await self._progress.release(conn, taken.course.user_id, taken.course.id)
        return Changed(version=version)

    async def _begin_again(self, conn: Connection, taken: Taken) -> None:
        """Of a chapter that has changed: what is being made of its old text at this moment."""
        of_old_text = [
            row.key
            for row in taken.rows
            if row.number == taken.piece.number and row.state is PieceState.RUNNING
        ]
        if of_old_text:
            await self._allowance.claim(conn, now=self._now())
            await pieces.reopen(conn, taken.course.id, of_old_text)

    async def _admit(self, user_id: UUID) -> None:
        async with self._database.as_service(user_id) as conn:
            await self._allowance.claim(conn, now=self._now())

    async def _follow(self, conn: Connection, taken: Taken) -> None:
        await word_games.follow(conn, taken.rows, progress=self._progress, now=self._now)


def _there(value: Any | None) -> Any:
    if value is None:
        raise NotFound("it is not made yet", hint="The pieces of the course say how it stands.")
    return value


def _refuse(draft: Draft) -> None:
    if not draft.refused:
        return
    count = len(draft.refused)
    raise Refused(
        f"the question gate refuses {count} {'item' if count == 1 else 'items'}:"
        f" {draft.rejections[0].reason}",
        hint="Mend what is named, or send `overrule: true` if you know better. Nothing was stored.",
        problems=[
            {"field": f"items.{at}", "item": each.item, "rule": each.rule, "problem": each.reason}
            for at, found in sorted(draft.refused.items())
            for each in found
        ],
    )


async def _revision(conn: Connection, course_id: UUID, revision_id: int) -> RevisionContent:
    found = await revisions.get(conn, course_id, revision_id)
    if found is None:
        raise NotFound(
            f"the course has no revision {revision_id}", hint="Only the newest are kept."
        )
    return found


async def _ungrounded(conn: Connection, taken: Taken, chapter: Chapter) -> tuple[str, ...]:
    """What now rests on words that the chapter has no more."""
    notes: list[str] = []
    text = Context(chapter, taken.course.language)
    for kind, what in _WHAT.items():
        every: list[Kept[StudyItem]] = await KINDS[kind].store.keep(conn, taken.course.id)
        gone = [
            kept.item
            for kept in every
            if kept.item.chapter == chapter.number
            and kept.item.quotation
            and not text.contains(kept.item.quotation)
        ]
        if gone:
            notes.append(f"{len(gone)} {what} rest on words that the chapter no longer has")
    return tuple(notes)
