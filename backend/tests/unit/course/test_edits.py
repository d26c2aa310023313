"""What a person changes, and what comes of it."""

from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from coursewright.course.chapter import Block, Chapter, Section
from coursewright.course.citation import Citation
from coursewright.course.edits import FlashcardEdit, McqEdit, OutlineEdit, TermEdit, citations_of
from coursewright.course.outline import Outline, OutlineChapter
from coursewright.course.sources import Place
from coursewright.course.study import Overruled
from unit.course.samples import CHAPTER, card, mcq, term

CITATION = Citation(source_id=UUID(int=1), passage_id=UUID(int=2), place=Place())
CITED = Chapter(
    number=1,
    title="The cell",
    objectives=("Name the parts",),
    sections=(
        Section(
            blocks=(
                Block(markdown="Nothing of note."),
                Block(markdown="The **nucleus** keeps the DNA.", citations=(CITATION,)),
            )
        ),
    ),
)
OUTLINE = Outline(
    title="Cells",
    chapters=tuple(
        OutlineChapter(number=number, title=f"Old {number}", passages=(UUID(int=number),))
        for number in (1, 2, 3)
    ),
)


def outline(*chapters: dict[str, Any]) -> OutlineEdit:
    return OutlineEdit.model_validate({"title": "Cells", "chapters": chapters})


def test_chapters_keep_their_passages_wherever_they_are_put() -> None:
    edit = outline({"was": 3, "title": "C"}, {"title": "New"}, {"was": 1, "title": "A"})
    made = edit.applied(OUTLINE, {"New": (UUID(int=9),)})
    assert [(chapter.number, chapter.title) for chapter in made.chapters] == [
        (1, "C"),
        (2, "New"),
        (3, "A"),
    ]
    assert [chapter.passages[0].int for chapter in made.chapters] == [3, 9, 1]


@pytest.mark.parametrize(
    "chapters",
    [
        [],
        [{"title": str(number)} for number in range(61)],
        [{"was": 1, "title": "A"}, {"was": 1, "title": "B"}],
        [{"title": "Same"}, {"title": " same "}],
        [{"title": " "}],
        [{"title": "x" * 201}],
        [{"title": "A", "objectives": ["o"] * 21}],
        [{"title": "A", "was": 0}],
        [{"title": "A", "passages": []}],
    ],
)
def test_outlines_that_make_no_course_are_refused(chapters: list[dict[str, Any]]) -> None:
    with pytest.raises(ValidationError):
        outline(*chapters)


def test_an_item_that_says_the_same_is_the_same() -> None:
    before = card(overruled=(Overruled(rule="card-back", reason="too long"),))
    edit = FlashcardEdit(front=before.front, back=f" {before.back} ")
    assert edit.applied(before, CHAPTER) is before
    question = mcq()
    fields = {name: getattr(question, name) for name in ("stem", "options", "key", "explanation")}
    assert McqEdit.model_validate(fields).applied(question, CHAPTER) is question
    assert TermEdit(term=term().term, definition=term().definition).applied(term(), CHAPTER)


def test_a_change_is_by_hand_and_keeps_what_it_rests_on() -> None:
    before = card(citations=(CITATION,), overruled=(Overruled(rule="r", reason="why"),))
    after = FlashcardEdit(front=before.front, back="Otherwise.").applied(before, CHAPTER)
    assert after.edited
    assert after.overruled == ()
    assert (after.quotation, after.citations) == (before.quotation, (CITATION,))


def test_a_new_quotation_is_traced_to_its_block() -> None:
    quotation = "nucleus keeps the DNA"
    assert citations_of(CITED, quotation) == (CITATION,)
    edit = TermEdit(term="nucleus", definition="where DNA is kept", quotation=quotation)
    assert edit.applied(None, CITED).citations == (CITATION,)
    assert citations_of(CITED, "") == ()
    assert citations_of(CITED, "mitochondria are small") == ()


def test_an_objective_is_one_of_the_chapters_or_none() -> None:
    fields = {"stem": "S", "options": ("a", "b"), "key": 0}
    known = McqEdit.model_validate({**fields, "objective": "Name the parts"})
    other = McqEdit.model_validate({**fields, "objective": "Fly"})
    assert known.applied(None, CITED).objective == "Name the parts"
    assert other.applied(None, CITED).objective is None
