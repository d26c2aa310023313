from hypothesis import given
from hypothesis import strategies as st

from coursewright.course.outline import Outline, OutlineChapter
from coursewright.course.pieces import PieceKind, PieceState
from coursewright.generation.plan import OUTLINE, is_settled, lacking, plan_course
from coursewright.generation.workflow import MAKERS


def outline_of(chapters: int) -> Outline:
    return Outline(
        title="A course",
        chapters=tuple(
            OutlineChapter(number=number, title=f"Chapter {number}")
            for number in range(1, chapters + 1)
        ),
    )


def test_a_course_has_every_piece_of_the_contract_once() -> None:
    keys = [plan.key for plan in plan_course(outline_of(2))]

    assert sorted(keys) == sorted(
        [
            *(
                f"{kind}/{n}"
                for kind in ("chapter", "flashcards", "mcqs", "glossary")
                for n in (1, 2)
            ),
            "word_games",
            "article/deep_dive",
            "article/key_takeaways",
            "article/faq",
            "audio_script/short_podcast",
            "audio_script/full_lecture",
            "suggestions",
        ]
    )


def test_every_kind_of_piece_has_a_maker() -> None:
    assert set(MAKERS) == set(PieceKind)


@given(st.integers(1, 60))
def test_every_need_is_a_piece_and_nothing_waits_for_itself(chapters: int) -> None:
    plans = {plan.key: plan for plan in (OUTLINE, *plan_course(outline_of(chapters)))}
    settled: set[str] = set()
    while len(settled) < len(plans):
        ready = {key for key, plan in plans.items() if set(plan.needs) <= settled} - settled
        assert ready, "the plan has a circle or a need that is no piece"
        settled |= ready


def states(done: PieceState = PieceState.DONE, **failed: PieceState) -> dict[str, PieceState]:
    plans = (OUTLINE, *plan_course(outline_of(2)))
    found = {plan.key: done for plan in plans}
    return found | {key.replace("__", "/"): state for key, state in failed.items()}


PLANS = {plan.key: plan for plan in plan_course(outline_of(2))}


def test_what_hangs_on_a_failed_chapter_names_it() -> None:
    reason = lacking(PLANS["mcqs/1"], states(chapter__1=PieceState.FAILED))

    assert reason is not None
    assert "chapter/1" in reason


def test_what_speaks_of_the_whole_course_makes_do_with_the_chapters_that_are_there() -> None:
    one_failed = states(chapter__1=PieceState.FAILED, glossary__1=PieceState.FAILED)

    assert lacking(PLANS["article/faq"], one_failed) is None
    assert lacking(PLANS["word_games"], one_failed) is None


def test_without_a_single_chapter_nothing_can_be_said_of_the_course() -> None:
    all_failed = states(
        chapter__1=PieceState.FAILED,
        chapter__2=PieceState.FAILED,
        glossary__1=PieceState.FAILED,
        glossary__2=PieceState.FAILED,
    )

    assert lacking(PLANS["article/faq"], all_failed) is not None
    assert lacking(PLANS["audio_script/short_podcast"], all_failed) is not None
    assert lacking(PLANS["word_games"], all_failed) is not None


def test_a_piece_waits_while_anything_that_it_needs_can_still_change() -> None:
    for state in PieceState:
        now = states(chapter__2=state)
        assert is_settled(PLANS["article/faq"], now) is not state.is_open
