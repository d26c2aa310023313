"""Editing by hand: the outline before the rest is made; chapters and study items after.

What is read carries an `ETag`; a change names it in `If-Match`, or the number in `version`.
"""

from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import APIRouter, Header, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from coursewright.api.dependencies import App, User
from coursewright.course.base import Value
from coursewright.course.edits import (
    MAX_ITEMS,
    ChapterEdit,
    FlashcardEdit,
    ItemEdit,
    McqEdit,
    OutlineEdit,
    TermEdit,
)
from coursewright.course.errors import BadRequest
from coursewright.course.json import Flag, is_number
from coursewright.course.pieces import PieceKind
from coursewright.course.review.verdict import Rejection
from coursewright.course.study import Overruled, StudyItem
from coursewright.database.study_items import Kept
from coursewright.generation.changing import Changed, Versioned

router = APIRouter(prefix="/api/courses/{course_id}", tags=["editing"])

R = TypeVar("R", bound="_Read")
IfMatch = Annotated[
    str | None,
    Header(
        # What `version_of` takes, said for the document; it is there that it is refused.
        json_schema_extra={"pattern": r'^(W/)?"?[0-9]{1,9}"?$'},
        description='The `ETag` of what the change was made for, such as `"3"`.',
    ),
]
Number = Annotated[int, Path(ge=1, le=1000, description="The chapter's number.")]
_MOST = 2**31 - 1


class _Change(BaseModel):
    """What every change may carry."""

    model_config = ConfigDict(extra="forbid")

    version: Annotated[int, Field(ge=0, le=_MOST), is_number] | None = Field(
        None, description="The version that the change was made for, where If-Match is not sent."
    )


class OutlineChange(_Change):
    """The outline as it is to be."""

    outline: OutlineEdit


class ChapterChange(_Change):
    """A chapter as it is to be."""

    chapter: ChapterEdit


class _ItemsChange(_Change):
    overrule: Flag = Field(
        default=False, description="Store what the question gate refuses, with its reasons."
    )


class FlashcardsChange(_ItemsChange):
    """The flashcards of a chapter as they are to be, in order; what is left out is removed."""

    items: Annotated[list[FlashcardEdit], Field(max_length=MAX_ITEMS)]


class QuestionsChange(_ItemsChange):
    """The questions of a chapter as they are to be, in order; what is left out is removed."""

    items: Annotated[list[McqEdit], Field(max_length=MAX_ITEMS)]


class TermsChange(_ItemsChange):
    """The glossary terms of a chapter as they are to be; what is left out is removed."""

    items: Annotated[list[TermEdit], Field(max_length=MAX_ITEMS)]


class ChangedOut(BaseModel):
    """What came of a change."""

    version: int = Field(description="What the next change has to name.")
    notes: list[str] = Field(description="What is worth knowing, in sentences for people.")
    overruled: list[Rejection] = Field(description="What the question gate refused all the same.")


class _Read(BaseModel):
    version: int
    edited: bool = Field(description="Whether it was changed by hand since it was made.")


class PlannedOut(BaseModel):
    """A chapter of an outline; sent back as `was`, its number says which one it was."""

    number: int
    title: str
    summary: str
    objectives: list[str]
    passages: int = Field(description="How many passages of the sources it draws on.")


class OutlineOut(_Read):
    """The outline, to be changed."""

    title: str
    description: str
    chapters: list[PlannedOut]


class SectionOut(BaseModel):
    """A section of a chapter."""

    heading: str
    markdown: str
    edited: bool = Field(description="Whether a block of it was written by hand.")


class ChapterOut(_Read):
    """A chapter, to be changed."""

    number: int
    title: str
    objectives: list[str]
    sections: list[SectionOut]


class _ItemOut(BaseModel):
    id: UUID
    quotation: str = Field(description="The words of the chapter that it rests on.")
    edited: bool
    overruled: list[Overruled] = Field(description="The rules that its author set aside.")


class FlashcardOut(_ItemOut):
    """A flashcard, to be changed."""

    front: str
    back: str


class QuestionOut(_ItemOut):
    """A question, to be changed."""

    stem: str
    options: list[str]
    key: int = Field(description="The index of the right option, from 0.")
    explanation: str
    objective: str | None


class TermOut(_ItemOut):
    """A glossary term, to be changed."""

    term: str
    definition: str


class FlashcardsOut(_Read):
    """The flashcards of a chapter."""

    items: list[FlashcardOut]


class QuestionsOut(_Read):
    """The questions of a chapter."""

    items: list[QuestionOut]


class TermsOut(_Read):
    """The glossary terms of a chapter."""

    items: list[TermOut]


@router.get("/outline", summary="The outline, to be changed")
async def read_outline(course_id: UUID, app: App, user: User, response: Response) -> OutlineOut:
    """It can be changed before anything else is made, as while the course is `outlined`."""
    found = await app.editing.read_outline(user, course_id)
    outline = found.value.model_dump(mode="json")
    for chapter in outline["chapters"]:
        chapter["passages"] = len(chapter["passages"])
    return _read(response, found, OutlineOut, outline)


@router.put("/outline", summary="Change the outline before the rest is made")
async def change_outline(
    course_id: UUID,
    change: OutlineChange,
    app: App,
    user: User,
    response: Response,
    if_match: IfMatch = None,
) -> ChangedOut:
    """Reorder, rename, add and drop chapters. 409 when more than the outline is made, 412
    when the outline was changed in the meantime.
    """
    version = version_of(if_match, change.version)
    changed = await app.editing.edit_outline(user, course_id, change.outline, version=version)
    return changed_out(response, changed)


