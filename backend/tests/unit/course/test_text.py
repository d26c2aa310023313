"""Comparing texts."""

import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursewright.course.review.sameness import gives_away, say_the_same, stands_in
from coursewright.course.text import (
    count_words,
    first_words,
    fold,
    normal,
    stem,
    stems,
    to_plain,
)

QUICK = settings(max_examples=60, deadline=None)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@QUICK
@given(TEXTS)
def test_normal_of_normal_is_normal(text: str) -> None:
    once = normal(text)

    assert normal(once) == once
    assert once == fold(once)
    assert all(char == " " or unicodedata.category(char)[0] in "LNM" for char in once)


@QUICK
@given(st.text("abc ÄéßΣñ.,-", max_size=20))
def test_case_and_white_space_do_not_count(text: str) -> None:
    assert normal(text.upper()) == normal(text.lower()) == normal(f"  {text}\n")


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Café, naïve!", "cafe naive"),
        ("Straße", "strasse"),
        ("x²", "x2"),
        ("℡", "tel"),
        ("ﬁn", "fin"),
        ("мой ёж", "мои еж"),
        ("がっこう", "がっこう"),
        ("हिन्दी", "हिन्दी"),
        ("كِتَاب", "كتاب"),
        ("細胞、膜", "細胞 膜"),
        ("5️⃣", "5"),
        ("🍎 → ∑", ""),
        ("", ""),
        ("\x00\u200b", ""),
    ],
)
def test_normal_keeps_what_makes_the_word(text: str, plain: str) -> None:
    assert normal(text) == plain


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Paris", " **paris**. ", True),
        ("well-known", "well known", True),
        ("`Paris`", "Paris", True),
        ("$x^{2}$", "$ x^2 $".replace("$ ", "$").replace(" $", "$"), True),
        ("1,000 m", "1000 m", True),
        ("naïve", "Naive", True),
        ("-5", "5", False),
        ("−5 °C", "5 °C", False),
        ("C", "C++", False),
        ("$x^2$", "$x_2$", False),
        ("$p$", "$P$", False),
        ("m²", "m₂", False),
        ("x > 3", "x < 3", False),
        ("snake_case", "snake case", False),
        ("は", "ば", False),
        ("कि", "का", False),
        ("→", "←", False),
        ("🍎", "🍌", False),
        ("", "x", False),
    ],
)
def test_signs_make_a_difference_and_typography_none(one: str, other: str, *, same: bool) -> None:
    assert say_the_same(one, other) is same
    assert say_the_same(other, one) is same


@QUICK
@given(TEXTS)
def test_a_text_says_the_same_as_itself(text: str) -> None:
    assert say_the_same(text, text)
    assert say_the_same(text, f" {text}  ")


@pytest.mark.parametrize(
    ("part", "whole", "there"),
    [
        ("cell wall", "The cell-wall is thick", True),
        ("wall", "wallpaper", False),
        ("光合", "植物的光合作用", True),
        ("膜", "细胞膜", False),
        ("", "anything", False),
        ("→", "a → b", False),
    ],
)
def test_words_stand_in_a_text(part: str, whole: str, *, there: bool) -> None:
    assert stands_in(part, whole) is there


def test_a_digit_gives_nothing_away() -> None:
    assert not gives_away("5", "5 and 6")
    assert gives_away("DNA", "is DNA long?")


@pytest.mark.parametrize(
    ("plural", "singular"),
    [
        ("molecules", "molecule"), ("gradients", "gradient"), ("classes", "class"),
        ("boxes", "box"), ("theories", "theory"), ("viruses", "virus"), ("branches", "branch"),
        ("databases", "database"), ("genes", "gene"), ("Cells", "cell"), ("heroes", "hero"),
        ("sizes", "size"),
    ],
)  # fmt: skip
def test_plural_and_singular_have_one_stem(plural: str, singular: str) -> None:
    assert stem(plural) == stem(singular)


@pytest.mark.parametrize("word", ["bus", "mass", "analysis", "gas", "is", "1990", "細胞", ""])
def test_what_is_no_plural_stays(word: str) -> None:
    assert stem(word) == word


@QUICK
@given(TEXTS)
def test_there_are_as_many_stems_as_words(text: str) -> None:
    assert len(stems(text)) == len(normal(text).split())


@QUICK
@given(TEXTS)
def test_plain_text_is_one_line(text: str) -> None:
    plain = to_plain(text)

    assert plain == fold(plain)


@QUICK
@given(st.lists(st.text("abcäé细", min_size=1, max_size=6), max_size=8))
def test_words_are_plain_already(words: list[str]) -> None:
    assert to_plain("\n".join(words)) == " ".join(words)


@pytest.mark.parametrize(
    ("markdown", "plain"),
    [
        ("## A **bold** _word_", "A bold word"),
        ("- one\n- two\n\n1. three", "one two three"),
        ("> a [link](https://example.org) and ![alt](a.png)", "a link and alt"),
        ("[![badge](a.png)](https://example.org)", "badge"),
        ("snake_case and `code`", "snake_case and code"),
        ("5 * 3 * 2", "5 * 3 * 2"),
        (r"\*not bold\*", "*not bold*"),
        ("```python\nx = 1\n```\nafter", "x = 1 after"),
        ("", ""),
    ],
)
def test_a_reader_sees_no_markup(markdown: str, plain: str) -> None:
    assert to_plain(markdown) == plain


def test_code_can_be_left_out() -> None:
    assert to_plain("before\n```\nx = 1\n```\nafter", code=False) == "before after"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("The dough rests, and rises.", 5),
        ("Der Teig ruht – eine Stunde", 6),
        ("العجين يرتاح ساعة", 3),
        ("밀가루와 물을 섞는다", 3),
        ("酵母把糖变成气体。", 8),
        ("酵母はDNAを持つ。", 7),
        ("HTTP 协议很简单", 6),
        ("ยีสต์เปลี่ยนน้ำตาลเป็นแก๊ส", 6),
    ],
)
def test_words_are_counted_where_no_spaces_are_set_too(text: str, words: int) -> None:
    assert count_words(text) == words


def test_the_first_words_are_the_beginning_of_the_text() -> None:
    assert first_words("one  two\nthree", 3) == "one  two\nthree"
    assert first_words("one  two\nthree four", 2) == "one two ..."
    assert first_words("酵母把糖，变成气体。", 4) == "酵母把糖， ..."
    assert first_words("酵母把糖", 0) == " ..."


@QUICK
@given(TEXTS, st.integers(0, 9))
def test_what_is_cut_is_not_longer_than_it_may_be(text: str, words: int) -> None:
    assert count_words(first_words(text, words).removesuffix("...")) <= words


@pytest.mark.parametrize(
    "part", ["``` x\n", "~~~ x\n", "```\n", "[](", "[", "![", "*a ", "_a", "` ", "- ", "> ", "$$\n"]
)
def test_texts_that_are_made_to_take_long_do_not(part: str) -> None:
    started = time.process_time()
    to_plain(part * (100_000 // len(part)))
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("markdown", "said", "without_code"),
    [
        ("a\n```py\nb\n\nc\n```\nd", "a b c d", "a d"),
        ("```\na\n~~~\nb\n```", "a ~~~ b", ""),
        ("```\nno end", "no end", "no end"),
        ("~~~\na\n~~~~  \nb", "a b", "b"),
        ("```\n```\na", "a", "a"),
    ],
)
def test_fences_end_where_they_end(markdown: str, said: str, without_code: str) -> None:
    assert to_plain(markdown) == said
    assert to_plain(markdown, code=False) == without_code
