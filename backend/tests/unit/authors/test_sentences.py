# ruff: noqa: E501 - tables of sentences
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursewright.authors.extraction.languages import language_of
from coursewright.authors.extraction.sentences import Sentence, of_passages, split
from coursewright.course.sources import PassageKind
from unit.authors.samples import ENGLISH, passage


def sentence(text: str) -> Sentence:
    return Sentence(text, 0, 0, (), PassageKind.PARAGRAPH)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One falls. Two rise.", ["One falls.", "Two rise."]),
        ("He asked why? She said no! Then he left.", ["He asked why?", "She said no!", "Then he left."]),
        ("Some plants, e.g. Mosses, have no roots.", ["Some plants, e.g. Mosses, have no roots."]),
        ("Dr. Miller saw it.", ["Dr. Miller saw it."]),
        ("It weighs approx. Ten tons.", ["It weighs approx. Ten tons."]),
        ("It is 3.5 m long and costs 1.99.", ["It is 3.5 m long and costs 1.99."]),
        ("It was lent to a bank. Lenders ask for more.", ["It was lent to a bank.", "Lenders ask for more."]),
        ("It was sold in a shop. A buyer came.", ["It was sold in a shop.", "A buyer came."]),
        ("", []),
        ("no full stop", ["no full stop"]),
    ],
)  # fmt: skip
def test_a_paragraph_is_split_where_sentences_end(text: str, expected: list[str]) -> None:
    assert list(split(text)) == expected


@pytest.mark.parametrize(
    ("text", "alone", "enough"),
    [
        ("A bond is a loan that is divided.", True, True),
        ("It is a loan that is divided.", False, False),
        ("However, a bond is a loan.", False, False),
        ("a bond is a loan.", False, False),
        ("Bonds are what, as we have seen, lenders buy.", False, False),
        ("Banks lend, as Figure 3 shows, see section 4.", False, False),
        ("The banks of this country lend to the state.", True, False),
        ("The bank lends in addition to the state.", True, False),
        ("Which bank lends to the state?", False, False),
        ("24 brokers signed an agreement.", True, True),
        ("1 + 1 = 2.", False, False),
    ],
)
def test_a_sentence_that_points_elsewhere_is_known(text: str, *, alone: bool, enough: bool) -> None:
    assert sentence(text).stands_alone(ENGLISH) is alone
    assert sentence(text).says_enough(ENGLISH) is enough


@pytest.mark.parametrize(
    ("tag", "alone", "pointing"),
    [
        ("de", "Der Zellkern enthält das Erbgut.", "Dieser enthält das Erbgut."),
        ("fr", "La cellule contient un noyau.", "Elle contient un noyau."),
        ("es", "La célula contiene un núcleo.", "Esta contiene un núcleo."),
    ],
)
def test_pointing_words_are_known_in_each_language(tag: str, alone: str, pointing: str) -> None:
    assert sentence(alone).stands_alone(language_of(tag))
    assert not sentence(pointing).stands_alone(language_of(tag))


@pytest.mark.parametrize(
    "text",
    [
        "Call `map` on it.",
        "See https://example.org for it.",
        "The area is $a^2$ here.",
        "Use std::move there.",
        "Set x = 3 first.",
        "Write <b> there.",
        "Pass --force there.",
        "As Fig. 3 says.",
        "Write to me@example.org now.",
    ],
)
def test_code_formulas_and_addresses_cannot_be_spoken(text: str) -> None:
    assert not sentence(text).speakable
    assert sentence("A bond is a loan, isn’t it?").speakable


def test_only_prose_has_sentences_and_each_knows_its_place() -> None:
    passages = [
        passage("A title", PassageKind.HEADING, ordinal=0),
        passage("One. Two.", ordinal=1),
        passage("x = 1. y = 2.", PassageKind.CODE, ordinal=2),
        passage("Three.", PassageKind.LIST_ITEM, ordinal=3),
    ]
    found = of_passages(passages)
    assert [(item.text, item.unit, item.position) for item in found] == [
        ("One.", 1, 0),
        ("Two.", 1, 1),
        ("Three.", 3, 0),
    ]
    assert [item.citations[0].passage_id for item in found] == [
        passages[1].id,
        passages[1].id,
        passages[3].id,
    ]


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=200))
def test_splitting_loses_nothing(text: str) -> None:
    folded = " ".join(text.split())
    assert "".join("".join(split(folded)).split()) == "".join(folded.split())
