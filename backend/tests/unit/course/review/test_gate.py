"""What holds for whatever is shown to the gate."""

import time
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursewright.course.review import (
    RULES,
    broken_rules,
    broken_rules_of_quiz,
    contains_quotation,
    review_flashcards,
    review_glossary,
    review_mcqs,
)
from coursewright.course.study import Mcq
from unit.course.review.tables import (
    CARD_BAD,
    CARD_GOOD,
    MCQ_BAD,
    MCQ_GOOD,
    QUIZ_BAD,
    QUIZ_GOOD,
    TERM_BAD,
    TERM_GOOD,
    quiz,
)
from unit.course.samples import CHAPTER, GOOD, QUOTATION, card, mcq, term

QUICK = settings(max_examples=40, deadline=None)
LANGUAGES = st.sampled_from(["en", "de", "fr", "es", "ja", "el", "ar", "zh-Hant", "xx"])
PARTS = st.sampled_from(
    [
        "",
        " ",
        "\n",
        "cell",
        "Cells",
        "DNA",
        "osmosis",
        "a",
        "an",
        "____",
        "?",
        "？",
        "not",
        "NOT",
        "always",
        "often",
        "All of the above",
        "5",
        "-5",
        "5.0",
        "1,000",
        "10 km",
        "$x^2$",
        "$x_2$",
        "`x`",
        "**cell**",
        "<script>",
        "[a](javascript:b)",
        "\u202e",
        "\u200b",
        "\x00",
        "细胞",
        "が",
        "خلية",
        "हिन्दी",
        "🍎",
        "👩‍🔬",
        "→",
        "***",
        "option B",
        "The answer is A.",
        QUOTATION,
        "(",
        "[",
        "\\",
        "(?",
        "“",
        "„",
    ]
)
TEXTS = st.one_of(
    st.lists(PARTS, max_size=5).map(" ".join),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
)
SHOWN = TEXTS.filter(bool)


@st.composite
def any_mcqs(draw: st.DrawFn) -> Mcq:
    options = tuple(draw(st.lists(SHOWN, min_size=2, max_size=5)))
    return mcq(
        stem=draw(SHOWN),
        options=options,
        key=draw(st.integers(0, len(options) - 1)),
        explanation=draw(TEXTS),
        quotation=draw(st.sampled_from([QUOTATION, "", "x"])),
    )


SOUND = [*GOOD, *quiz(20, longest=10, shortest=6), *(item for _, item in MCQ_GOOD)]
MIXED = st.lists(
    st.one_of(st.sampled_from(SOUND), st.sampled_from([item for _, item in MCQ_BAD]), any_mcqs()),
    max_size=16,
)
WANTED = st.one_of(st.none(), st.integers(0, 12))


def test_every_rule_is_in_a_table() -> None:
    bad = (MCQ_BAD, CARD_BAD, TERM_BAD, QUIZ_BAD)
    good = (MCQ_GOOD, CARD_GOOD, TERM_GOOD, QUIZ_GOOD)
    names = {rule.name for rule in RULES}

    # Tested beside the tables: doubles take two items, the blind solve a solver.
    doubles = {"duplicate-flashcard", "duplicate-term", "blind-solve"}
    assert {rule for table in bad for rule, _ in table} | doubles == names
    assert {rule for table in good for rule, _ in table} | doubles == names


def test_rules_have_names_of_their_own_and_say_why() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert all(rule.title and rule.why.endswith(".") for rule in RULES)


@QUICK
@given(MIXED, WANTED, st.integers(0, 99), st.lists(st.sampled_from(GOOD), max_size=2))
def test_no_published_quiz_breaks_a_rule(
    items: list[Mcq], wanted: int | None, seed: int, existing: list[Mcq]
) -> None:
    reviewed = review_mcqs(
        items, chapter=CHAPTER, language="en", seed=seed, wanted=wanted, existing=existing
    )

    assert broken_rules_of_quiz(reviewed.accepted) == ()
    for item in (*reviewed.accepted, *reviewed.spare):
        assert broken_rules(item, chapter=CHAPTER, language="en") == ()
    assert wanted is None or len(reviewed.accepted) <= wanted
    assert len(items) == sum(map(len, (reviewed.accepted, reviewed.rejected, reviewed.spare)))
    assert {found.rule for found in reviewed.rejected} <= {rule.name for rule in RULES}
    asked = Counter(item.stem for item in items)
    assert not Counter(item.stem for item in (*reviewed.accepted, *reviewed.spare)) - asked


