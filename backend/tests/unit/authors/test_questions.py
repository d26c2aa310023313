import re
from collections import Counter

import pytest

from coursewright.authors.extraction import chapters, outline, questions, study
from coursewright.authors.extraction.analysis import Analyses
from coursewright.course.brief import Brief
from coursewright.course.chapter import Block, Chapter, Section
from coursewright.course.study import GAP, Mcq
from unit.authors.samples import ENGLISH, MONEY, analysis, material

_YEAR = re.compile(r"\b1[0-9]{3}\b")


def asked(text: str, objectives: tuple[str, ...] = ()) -> tuple[Mcq, ...]:
    here = analysis(text)
    section = Section(blocks=(Block(markdown="Whatever."),))
    chapter = Chapter(number=3, title="Three", objectives=objectives, sections=(section,))
    return questions.write(Brief(topic="x", questions_per_chapter=50), chapter, here, here)


FOUND = asked(MONEY)


def test_every_question_has_one_right_answer_among_four_and_rests_on_a_sentence() -> None:
    texts = {sentence.text for sentence in analysis(MONEY).sentences}
    assert len(FOUND) >= 20
    for item in FOUND:
        assert len(set(item.options)) == 4
        assert item.quotation in texts
        assert item.citations
        assert item.chapter == 3
        full = item.stem.replace(GAP, item.answer).lower()
        if GAP in item.stem:
            assert full == item.quotation.lower()


def test_questions_are_of_different_kinds() -> None:
    kinds = Counter(
        "gap" if GAP in item.stem else item.stem.split(maxsplit=1)[0] for item in FOUND[:10]
    )
    assert len(kinds) >= 3
    assert max(kinds.values()) <= 6


def test_a_sentence_with_a_gap_is_asked_once() -> None:
    quotations = [item.quotation for item in FOUND if GAP in item.stem]
    assert len(quotations) == len(set(quotations))


def test_a_definition_is_asked_both_ways_but_no_question_comes_twice() -> None:
    assert len({item.stem for item in FOUND}) == len(FOUND)


def test_the_place_of_the_year_that_is_right_differs() -> None:
    years = [item for item in FOUND if _YEAR.fullmatch(item.answer)]
    assert {item.answer for item in years} >= {"1609", "1661", "1602"}
    assert len({item.key for item in years}) > 1
    for item in years:
        assert list(item.options) == sorted(item.options)


@pytest.mark.parametrize("year", range(1600, 1612))
def test_no_option_is_another_year_of_the_sentence(year: int) -> None:
    other = year + 5
    text = f"In {year} the merchants built a large house, which the war of {other} burnt down."
    for item in asked(text):
        assert item.answer == str(year)
        assert str(other) not in item.options


def test_a_year_that_the_sentence_names_twice_and_a_decade_are_not_asked_for() -> None:
    assert not asked("In 1789 the king called the estates, and in 1789 the people took a fortress.")
    assert not asked("In the 1780s the harvest was bad in most parts of the old kingdom of France.")
    assert not asked("Around 1780 of the large ships were lost in the long war between the kings.")


def test_the_article_before_a_gap_gives_nothing_away() -> None:
    for item in FOUND:
        if re.search(r"\b(a|an) ____", item.stem, re.IGNORECASE):
            assert len({option[0].lower() in "aeiou" for option in item.options}) == 1


def test_a_question_names_the_objective_that_it_tests() -> None:
    objective = "Explain what inflation is"
    found = asked(MONEY, (objective, "Explain what magic is"))
    hits = [item for item in found if item.objective]
    assert hits
    assert {item.objective for item in hits} == {objective}
    assert all("inflation" in f"{item.stem} {item.answer}".lower() for item in hits)
    assert not any(item.objective for item in FOUND)


def test_no_text_no_question() -> None:
    assert asked("") == ()
    assert asked("Buy now! Why not?") == ()


def test_there_are_no_more_candidates_than_can_be_used() -> None:
    here = analysis(MONEY)
    chapter = Chapter(number=1, title="x", sections=(Section(blocks=(Block(markdown="y"),)),))
    for wanted in (1, 3):
        found = questions.write(Brief(topic="x", questions_per_chapter=wanted), chapter, here, here)
        assert wanted <= len(found) <= 2 * wanted + 4
        cards = study.flashcards(
            Brief(topic="x", flashcards_per_chapter=wanted), chapter, here, here
        )
        assert wanted <= len(cards) <= 2 * wanted


def test_cards_and_glossary_rest_on_the_chapter() -> None:
    brief, analyses = Brief(topic="Money"), Analyses()
    sources = material(MONEY)
    course = analyses.of_material(sources, ENGLISH)
    plan = outline.write(brief, sources, course)
    for planned in plan.chapters:
        chapter = chapters.write(brief, plan, planned.number, sources, ENGLISH)
        here = analyses.of_chapters((chapter,), ENGLISH)
        texts = {sentence.text for sentence in here.sentences}
        terms = study.glossary(chapter, here, course)
        assert len({item.term for item in terms}) == len(terms)
        for item in (*terms, *study.flashcards(brief, chapter, here, course)):
            assert item.quotation in texts
            assert item.chapter == planned.number
            assert item.citations


def test_where_nothing_is_defined_a_glossary_has_sentences_with_gaps() -> None:
    text = """
    Every merchant of Amsterdam kept a ledger in a heavy box behind the counter.
    The clerk wrote each payment into the ledger before the ships left the harbour.
    Foreign merchants paid with coins that nobody in the harbour had seen before.
    The harbour froze in the cold winter, and the merchants lost many coins.
    """
    here = analysis(text)
    chapter = Chapter(number=1, title="x", sections=(Section(blocks=(Block(markdown="y"),)),))
    terms = study.glossary(chapter, here, here)
    assert terms
    for item in terms:
        assert item.definition.count(GAP) == 1
        assert item.explanation.lower() == item.quotation.lower()
