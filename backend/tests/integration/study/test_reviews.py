"""Reviews on a real database: the queue, limits, late and double arrivals, undo, suspension."""

import asyncio
import random
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row

from coursewright.course.errors import BadRequest, Conflict, NotFound
from coursewright.course.memory import CardKind, CardState, Rating
from coursewright.database import review_log
from coursewright.database.study_settings import StudySettings
from coursewright.study.deck import Review
from coursewright.study.reviews import Arrival
from coursewright.study.scoring import Answer
from support.desk import Desk, OpenDesk

AGAIN, HARD, GOOD, EASY = Rating


def review(card: UUID, rating: Rating = GOOD, at: datetime | None = None, **more: Any) -> Review:
    return Review(id=uuid4(), card_id=card, rating=rating, reviewed_at=at, **more)


async def table(admin_url: str, query: str) -> list[dict[str, Any]]:
    async with await AsyncConnection[DictRow].connect(admin_url, row_factory=dict_row) as conn:
        return await (await conn.execute(query.encode())).fetchall()


async def cards_of(desk: Desk) -> list[UUID]:
    return [card.id for card in await desk.next()]


async def test_new_cards_come_course_by_course_as_they_are_written(desk: Desk) -> None:
    await desk.write(cards=2, number_of_chapters=2, title="A")
    await desk.write(cards=1, title="B")

    assert await desk.fronts() == [
        "A card 1.0",
        "A card 1.1",
        "A card 2.0",
        "A card 2.1",
        "B card 1.0",
    ]
    queue = await desk.study.reviews.due(desk.user, limit=2)
    assert len(queue.cards) == 2
    assert queue.left_today.new == 5
    only = await desk.study.reviews.due(desk.user, limit=9, course_id=desk.courses[1])
    assert [card.course_title for card in only.cards] == ["B"]


async def test_a_card_goes_its_way_and_keeps_to_what_was_shown(desk: Desk) -> None:
    await desk.write(cards=1)
    (card,) = await desk.next()
    assert [each.seconds for each in card.next] == [60, 330, 600, 8 * 86400]

    rated = await desk.study.reviews.rate(desk.user, review(card.id))
    assert rated.memory.due == card.next[2].due
    assert (rated.reviews, rated.memory.state) == (1, CardState.LEARNING)
    queue = await desk.study.reviews.due(desk.user, limit=9)
    assert queue.cards == ()
    assert queue.next_learning == card.next[2].due

    desk.wait(minutes=10)
    (card,) = await desk.next()
    await desk.study.reviews.rate(desk.user, review(card.id))
    assert await desk.next() == []
    # It is due on its day, at any time of it.
    desk.wait(days=2, hours=-4)
    (card,) = await desk.next()
    assert card.memory.state is CardState.REVIEW
    assert card.memory.due
    assert card.memory.due > desk.now


async def test_daily_limits_hold_and_begin_anew_on_the_next_day(desk: Desk) -> None:
    await desk.study.preferences.put(desk.user, StudySettings(new_per_day=2, reviews_per_day=1))
    await desk.write(cards=4)
    first, second = await cards_of(desk)
    for card in (first, second):
        await desk.study.reviews.rate(desk.user, review(card, EASY))

    queue = await desk.study.reviews.due(desk.user, limit=9)
    assert queue.cards == ()
    assert (queue.waiting.new, queue.left_today.total) == (2, 0)

    desk.wait(days=8)
    assert len(await desk.next()) == 3  # one of two reviews, two new
    (card, *_) = await desk.next()
    await desk.study.reviews.rate(desk.user, review(card.id, GOOD))
    queue = await desk.study.reviews.due(desk.user, limit=9)
    assert (queue.left_today.review, queue.waiting.review) == (0, 1)


async def test_a_limit_counts_a_day_of_the_persons_own_zone(desk: Desk) -> None:
    # 09:00 UTC is 23:00 of the same day on Kiritimati; three hours later it is another day there.
    await desk.study.preferences.put(
        desk.user,
        StudySettings(time_zone="Pacific/Kiritimati", day_starts_at=0, new_per_day=1),
    )
    await desk.write(cards=3)
    await desk.study.reviews.rate(desk.user, review((await cards_of(desk))[0], EASY))
    assert await desk.next() == []

    desk.wait(hours=3)

    assert len(await desk.next()) == 1


