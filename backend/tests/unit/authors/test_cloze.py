from collections import Counter

import pytest

from coursewright.authors.extraction import cloze
from coursewright.authors.extraction.sentences import Sentence
from coursewright.course.sources import PassageKind
from coursewright.course.study import GAP
from unit.authors.samples import MONEY, analysis

HERE = analysis(MONEY)
FOUND = cloze.find(HERE, HERE)


def test_a_gap_is_one_term_of_a_sentence_of_the_text() -> None:
    texts = {sentence.text for sentence in HERE.sentences}
    assert len(FOUND) >= 5
    for gap in FOUND:
        assert gap.text.count(GAP) == 1
        assert gap.text.replace(GAP, gap.written) == gap.sentence.text
        assert gap.sentence.text in texts
        assert gap.written.lower() not in gap.text.lower()


def test_each_sentence_has_one_gap_and_each_term_two() -> None:
    assert len({gap.sentence.text for gap in FOUND}) == len(FOUND)
    assert max(Counter(gap.term for gap in FOUND).values()) <= 2


def test_terms_that_are_defined_come_first() -> None:
    terms = {definition.term for definition in HERE.definitions}
    known = [gap.term in terms for gap in FOUND]
    assert known == sorted(known, reverse=True)
    assert known[0]


def test_a_sentence_that_defines_gets_no_gap() -> None:
    defining = {definition.sentence for definition in HERE.definitions}
    assert not defining & {gap.sentence for gap in FOUND}


def test_there_is_no_gap_beside_capitals() -> None:
    text = """
    A null is a mark for a value that nobody knows yet.
    A clerk writes IS NULL into the long list of conditions for a table.
    A clerk writes NULL VALUES into the long list of conditions for a table.
    A clerk leaves a null behind in the long list of conditions for a table.
    """
    here = analysis(text)
    assert [gap.text for gap in cloze.find(here, here)] == [
        f"A clerk leaves a {GAP} behind in the long list of conditions for a table."
    ]


def test_a_term_that_comes_twice_in_a_sentence_is_not_hidden_once() -> None:
    text = """
    A lender is somebody that hands money to others for a time.
    One lender asks another lender for the name of an honest merchant in town.
    """
    here = analysis(text)
    assert not cloze.find(here, here)


@pytest.mark.parametrize(
    ("text", "usable"),
    [
        ("Banks lend money.", False),
        ("Banks lend the money of their savers to merchants.", True),
        ("Banks lend the `money` of their savers to the merchants.", False),
        ("Banks " + "and more banks " * 12 + "lend.", False),
    ],
)
def test_short_long_and_technical_sentences_give_no_question(text: str, *, usable: bool) -> None:
    assert cloze.usable(Sentence(text, 0, 0, (), PassageKind.PARAGRAPH)) is usable
