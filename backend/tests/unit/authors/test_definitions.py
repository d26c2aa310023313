# ruff: noqa: E501 - tables of sentences
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursewright.authors.extraction import study
from coursewright.authors.extraction.definitions import looks_plural
from coursewright.authors.extraction.wording import WORDINGS
from coursewright.course.sources import PassageKind
from unit.authors.samples import MONEY, analysis, defined


@pytest.mark.parametrize(
    ("text", "term", "meaning"),
    [
        ("Osmosis is the movement of water through a membrane.", "osmosis", "The movement of water through a membrane."),
        ("A primary key is a column whose value names one row.", "primary key", "A column whose value names one row."),
        ("A down payment is the part of the price that is paid at once.", "down payment", "The part of the price that is paid at once."),
        ("The Third Estate was the part of the nation that paid the taxes.", "Third Estate", "The part of the nation that paid the taxes."),
        ("Interest (also called yield) is the price of borrowed money.", "interest", "The price of borrowed money."),
        ("The term osmosis refers to the movement of water.", "osmosis", "The movement of water."),
        ("Bonds are loans that people give to a state.", "bonds", "Loans that people give to a state."),
        ("A deadlock occurs when two threads wait for each other.", "deadlock", "Occurs when two threads wait for each other."),
        ("SQL is a language for asking questions of tables.", "SQL", "A language for asking questions of tables."),
        ("A feature is a property of the data that a model looks at.", "feature", "A property of the data that a model looks at."),
    ],
)  # fmt: skip
def test_a_definition_is_found(text: str, term: str, meaning: str) -> None:
    assert {key: item.text for key, item in defined(text).items()} == {term: meaning}


@pytest.mark.parametrize(
    "text",
    [
        "Savers are paid too.",
        "Savers are paid each year by banks.",
        "The result is a mess of wires on the floor.",
        "The main reason is the lack of money in the state.",
        "It is a small animal of the woods.",
        "This is a small animal of the woods.",
        "Paris is the best place to live in the world.",
        "Everything is a file in an old system.",
        "Taxes are due in April of every year.",
        "Prices are higher in the city than elsewhere.",
        "Banks are important because they lend money.",
        "Ants are famous for their strength and numbers.",
        "Cells are very small.",
        "Inflation means that the money buys less than before.",
        "Which of them is a plant that grows in water?",
        "A plant is a plant that grows in water.",
        "People are a mix of many things and habits.",
        "In most of all such cases a bond is a loan to a state.",
        "Trust is a key.",
        "The bank is one of the following:",
    ],
)
def test_what_only_looks_like_a_definition_is_none(text: str) -> None:
    assert not defined(text)


def test_an_item_with_a_label_is_a_definition_but_a_hint_or_a_step_is_none() -> None:
    item = PassageKind.LIST_ITEM
    assert list(defined("Osmosis: the movement of water through a membrane", kind=item)) == [
        "osmosis"
    ]
    assert list(defined("nucleus – keeps the DNA of the cell safe", kind=item)) == ["nucleus"]
    assert not defined("Note: the movement of water through a membrane", kind=item)
    assert not defined("Step 1: open the lid of the box with care", kind=item)
    assert not defined("Osmosis: the movement of water through a membrane")


@pytest.mark.parametrize(
    ("tag", "text", "term", "meaning"),
    [
        ("de", "Ein Primärschlüssel ist eine Spalte, deren Wert eine Zeile benennt.", "Primärschlüssel", "Eine Spalte, deren Wert eine Zeile benennt."),
        ("de", "Osmose bezeichnet die Bewegung von Wasser.", "Osmose", "Die Bewegung von Wasser."),
        ("de", "Ribosomen sind Maschinen, die Proteine bauen.", "Ribosomen", "Maschinen, die Proteine bauen."),
        ("fr", "L'osmose est le mouvement de l'eau à travers une membrane.", "osmose", "Le mouvement de l'eau à travers une membrane."),
        ("fr", "Le terme osmose désigne le passage de l’eau.", "osmose", "Le passage de l’eau."),
        ("es", "Una célula es la unidad básica de la vida.", "célula", "La unidad básica de la vida."),
        ("es", "La ósmosis designa el paso del agua.", "ósmosis", "El paso del agua."),
    ],
)  # fmt: skip
def test_definitions_are_found_in_other_languages(
    tag: str, text: str, term: str, meaning: str
) -> None:
    assert {key: item.text for key, item in defined(text, tag).items()} == {term: meaning}


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        ("de", "Preise sind höher als im letzten Jahr."),
        ("de", "Es ist ein kleines Tier des Waldes."),
        ("fr", "Elle est une partie de la cellule."),
        ("es", "Esta es una parte de la célula."),
    ],
)
def test_other_languages_have_false_definitions_too(tag: str, text: str) -> None:
    assert not defined(text, tag)


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("A bond is a loan to a state.", "What is a bond?"),
        ("Interest is the price of borrowed money.", "What is interest?"),
        ("Bonds are loans that people give to a state.", "What are bonds?"),
        ("An annuity is a stream of equal payments.", "What is an annuity?"),
        ("Jacques Necker was a Swiss banker who ran the finances of France.", "Who was Jacques Necker?"),
        ("The Jacobins were a club of radicals who met in a convent.", "Who were the Jacobins?"),
        ("The Third Estate was the part of the nation that paid the taxes.", "What was the Third Estate?"),
        ("The Directory was a body of five men who ruled France.", "What was the Directory?"),
    ],
)  # fmt: skip
def test_one_asks_of_a_definition_in_its_number_and_tense(text: str, question: str) -> None:
    (definition,) = defined(text).values()
    assert study.question(definition, WORDINGS["en"]) == question


def test_the_kind_of_thing_is_the_noun_behind_the_article() -> None:
    genera = {
        term: item.genus for term, item in defined("A bond is a safe loan to a state.").items()
    }
    assert genera == {"bond": "loan"}
    assert defined("A tax is a payment that a state demands.")["tax"].genus == "payment"


def test_a_name_keeps_its_capital_and_a_word_at_the_start_loses_it() -> None:
    text = "Barter is the exchange of goods. With Keynes came another view. Keynes was a man who wrote on money. People barter."
    assert list(defined(text)) == ["barter", "Keynes"]


def test_the_first_definition_of_a_term_counts() -> None:
    text = "A bond is a loan to a state. Bonds are pieces of paper that promise a payment."
    assert [item.text for item in defined(text).values()] == ["A loan to a state."]


def test_a_document_gives_its_terms_without_the_term_in_what_it_means() -> None:
    found = analysis(MONEY).definitions
    terms = {item.term for item in found}
    assert {"share", "barter", "inflation", "down payment", "annuity", "stock exchange"} <= terms
    assert "savers" not in terms
    for item in found:
        assert f" {item.term.lower()} " not in f" {item.text.lower()} "
        assert item.text[0].isupper()
        assert item.text.endswith(".")


@pytest.mark.parametrize(
    ("term", "plural"),
    [("cells", True), ("axis", False), ("physics", False), ("primary keys", True), ("loss", False)],
)
def test_plural_is_guessed_by_the_ending(term: str, *, plural: bool) -> None:
    assert looks_plural(term) is plural


@settings(deadline=None, max_examples=25)
@given(st.text(max_size=40), st.text(max_size=60))
def test_any_words_around_a_verb_give_a_usable_definition_or_none(left: str, right: str) -> None:
    for item in defined(f"{left} is a {right}.").values():
        assert item.term.strip()
        assert item.text.strip()