async def test_the_same_review_twice_is_one(desk: Desk, admin_url: str) -> None:
    await desk.write(cards=1)
    (card,) = await cards_of(desk)
    sent = review(card, at=desk.now, elapsed_ms=2000)

    once = await desk.study.reviews.rate(desk.user, sent)
    again = await desk.study.reviews.rate(desk.user, sent)
    outcomes = await desk.study.reviews.rate_many(desk.user, [sent, sent])

    assert again.memory == once.memory
    assert [each.arrival for each in outcomes] == [Arrival.KNOWN, Arrival.KNOWN]
    (day,) = await table(admin_url, "select reviews, milliseconds from study_days")
    assert day == {"reviews": 1, "milliseconds": 2000}


async def test_an_id_names_one_review_only(desk: Desk) -> None:
    await desk.write(cards=2)
    one, two = await cards_of(desk)
    sent = review(one, at=desk.now)
    await desk.study.reviews.rate(desk.user, sent)

    for other in (
        sent.model_copy(update={"card_id": two}),
        sent.model_copy(update={"rating": EASY}),
        sent.model_copy(update={"reviewed_at": desk.now - timedelta(hours=1)}),
    ):
        with pytest.raises(Conflict):
            await desk.study.reviews.rate(desk.user, other)
    # Without a time it means the one that is known.
    await desk.study.reviews.rate(desk.user, sent.model_copy(update={"reviewed_at": None}))


