from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursewright.course.errors import BadRequest
from coursewright.database.quiz_attempts import QuizItem
from coursewright.study.scoring import Answer, score


def question(key: int = 1, item_id: UUID | None = None) -> QuizItem:
    return QuizItem(
        id=item_id or uuid4(),
        chapter=1,
        stem="Which?",
        options=("a", "b", "c", "d"),
        key=key,
        explanation="",
    )


def test_the_first_try_counts_and_a_retry_is_kept() -> None:
    right, wrong, opened, never = (question() for _ in range(4))
    answers = [
        Answer(item=right.id, chosen=1),
        Answer(item=wrong.id, chosen=0),
        Answer(item=wrong.id, chosen=1),
        Answer(item=opened.id, chosen=None),
    ]

    scored = score([right, wrong, opened, never], answers)

    assert (scored.score, scored.total) == (1, 4)
    assert scored.missed == (wrong.id,)
    assert [each.chosen for each in scored.tried] == [(1,), (0, 1), (), ()]
    assert [each.right_on_retry for each in scored.tried] == [False, True, False, False]


def test_a_right_answer_that_is_changed_stays_right() -> None:
    item = question()

    scored = score([item], [Answer(item=item.id, chosen=1), Answer(item=item.id, chosen=2)])

    assert scored.score == 1
    assert scored.missed == ()
    assert not scored.tried[0].right_on_retry


def test_skipping_first_and_answering_then_is_a_first_try() -> None:
    item = question()

    assert score([item], [Answer(item=item.id), Answer(item=item.id, chosen=1)]).score == 1


def test_answers_to_what_was_not_asked_are_refused() -> None:
    item = question()
    for answer in (Answer(item=uuid4(), chosen=1), Answer(item=item.id, chosen=4)):
        with pytest.raises(BadRequest) as refused:
            score([item], [answer])
        assert refused.value.hint


@given(st.lists(st.tuples(st.integers(0, 4), st.none() | st.integers(0, 3)), max_size=60))
def test_a_score_is_never_more_than_there_was(tries: list[tuple[int, int | None]]) -> None:
    items = [question(key=n % 4) for n in range(5)]

    scored = score(items, [Answer(item=items[n].id, chosen=chosen) for n, chosen in tries])

    open_ones = sum(not each.chosen for each in scored.tried)
    assert scored.score + len(scored.missed) + open_ones == scored.total == 5
