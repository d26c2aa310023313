"""The blind solve: a question stands only if its key is found without it."""

from coursewright.course.review.solving import BLIND_SOLVE, judge_solution
from coursewright.course.study import Mcq


def question(stem: str) -> Mcq:
    return Mcq(chapter=1, stem=stem, options=("red", "green", "blue", "black"), key=1)


def test_only_questions_whose_one_answer_is_the_key_stand() -> None:
    asked = tuple(question(f"Which colour is number {n}?") for n in range(5))
    found = [{1}, {2}, {1, 3}, set[int](), {17}]
    proven, refused = judge_solution(asked, [frozenset(each) for each in found])
    assert proven == asked[:1]
    assert [item.item for item in refused] == [item.stem for item in asked[1:]]
    assert {item.rule for item in refused} == {BLIND_SOLVE}
    another, several, none, stray = (item.reason for item in refused)
    assert "another option is right: “blue”" in another
    assert "several options are right: “green”, “black”" in several
    assert "no option" in none
    assert "no option" in stray
