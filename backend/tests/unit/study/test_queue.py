from hypothesis import given
from hypothesis import strategies as st

from coursewright.study.queue import Allowance, Counts, allowance, arrange

small = st.lists(st.integers(), max_size=8)


def test_learning_comes_first_then_what_is_due_then_what_is_new() -> None:
    room = Allowance(review=2, new=1)

    found = arrange(["l1", "l2"], ["r1", "r2", "r3"], ["n1", "n2"], room=room, limit=10)

    assert found == ["l1", "l2", "r1", "r2", "n1"]


def test_a_day_that_is_full_lets_only_learning_through() -> None:
    room = allowance(reviews_per_day=10, new_per_day=5, reviewed=12, begun=5)

    assert room == Allowance(review=0, new=0)
    assert arrange([1], [2], [3], room=room, limit=9) == [1]
    assert room.of(Counts(learning=4, review=9, new=9)).total == 4


@given(small, small, small, st.integers(0, 9), st.integers(0, 9), st.integers(1, 9))
def test_no_limit_is_exceeded_and_no_place_is_wasted(
    learning: list[int], review: list[int], new: list[int], reviews: int, news: int, limit: int
) -> None:
    room = Allowance(review=reviews, new=news)
    found = arrange(learning, review, new, room=room, limit=limit)

    waiting = Counts(learning=len(learning), review=len(review), new=len(new))
    assert len(found) == min(limit, room.of(waiting).total)
