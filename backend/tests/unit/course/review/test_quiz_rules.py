"""The rules for a quiz as a whole."""

import pytest

from coursewright.course.review import broken_rules_of_quiz, review_mcqs
from coursewright.course.review.quiz_rules import placed
from coursewright.course.study import Mcq
from unit.course.review.tables import QUIZ_BAD, QUIZ_GOOD, quiz
from unit.course.samples import CHAPTER, mcq, question


def names(items: list[Mcq]) -> set[str]:
    return {found.rule for found in broken_rules_of_quiz(items)}


@pytest.mark.parametrize(("rule", "items"), QUIZ_BAD)
def test_only_this_rule_refuses_the_quiz(rule: str, items: list[Mcq]) -> None:
    assert names(items) == {rule}


@pytest.mark.parametrize(("rule", "items"), QUIZ_GOOD)
def test_a_near_miss_of_a_quiz_passes(rule: str, items: list[Mcq]) -> None:
    assert names(items) == set(), rule


@pytest.mark.parametrize("wanted", [None, 6, 8, 12])
@pytest.mark.parametrize(("longest", "shortest"), [(12, 0), (0, 12), (7, 5), (9, 1)])
def test_a_telling_quiz_is_thinned_until_it_tells_nothing(
    longest: int, shortest: int, wanted: int | None
) -> None:
    items = quiz(12, longest=longest, shortest=shortest)
    reviewed = review_mcqs(items, chapter=CHAPTER, language="en", seed=5, wanted=wanted)

    assert broken_rules_of_quiz(reviewed.accepted) == ()
    assert {found.rule for found in reviewed.rejected} <= {"quiz-key-length"}
    assert len(reviewed.accepted) + len(reviewed.rejected) + len(reviewed.spare) == 12


def test_a_telling_question_makes_room_for_a_spare_one() -> None:
    items = [*quiz(12, longest=8)]
    reviewed = review_mcqs(items, chapter=CHAPTER, language="en", seed=5, wanted=8)

    assert len(reviewed.accepted) == 8


def test_what_the_course_asks_already_is_not_asked_again() -> None:
    reviewed = review_mcqs([mcq()], chapter=CHAPTER, language="en", seed=1, existing=[mcq()])

    assert [found.rule for found in reviewed.rejected] == ["duplicate-stem"]


def test_the_key_stands_everywhere_about_equally_often() -> None:
    items = [
        item.model_copy(update={"options": (item.answer, *item.distractors), "key": 0})
        for item in quiz(26)
    ]
    for seed in range(8):
        keys = [item.key for item in placed(items, [], seed)]
        counts = [keys.count(position) for position in range(4)]
        assert max(counts) - min(counts) <= 1
        assert keys != sorted(keys)


def test_the_positions_of_several_chapters_even_out() -> None:
    published: list[Mcq] = []
    items = quiz(30)
    for chapter in range(10):
        published += placed(items[3 * chapter : 3 * chapter + 3], published, seed=chapter)

    counts = [[item.key for item in published].count(position) for position in range(4)]
    assert max(counts) - min(counts) <= 2


def test_shuffling_keeps_options_and_key() -> None:
    items = quiz(8)
    for before, after in zip(items, placed(items, [], 4), strict=True):
        assert sorted(after.options) == sorted(before.options)
        assert after.answer == before.answer


def test_wrong_options_do_not_keep_their_order() -> None:
    items = quiz(20)
    moved = placed(items, [], 4)

    assert sum(b.distractors != a.distractors for b, a in zip(items, moved, strict=True)) > 8


def test_numbers_keep_their_order() -> None:
    years = question("In which year?", "1590|1665|1676|1839", "x", key=1)

    assert placed([years], [], 3) == [years]


def test_objectives_are_all_asked_about_before_one_comes_again() -> None:
    items = [
        item.model_copy(update={"objective": "abc"[number // 4]})
        for number, item in enumerate(quiz(12))
    ]
    reviewed = review_mcqs(items, chapter=CHAPTER, language="en", seed=5, wanted=3)

    assert [item.objective for item in reviewed.accepted] == ["a", "b", "c"]