@given(
    st.lists(
        st.tuples(
            st.integers(0, 2), st.sampled_from(Rating), st.integers(0, 30 * 24 * 60), st.booleans()
        ),
        min_size=1,
        max_size=20,
    ),
    st.randoms(use_true_random=False),
)
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # it is emptied each time
)
async def test_no_order_of_arrival_and_no_repetition_changes_the_outcome(
    desk: Desk,
    admin_url: str,
    made: list[tuple[int, Rating, int, bool]],
    chance: random.Random,
) -> None:
    if not desk.courses:
        await desk.write(cards=3)
        desk.wait(days=31)
    await _empty(admin_url)
    cards = await cards_of(desk)
    sent = [
        review(cards[n], rating, desk.now - timedelta(minutes=minutes), elapsed_ms=1000)
        for n, rating, minutes, _ in made
    ]
    slips = [each.id for each, (*_, slip) in zip(sent, made, strict=True) if slip]
    for each in sorted(sent, key=lambda each: (each.reviewed_at, each.id)):
        await desk.study.reviews.rate(desk.user, each)
    for slip in slips:
        await desk.study.reviews.take_back(desk.user, slip)
    wanted = await _everything(admin_url)
    await _empty(admin_url)

    arriving = sent + chance.sample(sent, len(sent) // 2)
    chance.shuffle(arriving)
    undone: set[UUID] = set()
    while arriving:
        size = chance.randrange(1, 8)
        now, arriving = arriving[:size], arriving[size:]
        await desk.study.reviews.rate_many(desk.user, now)
        for slip in slips:
            if slip in {each.id for each in now} and slip not in undone:
                await desk.study.reviews.take_back(desk.user, slip)
                undone.add(slip)

    assert await _everything(admin_url) == wanted


async def _empty(admin_url: str) -> None:
    async with await AsyncConnection.connect(admin_url) as conn:
        await conn.execute("delete from review_cards")
        await conn.execute("delete from study_days")


async def _everything(admin_url: str) -> list[list[dict[str, Any]]]:
    return [
        await table(
            admin_url,
            "select item_id, state, step, stability, difficulty, due, last_review, first_review,"
            " reviews, lapses from review_cards order by item_id",
        ),
        await table(
            admin_url,
            "select id, item_id, rating, reviewed_at, day, undone_at is null as counts,"
            " case when undone_at is null then state_before end as state_before"
            " from review_log order by id",
        ),
        await table(admin_url, "select day, reviews, milliseconds from study_days order by day"),
    ]


async def test_reviews_of_a_card_at_once_are_all_kept(desk: Desk, admin_url: str) -> None:
    await desk.write(cards=2)
    cards = await cards_of(desk)
    sent = [
        review(cards[n % 2], at=desk.now - timedelta(minutes=n), elapsed_ms=10) for n in range(10)
    ]

    await asyncio.gather(*(desk.study.reviews.rate(desk.user, each) for each in sent + sent))

    found = await table(admin_url, "select reviews from review_cards")
    assert [row["reviews"] for row in found] == [5, 5]
    (day,) = await table(admin_url, "select sum(reviews)::int as reviews from study_days")
    assert day["reviews"] == 10


async def test_one_bad_review_does_not_hold_the_others_back(desk: Desk) -> None:
    await desk.write(cards=2)
    one, two = await cards_of(desk)
    sent = [
        review(one, at=desk.now),
        review(uuid4(), at=desk.now),
        review(two, at=desk.now + timedelta(days=1)),
        review(two, at=desk.now - timedelta(days=4000)),
        review(two, at=desk.now),
    ]

    outcomes = await desk.study.reviews.rate_many(desk.user, sent)

    assert [each.id for each in outcomes] == [each.id for each in sent]
    assert [each.arrival for each in outcomes] == [
        Arrival.RECORDED,
        Arrival.REFUSED,
        Arrival.REFUSED,
        Arrival.REFUSED,
        Arrival.RECORDED,
    ]
    assert "there is no card" in outcomes[1].problem
    assert "future" in outcomes[2].problem
    assert all(each.hint for each in outcomes[1:4])


async def test_a_clock_that_is_a_little_ahead_is_forgiven(desk: Desk) -> None:
    await desk.write(cards=1)
    (card,) = await cards_of(desk)

    await desk.study.reviews.rate(desk.user, review(card, at=desk.now + timedelta(minutes=4)))
    with pytest.raises(BadRequest):
        await desk.study.reviews.rate(desk.user, review(card, at=desk.now + timedelta(minutes=6)))


async def test_a_review_that_is_taken_back_has_not_been(desk: Desk, admin_url: str) -> None:
    await desk.write(cards=1)
    (card,) = await cards_of(desk)
    first = review(card, EASY, elapsed_ms=1000)
    before = await desk.study.reviews.rate(desk.user, first)
    desk.wait(days=8)
    slip = review(card, AGAIN, elapsed_ms=1000)
    assert (await desk.study.reviews.rate(desk.user, slip)).lapses == 1

    for _ in range(2):
        after = await desk.study.reviews.take_back(desk.user, slip.id)
        assert after
        assert after.memory == before.memory
        assert (after.reviews, after.lapses) == (1, 0)
    # Sent once more by a client that has not heard of it: it stays taken back.
    again = await desk.study.reviews.rate(desk.user, slip)
    assert again.memory == before.memory
    logged = await desk.study.reviews.log(desk.user, limit=9)
    assert [(each.id, each.undone_at is None) for each in logged] == [
        (slip.id, False),
        (first.id, True),
    ]
    days = await table(admin_url, "select reviews, milliseconds from study_days order by day")
    assert [tuple(row.values()) for row in days] == [(1, 1000), (0, 0)]

    new = await desk.study.reviews.take_back(desk.user, first.id)
    assert new
    assert new.memory.state is CardState.NEW
    with pytest.raises(NotFound):
        await desk.study.reviews.take_back(desk.user, uuid4())


async def test_a_card_that_is_set_aside_does_not_come_up(desk: Desk) -> None:
    await desk.write(cards=2)
    one, two = await cards_of(desk)
    await desk.study.reviews.rate(desk.user, review(one, EASY))
    for card in (one, two):
        await desk.study.reviews.set_suspended(desk.user, card, suspended=True)
    desk.wait(days=30)

    assert await desk.next() == []
    aside = await desk.study.reviews.cards(
        desk.user, course_id=None, suspended=True, limit=9, offset=0
    )
    assert {card.id for card in aside} == {one, two}

    back = await desk.study.reviews.set_suspended(desk.user, one, suspended=False)
    assert back.suspended_at is None
    assert back.memory.state is CardState.REVIEW
    assert await cards_of(desk) == [one]


async def test_cards_that_are_made_anew_keep_what_is_remembered_of_them(desk: Desk) -> None:
    course = await desk.write(cards=0)
    await desk.put_cards(course, ["What is a tide?", "What is an ebb?"])
    tide, ebb = await cards_of(desk)
    for card in (tide, ebb):
        await desk.study.reviews.rate(desk.user, review(card, EASY))

    # Set otherwise, in another order, one of them gone.
    await desk.put_cards(course, ["What is a moon?", "what is a  *tide*"])

    found = {
        card.front: card
        for card in await desk.study.reviews.cards(
            desk.user, course_id=course, suspended=None, limit=9, offset=0
        )
    }
    assert found["what is a  *tide*"].id == tide
    assert found["what is a  *tide*"].reviews == 1
    assert found["What is a moon?"].reviews == 0

    # What was gone comes back, with its memory; late reviews of it were kept meanwhile.
    desk.wait(days=8)
    late = await desk.study.reviews.rate_many(desk.user, [review(ebb, GOOD)])
    assert late[0].arrival is Arrival.RECORDED
    with pytest.raises(NotFound, match="the review is kept"):
        await desk.study.reviews.rate(desk.user, review(ebb, GOOD))
    await desk.put_cards(course, ["What is an ebb?"])
    card = await desk.study.reviews.card(desk.user, ebb)
    assert card.reviews == 3


async def test_signs_tell_cards_apart(desk: Desk) -> None:
    course = await desk.write(cards=0)
    await desk.put_cards(course, ["What is C?", "What is C++?"])
    c, plus = await cards_of(desk)
    await desk.study.reviews.rate(desk.user, review(plus, EASY))

    await desk.put_cards(course, ["What is C++?", "What is C?"])

    assert (await desk.study.reviews.card(desk.user, c)).reviews == 0
    assert (await desk.study.reviews.card(desk.user, plus)).front == "What is C++?"


async def test_nobody_reaches_the_cards_of_others(desk: Desk, open_desk: OpenDesk) -> None:
    course = await desk.write(cards=1)
    (card,) = await cards_of(desk)
    sent = review(card, EASY)
    await desk.study.reviews.rate(desk.user, sent)
    stranger = await open_desk()
    await stranger.write(cards=1)

    assert len(await stranger.next()) == 1
    for attempt in (
        lambda: stranger.study.reviews.rate(stranger.user, review(card)),
        lambda: stranger.study.reviews.card(stranger.user, card),
        lambda: stranger.study.reviews.set_suspended(stranger.user, card, suspended=True),
        lambda: stranger.study.reviews.take_back(stranger.user, sent.id),
        lambda: stranger.study.reviews.due(stranger.user, limit=9, course_id=course),
        lambda: stranger.study.reviews.cards(
            stranger.user, course_id=course, suspended=None, limit=9, offset=0
        ),
    ):
        with pytest.raises(NotFound):
            await attempt()
    assert await stranger.study.reviews.log(stranger.user, limit=9) == []
    # The same id for a review of one's own is no clash: ids are each user's own.
    (own,) = await cards_of(stranger)
    mine = await stranger.study.reviews.rate(
        stranger.user, sent.model_copy(update={"card_id": own})
    )
    assert mine.reviews == 1
    assert (await desk.study.reviews.card(desk.user, card)).reviews == 1


async def test_repositories_see_only_the_users_own_rows(desk: Desk, open_desk: OpenDesk) -> None:
    await desk.write(cards=1)
    (card,) = await cards_of(desk)
    sent = review(card)
    await desk.study.reviews.rate(desk.user, sent)
    stranger = await open_desk()

    async with desk.database.as_user(stranger.user) as conn:
        assert await review_log.get(conn, sent.id) is None
        assert await review_log.of_card(conn, card) == []
        await review_log.undo(conn, sent.id, desk.now)
        await review_log.set_states(conn, {sent.id: CardState.REVIEW})
    async with desk.database.as_user(desk.user) as conn:
        kept = await review_log.get(conn, sent.id)
    assert kept
    assert kept.undone_at is None
    assert kept.state_before is CardState.NEW


async def test_a_flashcard_and_a_missed_question_wait_in_one_queue(desk: Desk) -> None:
    course = await desk.write(cards=1, questions=2)
    attempt = await desk.study.quizzes.start(desk.user, course, 1)
    await desk.study.quizzes.finish(
        desk.user, attempt.id, [Answer(item=attempt.items[1].id, chosen=0)]
    )

    missed, card = await desk.next()

    assert (missed.kind, card.kind) == (CardKind.MCQ, CardKind.FLASHCARD)
    assert (missed.options, missed.key, missed.back) == (("w", "r", "x"), 1, "r")
    assert missed.missed_at == desk.now
