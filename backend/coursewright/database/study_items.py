"""What one studies with: flashcards, multiple-choice questions, glossary terms.

The items of a chapter are replaced together. An item that says the same as before keeps its id, so
that what a learner has done with it (reviews) stays with it; case, white space and typography do
not count. So does one that is named by its id, whatever it says now. One that was gone for a while
gets the id back under which it was reviewed.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from psycopg import sql
from psycopg.types.json import Jsonb

from coursewright.course.errors import NotFound
from coursewright.course.memory import CardKind, identity
from coursewright.course.study import Flashcard, GlossaryTerm, Mcq, StudyItem
from coursewright.database import review_cards
from coursewright.database.pool import Connection
from coursewright.database.values import as_json_list

T = TypeVar("T", bound=StudyItem)
_Columns = Mapping[str, Any]
_CARD = {"front": "front", "back": "back"}
_TERM = {"term": "term", "definition": "definition"}
_QUESTION = {
    "question": "stem",
    "options": "options",
    "correct_index": "key",
    "explanation": "explanation",
    "objective": "objective",
}
"""What the columns of a table are called in the domain."""


@dataclass(frozen=True)
class Kept(Generic[T]):
    """An item with the id that it has in its table; None before it is stored."""

    id: UUID | None
    item: T


async def replace_flashcards(
    conn: Connection,
    course_id: UUID,
    number: int,
    items: Sequence[Flashcard],
    ids: Sequence[UUID | None] = (),
) -> None:
    """Stores the flashcards of a chapter instead of those that it had.

    `ids` names, item by item, the one that it was; where it does not, the one that says the same is
    it.

    Raises:
        NotFound: the chapter is not there.
    """
    rows = [{"front": item.front, "back": item.back} | _common(item) for item in items]
    await _replace(
        conn,
        "course_flashcards",
        course_id,
        number,
        rows,
        same="front",
        ids=ids,
        kind=CardKind.FLASHCARD,
    )


async def list_flashcards(conn: Connection, course_id: UUID) -> list[Flashcard]:
    """The flashcards of a course, by chapter."""
    return [kept.item for kept in await keep_flashcards(conn, course_id)]


async def keep_flashcards(conn: Connection, course_id: UUID) -> list[Kept[Flashcard]]:
    """The same with their ids."""
    return await _list(conn, "course_flashcards", course_id, _CARD, Flashcard)


async def replace_mcqs(
    conn: Connection,
    course_id: UUID,
    number: int,
    items: Sequence[Mcq],
    ids: Sequence[UUID | None] = (),
) -> None:
    """Stores the questions of a chapter instead of those that it had. Errors as for flashcards."""
    rows = [
        {
            "question": item.stem,
            "options": Jsonb(list(item.options)),
            "correct_answer": item.answer,
            "correct_index": item.key,
            "explanation": item.explanation,
            "objective": item.objective,
        }
        | _common(item)
        for item in items
    ]
    await _replace(
        conn,
        "course_mcqs",
        course_id,
        number,
        rows,
        same="question",
        ids=ids,
        kind=CardKind.MCQ,
    )


async def list_mcqs(conn: Connection, course_id: UUID) -> list[Mcq]:
    """The questions of a course, by chapter."""
    return [kept.item for kept in await keep_mcqs(conn, course_id)]


async def keep_mcqs(conn: Connection, course_id: UUID) -> list[Kept[Mcq]]:
    """The same with their ids."""
    return await _list(conn, "course_mcqs", course_id, _QUESTION, Mcq)


async def replace_glossary(
    conn: Connection,
    course_id: UUID,
    number: int,
    items: Sequence[GlossaryTerm],
    ids: Sequence[UUID | None] = (),
) -> None:
    """Stores the terms of a chapter instead of those that it had. Errors as for flashcards."""
    rows = [{"term": item.term, "definition": item.definition} | _common(item) for item in items]
    await _replace(conn, "course_glossary_terms", course_id, number, rows, same="term", ids=ids)


async def list_glossary(conn: Connection, course_id: UUID) -> list[GlossaryTerm]:
    """The terms of a course, by chapter."""
    return [kept.item for kept in await keep_glossary(conn, course_id)]


async def keep_glossary(conn: Connection, course_id: UUID) -> list[Kept[GlossaryTerm]]:
    """The same with their ids."""
    return await _list(conn, "course_glossary_terms", course_id, _TERM, GlossaryTerm)


def _common(item: StudyItem) -> dict[str, Any]:
    return {
        "quotation": item.quotation,
        "citations": as_json_list(item.citations),
        "edited": item.edited,
        "overruled": as_json_list(item.overruled),
    }


async def _list(
    conn: Connection, table: str, course_id: UUID, columns: Mapping[str, str], item_type: type[T]
) -> list[Kept[T]]:
    """The items of a course; `columns` says what each column is called in the domain."""
    query = sql.SQL(
        """
        select item.id, chapter.chapter_number as chapter, item.quotation, item.citations,
          item.edited, item.overruled, {columns}
        from {table} item join course_chapters chapter on chapter.id = item.chapter_id
        where item.course_id = %s
        order by chapter.chapter_number, item.position, item.id
        """
    ).format(
        table=sql.Identifier(table),
        columns=sql.SQL(", ").join(
            sql.SQL("{} as {}").format(sql.Identifier("item", column), sql.Identifier(name))
            for column, name in columns.items()
        ),
    )
    rows = await (await conn.execute(query, (course_id,))).fetchall()
    return [Kept(id=row.pop("id"), item=item_type.model_validate(row)) for row in rows]


async def _replace(
    conn: Connection,
    table: str,
    course_id: UUID,
    number: int,
    rows: Sequence[_Columns],
    *,
    same: str,
    ids: Sequence[UUID | None] = (),
    kind: CardKind | None = None,
) -> None:
    """Brings a chapter's items in line with `rows`; `same` is the column that tells items apart.

    `ids` is as in `replace_flashcards`. `kind` is what cards of such items are; None where they
    never become cards.
    """
    chapter_id = await _chapter_id(conn, course_id, number)
    named = await _free(conn, table, chapter_id, ids or [None] * len(rows))
    taken = {item_id for item_id in named if item_id}
    identities = [identity(row[same]) for row in rows]
    kept = await _ids(conn, table, chapter_id, same, but=taken)
    gone = {} if kind is None else await review_cards.retired(conn, course_id, kind, identities)
    gone = {what: item_id for what, item_id in gone.items() if item_id not in taken}
    known = [
        (item_id or (kept[what].pop(0) if kept[what] else gone.pop(what, None)), row)
        for item_id, what, row in zip(named, identities, rows, strict=True)
    ]
    await conn.execute(
        sql.SQL("delete from {} where chapter_id = %s and id <> all(%s)").format(
            sql.Identifier(table)
        ),
        (chapter_id, [item_id for item_id, _ in known if item_id]),
    )
    names = ("course_id", "chapter_id", "position", *(rows[0] if rows else ()))
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    values = sql.SQL(", ").join(sql.Placeholder() * len(names))
    insert = sql.SQL(
        """
        insert into {table} (id, {columns}) values (coalesce(%s, gen_random_uuid()), {values})
        on conflict (id) do update set ({columns}) = row({values_again})
        """
    ).format(
        table=sql.Identifier(table),
        columns=columns,
        values=values,
        values_again=sql.SQL(", ").join(sql.Identifier("excluded", name) for name in names),
    )
    async with conn.cursor() as cursor:
        await cursor.executemany(
            insert,
            [
                (item_id, course_id, chapter_id, position, *row.values())
                for position, (item_id, row) in enumerate(known)
            ],
        )


async def _chapter_id(conn: Connection, course_id: UUID, number: int) -> UUID:
    rows = await conn.execute(
        "select id from course_chapters where course_id = %s and chapter_number = %s",
        (course_id, number),
    )
    row = await rows.fetchone()
    if row is None:
        raise NotFound(f"chapter {number} of the course is not there")
    return row["id"]


async def _free(
    conn: Connection, table: str, chapter_id: UUID, ids: Sequence[UUID | None]
) -> list[UUID | None]:
    """The ids that items may have; None for one that an item of another chapter got meanwhile.

    An item that is put back may have been made anew elsewhere, where it is the card reviewed now.
    """
    query = sql.SQL("select id from {} where id = any(%s) and chapter_id <> %s").format(
        sql.Identifier(table)
    )
    rows = await conn.execute(query, ([item_id for item_id in ids if item_id], chapter_id))
    elsewhere = {row["id"] for row in await rows.fetchall()}
    return [None if item_id in elsewhere else item_id for item_id in ids]


async def _ids(
    conn: Connection, table: str, chapter_id: UUID, same: str, *, but: Collection[UUID]
) -> defaultdict[str, list[UUID]]:
    """The ids of a chapter's items by what they say (twins share an entry), `but` those named."""
    query = sql.SQL("select id, {} as same from {} where chapter_id = %s order by position").format(
        sql.Identifier(same), sql.Identifier(table)
    )
    found: defaultdict[str, list[UUID]] = defaultdict(list)
    for row in await (await conn.execute(query, (chapter_id,))).fetchall():
        if row["id"] not in but:
            found[identity(row["same"])].append(row["id"])
    return found
