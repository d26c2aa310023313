import pytest

from coursewright.authors.extraction.definitions import Definition
from coursewright.authors.extraction.distractors import Bank, bank_of, same_start
from coursewright.authors.extraction.text import stems
from unit.authors.samples import MONEY, analysis

HERE = analysis(MONEY)
BANK = bank_of(HERE)


@pytest.mark.parametrize("found", HERE.definitions, ids=lambda item: item.term)
def test_wrong_terms_are_three_others_that_the_question_does_not_name(found: Definition) -> None:
    wrong = BANK.terms(found.term, found.sentence.text)
    if wrong is None:  # how many have some is another test
        return
    assert len({*wrong, found.term}) == 4
    said = f" {' '.join(stems(found.sentence.text))} "
    for term in wrong:
        assert f" {' '.join(stems(term))} " not in said
        assert not set(stems(term)) <= set(stems(found.term))


@pytest.mark.parametrize("found", HERE.definitions, ids=lambda item: item.term)
def test_wrong_meanings_are_of_about_the_same_length(found: Definition) -> None:
    wrong = BANK.definitions(found)
    if wrong is None:
        return
    assert len({*wrong, found.text}) == 4
    words = len(found.text.split())
    for text in wrong:
        assert 0.5 * words <= len(text.split()) <= 1.7 * words
        assert not set(stems(found.term)) & set(stems(text))


def test_many_definitions_have_wrong_answers() -> None:
    found = [BANK.definitions(item) for item in HERE.definitions]
    assert sum(item is not None for item in found) >= 0.4 * len(found)


def test_most_terms_of_a_document_have_wrong_answers() -> None:
    found = [BANK.terms(item.term, item.sentence.text) for item in HERE.definitions]
    assert sum(item is not None for item in found) >= 0.8 * len(found)


def test_persons_stand_beside_persons_and_plurals_beside_plurals() -> None:
    text = """
    Ada Lovelace was a writer who described the first program for a machine.
    Grace Hopper was an officer who built the first compiler of the navy.
    Alan Turing was a mathematician who asked what a machine can decide.
    Konrad Zuse was an engineer who built a computer in the room of his parents.
    A compiler is a program that turns source text into orders for a processor.
    A loop is a piece of text that runs again and again until it has an end.
    Registers are small places that hold numbers inside of a processor.
    Pointers are numbers that say where something else can be found.
    Threads are strands of work that share the same memory.
    Buses are bundles of wires that carry signals between parts.
    """
    bank = Bank(analysis(text))
    persons = bank.terms("Ada Lovelace", "Ada Lovelace was a writer.")
    plurals = bank.terms("registers", "Registers are small.")
    assert persons is not None
    assert set(persons) == {"Grace Hopper", "Alan Turing", "Konrad Zuse"}
    assert plurals is not None
    assert set(plurals) == {"pointers", "threads", "buses"}


def test_there_are_no_wrong_answers_where_there_are_not_enough() -> None:
    here = analysis("A bond is a loan that a state divides into pieces. A tax is a payment to it.")
    bank = Bank(here)
    assert bank.terms("bond", here.definitions[0].sentence.text) is None
    assert bank.definitions(here.definitions[0]) is None


@pytest.mark.parametrize(
    ("key", "others", "same"),
    [
        ("atom", ("ion", "element"), True),
        ("atom", ("ion", "molecule"), False),
        ("bond", ("share", "fund"), True),
        ("bond", ("annuity",), False),
    ],
)
def test_an_article_does_not_give_the_key_away(
    key: str, others: tuple[str, ...], *, same: bool
) -> None:
    assert same_start(key, others) is same
