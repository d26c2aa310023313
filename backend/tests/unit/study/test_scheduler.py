from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursewright.course.memory import CardState, Memory, Rating, Reviewed
from coursewright.study.scheduler import NEW, after, previews, replay

START = datetime(2026, 11, 25, 9, tzinfo=UTC)
AGAIN, HARD, GOOD, EASY = Rating
LEARNING, REVIEW, RELEARNING = CardState.LEARNING, CardState.REVIEW, CardState.RELEARNING
DAY = timedelta(days=1)

# Rating, given when it was due; state, step, stability, difficulty, interval after it. Computed
# with fsrs 6.3.2 and its default parameters; a change here reschedules everybody's cards.
GOLDEN = [
    (GOOD, LEARNING, 1, 2.3065, 2.1181, timedelta(minutes=10)),
    (GOOD, REVIEW, None, 2.3065, 2.1112, 2 * DAY),
    (GOOD, REVIEW, None, 10.971, 2.1043, 11 * DAY),
    (EASY, REVIEW, None, 77.1702, 1.0, 77 * DAY),
    (AGAIN, RELEARNING, 0, 3.7521, 7.027, timedelta(minutes=10)),
    (GOOD, REVIEW, None, 3.7521, 7.0152, 4 * DAY),
    (HARD, REVIEW, None, 7.8192, 8.0038, 8 * DAY),
]
FIRST = [
    (AGAIN, LEARNING, 0.212, timedelta(minutes=1)),
    (HARD, LEARNING, 1.2931, timedelta(minutes=5, seconds=30)),
    (GOOD, LEARNING, 2.3065, timedelta(minutes=10)),
    (EASY, REVIEW, 8.2956, 8 * DAY),
]

reviews = st.lists(
    st.builds(
        Reviewed,
        rating=st.sampled_from(Rating),
        at=st.integers(0, 10 * 365 * 24 * 60).map(lambda n: START + timedelta(minutes=n)),
    ),
    max_size=30,
).map(lambda found: sorted(found, key=lambda each: each.at))


def test_a_sequence_of_ratings_leads_to_the_known_memories() -> None:
    memory, at = NEW, START
    for rating, state, step, stability, difficulty, interval in GOLDEN:
        memory = after(memory, Reviewed(rating=rating, at=at), 0.9)
        assert (memory.state, memory.step) == (state, step)
        assert memory.stability == pytest.approx(stability, abs=1e-4)
        assert memory.difficulty == pytest.approx(difficulty, abs=1e-4)
        assert memory.last_review == at
        assert memory.due == at + interval
        at += interval


@pytest.mark.parametrize(("rating", "state", "stability", "interval"), FIRST)
def test_the_first_rating_of_a_card(
    rating: Rating, state: CardState, stability: float, interval: timedelta
) -> None:
    memory = after(NEW, Reviewed(rating=rating, at=START), 0.9)

    assert (memory.state, memory.due) == (state, START + interval)
    assert memory.stability == pytest.approx(stability)


def test_whoever_wants_to_know_less_reviews_less_and_learns_the_same() -> None:
    relaxed = after(NEW, Reviewed(rating=EASY, at=START), 0.8)
    strict = after(NEW, Reviewed(rating=EASY, at=START), 0.95)

    assert relaxed.due == START + 28 * DAY
    assert strict.due == START + 3 * DAY
    assert relaxed.stability == strict.stability


def test_a_card_never_waits_longer_than_ten_years() -> None:
    memory, at = NEW, START
    for _ in range(12):
        memory = after(memory, Reviewed(rating=EASY, at=at), 0.7)
        assert memory.due
        assert memory.due - at <= 3650 * DAY
        at = memory.due


def test_replaying_tells_what_reviews_passed_through() -> None:
    given_at = [START + n * 20 * DAY for n in range(4)]
    log = [
        Reviewed(rating=rating, at=at)
        for rating, at in zip((EASY, AGAIN, GOOD, AGAIN), given_at, strict=True)
    ]

    replayed = replay(log, 0.9)

    assert replayed.states_before == (CardState.NEW, REVIEW, RELEARNING, REVIEW)
    assert replayed.lapses == 2
    assert replayed.first_review == START
    assert replay([], 0.9).memory == Memory()
    assert replay([], 0.9).first_review is None


def test_another_zone_is_the_same_moment() -> None:
    zone = timezone(timedelta(hours=9))
    here = after(NEW, Reviewed(rating=GOOD, at=START), 0.9)

    assert after(NEW, Reviewed(rating=GOOD, at=START.astimezone(zone)), 0.9) == here


@given(reviews, st.floats(0.7, 0.99), st.timedeltas(timedelta(0), 900 * DAY))
def test_what_is_shown_before_choosing_is_what_comes(
    log: list[Reviewed], retention: float, passed: timedelta
) -> None:
    memory = replay(log, retention).memory
    now = (log[-1].at if log else START) + passed

    shown = previews(memory, now, retention)

    assert [each.rating for each in shown] == list(Rating)
    for each in shown:
        chosen = after(memory, Reviewed(rating=each.rating, at=now), retention)
        assert chosen.due == each.due
        assert each.seconds >= 60
    assert [each.due for each in shown] == sorted(each.due for each in shown)


@given(reviews, st.floats(0.7, 0.99))
def test_any_log_gives_a_memory_that_makes_sense(log: list[Reviewed], retention: float) -> None:
    replayed = replay(log, retention)
    memory = replayed.memory

    assert len(replayed.states_before) == len(log)
    if not log:
        assert memory == NEW
        return
    assert memory.state is not CardState.NEW
    assert memory.stability is not None
    assert memory.stability > 0
    assert memory.difficulty is not None
    assert 1 <= memory.difficulty <= 10
    assert memory.due is not None
    assert memory.due > log[-1].at
    assert Memory.model_validate_json(memory.model_dump_json()) == memory


@given(reviews)
def test_one_more_review_is_the_same_as_replaying_all(log: list[Reviewed]) -> None:
    memory = NEW
    for review in log:
        memory = after(memory, review, 0.9)

    assert memory == replay(log, 0.9).memory
