"""The gate for what a person has edited: every rule that is broken, and only for what is edited."""

from coursewright.course.review.edits import judge_flashcards, judge_glossary, judge_mcqs
from coursewright.course.review.rules import RULES
from coursewright.course.review.verdict import Rejection
from coursewright.course.study import Flashcard, GlossaryTerm, Mcq
from unit.course.samples import CHAPTER, GOOD, card, mcq, term


def cards(
    items: list[Flashcard], edited: list[int], elsewhere: list[Flashcard] | None = None
) -> dict[int, tuple[Rejection, ...]]:
    return judge_flashcards(
        items, edited, chapter=CHAPTER, language="en", elsewhere=elsewhere or []
    )


def terms(
    items: list[GlossaryTerm], edited: list[int], elsewhere: list[GlossaryTerm] | None = None
) -> dict[int, tuple[Rejection, ...]]:
    return judge_glossary(items, edited, chapter=CHAPTER, language="en", elsewhere=elsewhere or [])


def questions(
    items: list[Mcq], edited: list[int], elsewhere: list[Mcq] | None = None
) -> dict[int, tuple[Rejection, ...]]:
    return judge_mcqs(items, edited, chapter=CHAPTER, language="en", elsewhere=elsewhere or [])


def names(found: tuple[Rejection, ...]) -> set[str]:
    return {each.rule for each in found}


def test_what_is_good_passes() -> None:
    assert cards([card()], [0]) == {}
    assert terms([term()], [0]) == {}
    assert questions([mcq()], [0]) == {}


def test_every_broken_rule_is_named() -> None:
    bad = card(front="word " * 70, back="word " * 70, quotation="not there")
    found = cards([card(), bad], [1])
    assert set(found) == {1}
    assert {"card-front", "card-back", "card-quotation"} <= names(found[1])
    assert names(found[1]) <= {rule.name for rule in RULES}


def test_what_is_not_edited_is_not_judged() -> None:
    bad = card(quotation="not there")
    assert cards([bad, card(front="What is in a nucleus?", back="DNA")], []) == {}
    assert cards([bad], []) == {}
    assert cards([bad], [0])


def test_twins_are_found_in_the_chapter_and_elsewhere() -> None:
    twin = card(back="They set energy free.")
    assert names(cards([card(), twin], [1])[1]) == {"duplicate-flashcard"}
    assert names(cards([twin], [0], [card()])[0]) == {"duplicate-flashcard"}
    assert names(terms([term()], [0], [term()])[0]) == {"duplicate-term"}
    assert names(questions([mcq()], [0], [mcq()])[0]) == {"duplicate-stem"}


def test_a_key_that_stands_where_most_do_is_one_too_many() -> None:
    first = [item for item in GOOD if item.key == 0][:4]
    found = questions(first, [3])
    assert "key-position" in names(found[3])

    # Whoever puts it elsewhere is not to blame for the others.
    last = first[3]
    options = (last.options[1], last.options[2], last.options[3], last.options[0])
    moved = last.model_copy(update={"options": options, "key": 3})
    assert "key-position" not in names(questions([*first[:3], moved], [3]).get(3, ()))
