"""Each rule for questions refuses what it is for, and nothing beside it."""

import pytest

from coursewright.course.review import broken_rules, review_mcqs
from coursewright.course.study import Mcq
from unit.course.review.tables import LONG, MCQ_BAD, MCQ_GOOD
from unit.course.samples import CHAPTER, GOOD, mcq


def names(item: Mcq, language: str = "en") -> set[str]:
    return {found.rule for found in broken_rules(item, chapter=CHAPTER, language=language)}


def name_of(value: object) -> str:
    return value[:40] if isinstance(value, str) else str(getattr(value, "stem", value))[:40]


@pytest.mark.parametrize(("rule", "item"), MCQ_BAD, ids=name_of)
def test_only_this_rule_refuses_it(rule: str, item: Mcq) -> None:
    assert names(item) == {rule}


@pytest.mark.parametrize(("rule", "item"), MCQ_GOOD, ids=name_of)
def test_a_near_miss_passes(rule: str, item: Mcq) -> None:
    language = "ja" if item.stem.endswith("か。") else "en"
    assert names(item, language) == set(), rule


@pytest.mark.parametrize("item", GOOD, ids=name_of)
def test_a_good_question_passes(item: Mcq) -> None:
    assert broken_rules(item, chapter=CHAPTER, language="en") == ()


def test_twenty_good_questions_pass_together() -> None:
    reviewed = review_mcqs(GOOD, chapter=CHAPTER, language="en", seed=3)

    assert reviewed.rejected == ()
    assert len(reviewed.accepted) == len(GOOD) == 20


def test_a_rejection_says_what_and_why() -> None:
    reviewed = review_mcqs(
        [mcq(options=("Mitochondrion", "Nucleus", "Ribosome", "None of the above"))],
        chapter=CHAPTER,
        language="en",
        seed=1,
    )

    (rejection,) = reviewed.rejected
    assert rejection.rule == "all-or-none"
    assert rejection.item == mcq().stem
    assert "None of the above" in rejection.reason


def test_a_rejection_of_an_endless_question_is_short() -> None:
    (found,) = broken_rules(mcq(stem=f"Which part? {LONG}"), chapter=CHAPTER, language="en")

    assert len(found.item) == 160
    assert found.item.endswith("…")


@pytest.mark.parametrize(
    ("language", "options"),
    [
        ("de", ("Kern", "Wand", "Hülle", "Keine der Antworten")),
        ("de-AT", ("Kern", "Wand", "Hülle", "Alle oben genannten Antworten")),
        ("fr", ("Noyau", "Paroi", "Membrane", "Aucune de ces réponses")),
        ("es", ("Núcleo", "Pared", "Membrana", "Todas las anteriores")),
    ],
)
def test_rules_of_words_speak_the_language(language: str, options: tuple[str, ...]) -> None:
    item = mcq(stem="Hier: ____ x", options=options, explanation=options[0])

    assert names(item, language) == {"all-or-none"}
    assert names(item, "fi") == set()
