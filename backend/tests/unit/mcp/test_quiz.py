"""Questions by reference: stable, without their keys, and told apart from those made anew."""

import pytest

from coursewright.course.errors import BadRequest, NotFound
from coursewright.course.study import Mcq
from coursewright.mcp import quiz


def question(number: int, **changes: object) -> Mcq:
    fields = {
        "chapter": 1,
        "stem": f"What is number {number}?",
        "options": ("red", "Green", "b", "d  e"),
        "key": 2,
    }
    return Mcq.model_validate({**fields, **changes})


QUESTIONS = [question(number) for number in range(3)]


def test_a_question_is_shown_without_its_key() -> None:
    shown = quiz.shown(QUESTIONS, 1)
    others = [question(number, key=0, explanation="since") for number in range(3)]
    assert quiz.shown(others, 1) == shown
    assert [option.letter for option in shown.options] == ["A", "B", "C", "D"]


def test_a_reference_finds_its_question_wherever_it_stands_now() -> None:
    name = quiz.reference(QUESTIONS, 2)
    assert quiz.find(QUESTIONS, f" {name}\n") == 2
    assert quiz.find(QUESTIONS[1:], name) == 1
    with pytest.raises(NotFound, match="any more"):
        quiz.find(QUESTIONS[:2], name)
    with pytest.raises(NotFound):
        quiz.find([*QUESTIONS[:2], question(2, stem="Made anew?")], name)


@pytest.mark.parametrize("name", ["", "1", "-1-0123456789", "1-XYZ", "1-01234567890", "1" * 10**5])
def test_what_is_no_reference_is_told(name: str) -> None:
    with pytest.raises(BadRequest, match="reference"):
        quiz.find(QUESTIONS, name)


@pytest.mark.parametrize(
    ("answer", "index"),
    [
        ("A", 0),
        ("c", 2),
        (" d) ", 3),
        ("B.", 1),
        ("green", 1),
        ("D E", 3),
        ("b", 1),  # a letter wins over an option's text
    ],
)
def test_an_answer_is_a_letter_or_the_text_of_an_option(answer: str, index: int) -> None:
    assert quiz.chosen(QUESTIONS[0], answer) == index


@pytest.mark.parametrize("answer", ["", "E", "z", "1", "A B", "rot", "\u00aa", "A" * 10**6])
def test_an_answer_out_of_range_says_which_there_are(answer: str) -> None:
    with pytest.raises(BadRequest) as told:
        quiz.chosen(QUESTIONS[0], answer)
    assert "A to D" in told.value.hint
    assert len(told.value.message) < 200