@QUICK
@given(MIXED, WANTED, st.integers(0, 99))
def test_the_same_seed_gives_the_same_quiz(items: list[Mcq], wanted: int | None, seed: int) -> None:
    first, second = (
        review_mcqs(items, chapter=CHAPTER, language="en", seed=seed, wanted=wanted)
        for _ in range(2)
    )

    assert first == second


def test_another_seed_gives_another_order() -> None:
    first, second = (
        review_mcqs(quiz(8), chapter=CHAPTER, language="en", seed=seed).accepted for seed in (1, 2)
    )

    assert [item.stem for item in first] == [item.stem for item in second]
    assert first != second


@QUICK
@given(any_mcqs(), LANGUAGES)
def test_no_question_makes_the_gate_stumble(item: Mcq, language: str) -> None:
    found = broken_rules(item, chapter=CHAPTER, language=language)
    reviewed = review_mcqs([item], chapter=CHAPTER, language=language, seed=0)

    assert bool(found) == bool(reviewed.rejected)
    if found:
        assert reviewed.rejected == found[:1]


@QUICK
@given(st.lists(st.tuples(SHOWN, SHOWN, TEXTS), max_size=6), LANGUAGES, WANTED)
def test_no_card_and_no_term_makes_the_gate_stumble(
    texts: list[tuple[str, str, str]], language: str, wanted: int | None
) -> None:
    args: dict[str, Any] = {"chapter": CHAPTER, "language": language, "wanted": wanted}
    cards = review_flashcards([card(front=f, back=b, quotation=q) for f, b, q in texts], **args)
    terms = review_glossary([term(f, b, quotation=q) for f, b, q in texts], **args)

    for reviewed in (cards, terms):
        assert len(texts) == sum(map(len, (reviewed.accepted, reviewed.rejected, reviewed.spare)))


@pytest.mark.parametrize(
    "text",
    ["x" * 10_000, "<" * 10_000, "< on" * 2_500, "„" * 10_000, "1." * 5_000, "*" * 10_000,
     "```\n" * 2_500, "[" * 10_000, "$`" * 5_000, "细" * 10_000, "a " * 5_000, "____ " * 2_000,
     "🍎" * 10_000, "answer " * 1_400, "\\" * 10_000, "![" * 5_000, "not " * 2_500],
    ids=lambda text: text[:6],
)  # fmt: skip
def test_ten_thousand_characters_are_refused_at_once(text: str) -> None:
    long = mcq(
        stem=text, options=(text, f"{text}b", f"{text}c", "d"), explanation=text, quotation=text
    )
    started = time.thread_time()

    assert broken_rules(long, chapter=CHAPTER, language="en")
    assert review_flashcards([card(front=text, back=text)], chapter=CHAPTER).rejected
    assert review_glossary([term(text, text)], chapter=CHAPTER).rejected
    assert time.thread_time() - started < 5, "a rule that goes back and forth takes minutes"


def test_nothing_gives_nothing() -> None:
    reviewed = review_mcqs([], chapter=CHAPTER, language="en", seed=0, wanted=8)

    assert (reviewed.accepted, reviewed.rejected, reviewed.spare) == ((), (), ())


@pytest.mark.parametrize(
    ("quotation", "there"),
    [
        (QUOTATION, True),
        ("“Every living thing is made of cells”", True),
        ("OSMOSIS  is\nthe movement", True),
        ("the surface $4 \\pi r^2$", True),
        ("细胞膜决定", True),
        ("", False),
        ("**", False),
        ("living thing is cells", False),
        ("made-of cells: a cell", True),
        ("ryl", False),
    ],
)
def test_a_quotation_is_looked_for_as_a_reader_would(quotation: str, *, there: bool) -> None:
    assert contains_quotation(CHAPTER, quotation) is there
