"""Questions by reference."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from coursewright.client.study_values import Attempt, QuizItem
from coursewright.course.errors import BadRequest, NotFound
from coursewright.mcp import quiz

QUIZ = UUID("5f0c2a4e-7a1b-4c7e-9d56-0d9f6c1f2b11")
COURSE = UUID("5f0c2a4e-7a1b-4c7e-9d56-0d9f6c1f2b12")


def item(stem: str, *options: str, key: int = 0) -> QuizItem:
    return QuizItem(
        id=UUID(int=len(stem)), chapter=1, stem=stem, options=options or ("yes", "no"), key=key
    )


ITEMS = (item("Is it?"), item("Which one is it?", "a tide", "A Bore", "c", key=1))
ATTEMPT = Attempt(
    id=QUIZ,
    course_id=COURSE,
    score=0,
    total=2,
    started_at=datetime(2026, 11, 26, tzinfo=UTC),
    items=ITEMS,
    answers=(),
)


def test_a_question_is_shown_without_its_key() -> None:
    shown = quiz.shown(QUIZ, ITEMS[1], 2)
    assert set(shown.model_dump()) == {"question", "chapter", "stem", "options"}
    assert [option.letter for option in shown.options] == ["A", "B", "C"]


def test_a_reference_leads_back_to_its_question() -> None:
    quiz_id, number = quiz.parse(f"  {quiz.reference(QUIZ, 2)}\n")
    assert quiz_id == QUIZ
    assert quiz.find(ATTEMPT, COURSE, number) == ITEMS[1]


@pytest.mark.parametrize(
    "name",
    [
        "",
        "1",
        "x" * 100_000,
        f"{QUIZ}-1",
        f"{QUIZ.hex}-",
        f"{QUIZ.hex}-999999",
        f"{QUIZ.hex}-\u0661",
    ],
    ids=["none", "number", "long", "hyphens", "no number", "great number", "other digits"],
)
def test_what_is_no_reference_is_told(name: str) -> None:
    with pytest.raises(BadRequest) as told:
        quiz.parse(name)
    assert len(told.value.message) < 100


@pytest.mark.parametrize("number", [0, 3, 99_999])
def test_a_number_that_the_quiz_does_not_have_is_not_found(number: int) -> None:
    with pytest.raises(NotFound):
        quiz.find(ATTEMPT, COURSE, number)


def test_a_quiz_of_another_course_is_not_found() -> None:
    with pytest.raises(NotFound):
        quiz.find(ATTEMPT, QUIZ, 1)


@pytest.mark.parametrize(
    ("answer", "index"),
    [("A", 0), ("b", 1), (" c) ", 2), ("B.", 1), ("a  BORE", 1), ("A tide", 0)],
)
def test_an_answer_is_a_letter_or_the_text_of_an_option(answer: str, index: int) -> None:
    assert quiz.chosen(ITEMS[1], answer) == index


@pytest.mark.parametrize("answer", ["D", "", "all", "1", "\u00e0", "A, B"])
def test_an_answer_out_of_range_says_which_there_are(answer: str) -> None:
    with pytest.raises(BadRequest) as told:
        quiz.chosen(ITEMS[1], answer)
    assert "from A to C" in told.value.hint
