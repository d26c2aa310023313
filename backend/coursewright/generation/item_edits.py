"""Study items as a person wants them, and what the question gate says of those that are edited."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from coursewright.authors.author import Author
from coursewright.course.base import Value
from coursewright.course.chapter import Chapter
from coursewright.course.edits import ItemEdit
from coursewright.course.errors import (
    BadRequest,
    Blocked,
    LimitReached,
    NotFound,
    Unavailable,
    Unusable,
)
from coursewright.course.pieces import PieceKind
from coursewright.course.review import Rejection
from coursewright.course.review.edits import judge_flashcards, judge_glossary, judge_mcqs
from coursewright.course.review.solving import judge_solution
from coursewright.course.study import Mcq, Overruled, StudyItem
from coursewright.database import chapters
from coursewright.database.pool import Connection
from coursewright.database.study_items import Kept
from coursewright.generation.changing import Taken
from coursewright.generation.contents import CARDS, QUESTIONS, TERMS, ItemStore
from coursewright.providers.scope import Scope, making

SOLVING_SECONDS = 90
"""How long an edit waits for a model to solve its questions; free keys can be busy for longer."""


@dataclass(frozen=True)
class EditedKind:
    """How items of one kind are stored and judged."""

    store: ItemStore[Any]
    judge: Callable[..., dict[int, tuple[Rejection, ...]]]


KINDS = {
    PieceKind.FLASHCARDS: EditedKind(CARDS, judge_flashcards),
    PieceKind.MCQS: EditedKind(QUESTIONS, judge_mcqs),
    PieceKind.GLOSSARY: EditedKind(TERMS, judge_glossary),
}


class Draft(Value):
    """The items of a chapter as they are to be, and what is refused of those that are edited."""

    chapter: Chapter
    before: tuple[Kept[Any], ...]
    items: tuple[Kept[Any], ...]
    edited: tuple[int, ...]
    """The indices of the items that are new or changed."""
    refused: dict[int, tuple[Rejection, ...]]
    """By index."""

    @property
    def is_change(self) -> bool:
        """Whether anything is otherwise than before."""
        return self.items != self.before

    @property
    def rejections(self) -> tuple[Rejection, ...]:
        """All that was refused."""
        return tuple(each for _, found in sorted(self.refused.items()) for each in found)

    def plus(self, refused: dict[int, tuple[Rejection, ...]]) -> "Draft":
        """The same with more that is refused."""
        every = dict(self.refused)
        for at, found in refused.items():
            every[at] = every.get(at, ()) + found
        return self.model_copy(update={"refused": every})

    def overruled(self) -> tuple[Kept[Any], ...]:
        """The items, each with the rules that its author overrules."""
        return tuple(
            replace(kept, item=_marked(kept.item, self.refused.get(at, ())))
            if at in self.edited
            else kept
            for at, kept in enumerate(self.items)
        )


async def draft(conn: Connection, taken: Taken, edits: Sequence[ItemEdit]) -> Draft:
    """What comes of the edits, judged by the rules.

    Raises:
        NotFound: the chapter is not written.
        BadRequest: an id is not that of an item of the chapter, or comes twice.
    """
    kind = KINDS[taken.piece.kind]
    number = taken.piece.number or 0
    chapter = await chapters.get(conn, taken.course.id, number)
    if chapter is None:
        raise NotFound(f"chapter {number} is not written yet", hint="Retry it first.")
    every: list[Kept[StudyItem]] = await kind.store.keep(conn, taken.course.id)
    before = [kept for kept in every if kept.item.chapter == number]
    known = {kept.id: kept.item for kept in before}
    seen: set[UUID] = set()
    items: list[Kept[Any]] = []
    for at, edit in enumerate(edits):
        if edit.id is not None and (edit.id not in known or edit.id in seen):
            problem = "comes twice" if edit.id in seen else "is not that of an item of this chapter"
            raise BadRequest(
                f"items.{at}: the id {edit.id} {problem}", hint="Leave it out for a new item."
            )
        if edit.id is not None:
            seen.add(edit.id)
        item = edit.applied(known.get(edit.id), chapter)
        items.append(Kept[Any](id=edit.id, item=item))
    edited = [at for at, kept in enumerate(items) if kept.item is not known.get(kept.id)]
    refused = kind.judge(
        [kept.item for kept in items],
        edited,
        chapter=chapter,
        language=taken.course.language,
        elsewhere=[kept.item for kept in every if kept.item.chapter != number],
    )
    return Draft(
        chapter=chapter,
        before=tuple(before),
        items=tuple(items),
        edited=tuple(edited),
        refused=refused,
    )


async def solve(
    author: Author,
    taken: Taken,
    found: Draft,
    *,
    user_id: UUID,
    overrule: bool,
    admit: Callable[[], Awaitable[None]],
) -> dict[int, tuple[Rejection, ...]]:
    """What is refused of edited questions because somebody who does not know their keys finds
    other ones; nothing where the author cannot solve.

    `admit` raises `LimitReached` where no model may be asked. That, and `Unavailable`, `Blocked` or
    `Unusable` where the model does not answer, are raised unless the author overrules anyway.
    """
    if taken.piece.kind is not PieceKind.MCQS or not author.can_solve or not found.edited:
        return {}
    questions: list[Mcq] = [found.items[at].item for at in found.edited]
    scope = Scope(user_id=user_id, course_id=taken.course.id, piece_key=taken.piece.key)
    try:
        await admit()
        with making(scope):
            async with asyncio.timeout(SOLVING_SECONDS):
                solved = await author.solve(taken.course.brief, found.chapter, questions)
    except (Blocked, LimitReached, Unusable, Unavailable):
        if overrule:
            return {}
        raise
    except TimeoutError as error:
        if overrule:
            return {}
        raise Unavailable(
            "no model has solved the questions in time, so nobody has checked their keys",
            hint="Try again later, or overrule the gate. Nothing was stored.",
        ) from error
    refused: dict[int, tuple[Rejection, ...]] = {}
    for at, question, right in zip(found.edited, questions, solved.value, strict=True):
        _, wrong = judge_solution([question], [right])
        if wrong:
            refused[at] = wrong
    return refused


def _marked(item: Any, refused: Sequence[Rejection]) -> Any:
    rules = tuple(Overruled(rule=each.rule, reason=each.reason) for each in refused)
    return item.model_copy(update={"overruled": rules})
