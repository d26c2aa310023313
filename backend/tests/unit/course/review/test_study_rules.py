"""Each rule for cards and terms refuses what it is for, and nothing beside it."""

import pytest

from coursewright.course.review import review_flashcards, review_glossary
from coursewright.course.review.study_rules import CARD_RULES, TERM_RULES
from coursewright.course.study import Flashcard, GlossaryTerm
from unit.course.review.tables import CARD_BAD, CARD_GOOD, TERM_BAD, TERM_GOOD
from unit.course.samples import CHAPTER, CONTEXT, card, term


def rules_of_card(item: Flashcard) -> set[str]:
    return {rule.name for rule in CARD_RULES if rule.check(item, CONTEXT)}


def rules_of_term(item: GlossaryTerm) -> set[str]:
    return {rule.name for rule in TERM_RULES if rule.check(item, CONTEXT)}


@pytest.mark.parametrize(("rule", "item"), CARD_BAD, ids=lambda value: repr(value)[:40])
def test_only_this_rule_refuses_the_card(rule: str, item: Flashcard) -> None:
    assert rules_of_card(item) == {rule}
    assert [found.rule for found in review_flashcards([item], chapter=CHAPTER).rejected] == [rule]


@pytest.mark.parametrize(("rule", "item"), CARD_GOOD, ids=lambda value: repr(value)[:40])
def test_a_near_miss_of_a_card_passes(rule: str, item: Flashcard) -> None:
    assert rules_of_card(item) == set(), rule


@pytest.mark.parametrize(("rule", "item"), TERM_BAD, ids=lambda value: repr(value)[:40])
def test_only_this_rule_refuses_the_term(rule: str, item: GlossaryTerm) -> None:
    assert rules_of_term(item) == {rule}
    assert [found.rule for found in review_glossary([item], chapter=CHAPTER).rejected] == [rule]


@pytest.mark.parametrize(("rule", "item"), TERM_GOOD, ids=lambda value: repr(value)[:40])
def test_a_near_miss_of_a_term_passes(rule: str, item: GlossaryTerm) -> None:
    assert rules_of_term(item) == set(), rule


def test_a_card_is_not_learnt_twice() -> None:
    again = card(front="what do **Mitochondria** do", back="They burn sugar.")
    signs = [card(front=sign, back=f"{sign} is meant by it, nothing else") for sign in "+→∑"]
    reviewed = review_flashcards([card(), again, *signs], chapter=CHAPTER)

    assert reviewed.accepted[0] == card()
    assert [found.rule for found in reviewed.rejected if found.item == again.front] == [
        "duplicate-flashcard"
    ]
    assert [item.front for item in reviewed.accepted[1:]] == list("+→∑")


def test_what_the_course_has_is_refused_again() -> None:
    assert review_flashcards([card()], chapter=CHAPTER, existing=[card()]).accepted == ()
    assert review_glossary([term()], chapter=CHAPTER, existing=[term("Osmosis")]).accepted == ()


def test_plural_and_case_make_no_other_term() -> None:
    reviewed = review_glossary(
        [term("cell", "a small unit"), term("Cells", "small units")], chapter=CHAPTER
    )

    assert [found.rule for found in reviewed.rejected] == ["duplicate-term"]


def test_signs_make_other_terms() -> None:
    languages = [
        term(name, f"the language number {n}") for n, name in enumerate(("C", "C++", "C#"))
    ]

    assert len(review_glossary(languages, chapter=CHAPTER).accepted) == 3


@pytest.mark.parametrize("wanted", [0, 1, 2, 5])
def test_what_is_good_beyond_the_number_wanted_is_spare(wanted: int) -> None:
    cards = [card(front=f"What is {name}?") for name in ("mitosis", "meiosis", "osmosis")]
    terms = [term(name) for name in ("mitosis", "meiosis", "diffusion")]
    for reviewed in (
        review_flashcards(cards, chapter=CHAPTER, wanted=wanted),
        review_glossary(terms, chapter=CHAPTER, wanted=wanted),
    ):
        assert len(reviewed.accepted) == min(wanted, 3)
        assert len(reviewed.spare) == 3 - min(wanted, 3)
        assert reviewed.rejected == ()