@router.get("/chapters/{number}", summary="A chapter, to be changed")
async def read_chapter(
    course_id: UUID, number: Number, app: App, user: User, response: Response
) -> ChapterOut:
    """Its sections as Markdown."""
    found = await app.editing.read_chapter(user, course_id, number)
    chapter = found.value
    sections = [
        {
            "heading": section.heading,
            "markdown": "\n\n".join(block.markdown for block in section.blocks),
            "edited": any(block.edited for block in section.blocks),
        }
        for section in chapter.sections
    ]
    content = chapter.model_dump(mode="json", exclude={"sections"}) | {"sections": sections}
    return _read(response, found, ChapterOut, content)


@router.put("/chapters/{number}", summary="Change a chapter")
async def change_chapter(
    course_id: UUID,
    number: Number,
    change: ChapterChange,
    app: App,
    user: User,
    response: Response,
    if_match: IfMatch = None,
) -> ChangedOut:
    """What stands in it word for word keeps its citations; what is new says that it was edited by
    hand. 412 when the chapter was changed in the meantime.
    """
    version = version_of(if_match, change.version)
    changed = await app.editing.edit_chapter(
        user, course_id, number, change.chapter, version=version
    )
    return changed_out(response, changed)


@router.get("/chapters/{number}/flashcards", summary="The flashcards of a chapter")
async def read_flashcards(
    course_id: UUID, number: Number, app: App, user: User, response: Response
) -> FlashcardsOut:
    """With their ids, to be changed."""
    found = await app.editing.read_items(user, course_id, PieceKind.FLASHCARDS, number)
    return _read(response, found, FlashcardsOut, _items(found))


@router.put("/chapters/{number}/flashcards", summary="Change the flashcards of a chapter")
async def change_flashcards(
    course_id: UUID,
    number: Number,
    change: FlashcardsChange,
    app: App,
    user: User,
    response: Response,
    if_match: IfMatch = None,
) -> ChangedOut:
    """All of them at once: change, add, remove, reorder. 422 (`refused`) with rules and reasons
    when the question gate refuses an edited one; `overrule` stores it all the same.
    """
    return await _change(
        app, user, response, course_id, PieceKind.FLASHCARDS, number, change, change.items, if_match
    )


@router.get("/chapters/{number}/questions", summary="The questions of a chapter")
async def read_questions(
    course_id: UUID, number: Number, app: App, user: User, response: Response
) -> QuestionsOut:
    """With their ids and keys, to be changed."""
    found = await app.editing.read_items(user, course_id, PieceKind.MCQS, number)
    return _read(response, found, QuestionsOut, _items(found))


@router.put("/chapters/{number}/questions", summary="Change the questions of a chapter")
async def change_questions(
    course_id: UUID,
    number: Number,
    change: QuestionsChange,
    app: App,
    user: User,
    response: Response,
    if_match: IfMatch = None,
) -> ChangedOut:
    """As for flashcards. Where a model writes, it solves edited questions without their keys."""
    return await _change(
        app, user, response, course_id, PieceKind.MCQS, number, change, change.items, if_match
    )


@router.get("/chapters/{number}/glossary", summary="The glossary terms of a chapter")
async def read_glossary(
    course_id: UUID, number: Number, app: App, user: User, response: Response
) -> TermsOut:
    """With their ids, to be changed."""
    found = await app.editing.read_items(user, course_id, PieceKind.GLOSSARY, number)
    return _read(response, found, TermsOut, _items(found))


@router.put("/chapters/{number}/glossary", summary="Change the glossary terms of a chapter")
async def change_glossary(
    course_id: UUID,
    number: Number,
    change: TermsChange,
    app: App,
    user: User,
    response: Response,
    if_match: IfMatch = None,
) -> ChangedOut:
    """As for flashcards. The word games are made anew at once."""
    return await _change(
        app, user, response, course_id, PieceKind.GLOSSARY, number, change, change.items, if_match
    )


def version_of(if_match: str | None, version: int | None) -> int:
    """The version that a change was made for. Raises `BadRequest` where none is named."""
    if if_match is None:
        if version is None:
            raise BadRequest(
                "the change does not say which version it was made for",
                hint="Send the ETag of what you read as If-Match, or its number as `version`.",
            )
        return version
    named = if_match.strip().removeprefix("W/").strip('"')
    if not (named.isascii() and named.isdigit() and len(named) < 10):  # noqa: PLR2004 - an int of Postgres
        raise BadRequest(
            f"If-Match: {if_match!r} is not an ETag of ours",
            hint='It looks like "3", and stands in the answer to GET.',
        )
    return int(named)


def changed_out(response: Response, changed: Changed) -> ChangedOut:
    """The answer to a change, with its `ETag`."""
    response.headers["ETag"] = f'"{changed.version}"'
    return ChangedOut.model_validate(changed, from_attributes=True)


async def _change(
    app: App,
    user: UUID,
    response: Response,
    course_id: UUID,
    kind: PieceKind,
    number: int,
    change: _ItemsChange,
    items: list[FlashcardEdit] | list[McqEdit] | list[TermEdit],
    if_match: str | None,
) -> ChangedOut:
    edits: list[ItemEdit] = [*items]
    changed = await app.editing.edit_items(
        user,
        course_id,
        kind,
        number,
        edits,
        version=version_of(if_match, change.version),
        overrule=change.overrule,
    )
    return changed_out(response, changed)


def _read(response: Response, found: Versioned[Any], out: type[R], content: dict[str, Any]) -> R:
    response.headers["ETag"] = f'"{found.version}"'
    return out.model_validate(content | {"version": found.version, "edited": found.edited})


def _items(found: Versioned[tuple[Kept[StudyItem], ...]]) -> dict[str, Any]:
    return {"items": [{"id": kept.id, **_plain(kept.item)} for kept in found.value]}


def _plain(item: Value) -> dict[str, Any]:
    return item.model_dump(mode="json")
