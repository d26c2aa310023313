"""Cards: what they say, and what is remembered of each."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from coursewright.course.base import Value
from coursewright.course.memory import CardKind, Memory, identity
from coursewright.database.pool import Connection


class Item(Value):
    """A flashcard or a question, as far as a card must know it."""

    id: UUID
    course_id: UUID
    kind: CardKind
    front: str


class CardRow(Value):
    """What is asked of a row of `review_cards` to write to it."""

    item_id: UUID
    course_id: UUID
    kind: CardKind
    reviews: int


async def find_item(conn: Connection, item_id: UUID) -> Item | None:
    """The flashcard or question with that id, where the signed-in user may see it."""
    rows = await conn.execute(
        """
        select id, course_id, 'flashcard' as kind, front from course_flashcards
        where id = %(id)s
        union all
        select id, course_id, 'mcq', question from course_mcqs where id = %(id)s
        """,
        {"id": item_id},
    )
    row = await rows.fetchone()
    return None if row is None else Item.model_validate(row)


async def add(
    conn: Connection, user_id: UUID, item: Item, *, missed_at: datetime | None = None
) -> bool:
    """Makes a card of an item, new. False when it was one already."""
    result = await conn.execute(
        """
        insert into review_cards (user_id, item_id, course_id, kind, identity, missed_at)
        values (%s, %s, %s, %s, %s, %s)
        on conflict (user_id, item_id) do nothing
        """,
        (user_id, item.id, item.course_id, str(item.kind), identity(item.front), missed_at),
    )
    return result.rowcount == 1


async def get(conn: Connection, item_id: UUID) -> CardRow | None:
    """The card, or None for what was never reviewed, missed or suspended."""
    rows = await conn.execute(
        "select item_id, course_id, kind, reviews from review_cards where item_id = %s",
        (item_id,),
    )
    row = await rows.fetchone()
    return None if row is None else CardRow.model_validate(row)


async def save(
    conn: Connection,
    item_id: UUID,
    memory: Memory,
    *,
    reviews: int,
    lapses: int,
    first_review: datetime | None,
) -> None:
    """Stores what follows from the card's log."""
    await conn.execute(
        """
        update review_cards
        set state = %(state)s, step = %(step)s, stability = %(stability)s,
            difficulty = %(difficulty)s, due = %(due)s, last_review = %(last_review)s,
            reviews = %(reviews)s, lapses = %(lapses)s, first_review = %(first_review)s
        where item_id = %(item_id)s
        """,
        {
            **memory.model_dump(),
            "state": int(memory.state),
            "reviews": reviews,
            "lapses": lapses,
            "first_review": first_review,
            "item_id": item_id,
        },
    )


async def set_missed(conn: Connection, item_id: UUID, at: datetime) -> None:
    """Notes that a quiz found the question not known."""
    await conn.execute(
        "update review_cards set missed_at = coalesce(missed_at, %s) where item_id = %s",
        (at, item_id),
    )


async def set_identity(conn: Connection, item: Item) -> None:
    """Notes what the card says now, by which it is known again when it is made anew."""
    await conn.execute(
        "update review_cards set identity = %(is)s where item_id = %(id)s and identity <> %(is)s",
        {"is": identity(item.front), "id": item.id},
    )


async def suspend(conn: Connection, item_id: UUID, at: datetime | None) -> None:
    """Keeps a card out of the queue, or with None lets it back in."""
    await conn.execute(
        """
        update review_cards
        set suspended_at = case when %(at)s::timestamptz is not null
          then coalesce(suspended_at, %(at)s) end
        where item_id = %(id)s
        """,
        {"at": at, "id": item_id},
    )


async def retired(
    conn: Connection, course_id: UUID, kind: CardKind, identities: Sequence[str]
) -> dict[str, UUID]:
    """The ids of cards whose items are no more, by what they said: for items made anew."""
    rows = await conn.execute(
        """
        select distinct on (r.identity) r.identity, r.item_id
        from review_cards r
        where r.course_id = %s and r.kind = %s and r.identity = any(%s)
          and not exists (select from course_flashcards where id = r.item_id)
          and not exists (select from course_mcqs where id = r.item_id)
        order by r.identity, r.reviews desc, r.item_id
        """,
        (course_id, str(kind), list(identities)),
    )
    return {row["identity"]: row["item_id"] for row in await rows.fetchall()}
