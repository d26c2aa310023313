import pytest

from coursewright.course.course import CourseStatus
from coursewright.course.pieces import PieceState
from coursewright.generation.progress import status_of

DONE, FAILED, CANCELLED = PieceState.DONE, PieceState.FAILED, PieceState.CANCELLED


@pytest.mark.parametrize("state", [PieceState.WAITING, PieceState.READY, PieceState.RUNNING])
def test_a_course_is_being_made_while_anything_is_open(state: PieceState) -> None:
    assert status_of({"outline": DONE, "chapter/1": state}) is CourseStatus.GENERATING


def test_a_course_is_complete_only_when_every_piece_is_done() -> None:
    assert status_of({"outline": DONE, "chapter/1": DONE}) is CourseStatus.COMPLETED
    assert status_of({"outline": DONE, "chapter/1": DONE, "word_games": FAILED}) is (
        CourseStatus.INCOMPLETE
    )


def test_a_course_without_a_chapter_has_failed() -> None:
    assert status_of({"outline": FAILED}) is CourseStatus.FAILED
    assert status_of({"outline": DONE, "chapter/1": FAILED}) is CourseStatus.FAILED


def test_a_cancelled_course_says_so_whatever_else_happened() -> None:
    states = {"outline": DONE, "chapter/1": DONE, "mcqs/1": FAILED, "word_games": CANCELLED}
    assert status_of(states) is CourseStatus.CANCELLED


def test_a_course_waits_for_a_person_while_pieces_are_held_and_nothing_is_open() -> None:
    held = PieceState.HELD
    assert status_of({"outline": DONE, "chapter/1": held}) is CourseStatus.OUTLINED
    assert status_of({"outline": CANCELLED, "chapter/1": held}) is CourseStatus.OUTLINED
    running = {"outline": PieceState.RUNNING, "chapter/1": held}
    assert status_of(running) is CourseStatus.GENERATING
