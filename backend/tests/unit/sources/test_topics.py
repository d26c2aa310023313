"""Topics as people type them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursewright.sources.topics import contains, content, tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Newton's Laws", ("newton", "law")),
        ("Newton’s laws", ("newton", "law")),
        ("'supervised' learning", ("supervised", "learning")),
        ("C++ and C#", ("c++", "and", "c#")),
        ("Physique générale", ("physique", "generale")),
        ("SQL, gas & glass", ("sql", "gas", "glass")),
        ("ﬁelds", ("field",)),
        ("", ()),
        ("!?", ()),
    ],
)
def test_words_are_brought_into_one_form(text: str, expected: tuple[str, ...]) -> None:
    assert tokens(text) == expected


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("database", "databases"),
        ("theory", "theories"),
        ("cookie", "cookies"),
        ("movie", "movies"),
        ("cache", "caches"),
        ("branch", "branches"),
        ("class", "classes"),
        ("box", "boxes"),
        ("hash", "hashes"),
        ("house", "houses"),
    ],
)
def test_a_plural_meets_its_singular(one: str, many: str) -> None:
    assert tokens(one) == tokens(many)


@pytest.mark.parametrize("word", ["analysis", "physics", "virus", "gas", "bus", "pie", "axe"])
def test_a_word_that_ends_like_a_plural_stays_the_same_word_in_any_case(word: str) -> None:
    assert tokens(word) == tokens(word.upper())
    assert len(tokens(word)) == 1


def test_fillers_do_not_say_what_a_topic_is_about() -> None:
    assert content("An introduction to the basics of databases for beginners") == ("database",)


def test_where_only_fillers_are_left_they_count() -> None:
    assert content("how to learn") == ("how", "to", "learn")


def test_a_phrase_stands_in_words_only_in_one_piece() -> None:
    words = ("machine", "learning", "system")
    assert contains(words, ("machine", "learning"))
    assert contains(words, words)
    assert not contains(words, ("machine", "system"))
    assert not contains(words, ())
    assert not contains((), ("machine",))


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=120), st.text(max_size=40))
def test_any_text_has_tokens_that_are_plain(text: str, other: str) -> None:
    found = tokens(text)
    assert all(word and word.isascii() and word == word.lower() for word in found)
    assert set(content(text)) <= set(found)
    assert contains((*found, *tokens(other)), found) is bool(found)
