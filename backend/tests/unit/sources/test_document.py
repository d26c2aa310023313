"""Blocks to a document with passages that know where they stand."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursewright.course.errors import SourceError
from coursewright.course.sources import PassageKind, SourceKind
from coursewright.sources.blocks import Block, Parsed
from coursewright.sources.document import LONGEST, Document, build
from coursewright.sources.limits import Limits

H, P = PassageKind.HEADING, PassageKind.PARAGRAPH


def _parsed(*blocks: Block, **fields: str) -> Parsed:
    return Parsed(blocks=blocks, media_type="text/plain").model_copy(update=fields)


def _build(parsed: Parsed, *, name: str = "a.txt", limits: Limits | None = None) -> Document:
    return build(
        parsed,
        sha256="0" * 64,
        name=name,
        kind=SourceKind.FILE,
        origin=name,
        limits=limits or Limits(),
    )


def _words(text: str) -> Block:
    return Block(kind=P, text=text)


def test_a_passage_knows_the_headings_above_it() -> None:
    made = _build(
        _parsed(
            Block(kind=H, text="One", level=1),
            Block(kind=H, text="Deep", level=3),
            _words("a"),
            Block(kind=H, text="Side", level=2),
            Block(kind=P, text="b", page=4),
            Block(kind=H, text="Two", level=1),
            _words("c"),
        )
    )
    places = {each.text: each.place for each in made.passages}
    assert places["a"].headings == ("One", "Deep")
    assert places["b"].headings == ("One", "Side")
    assert places["c"].headings == ("Two",)
    assert places["Two"].headings == ()
    assert str(places["b"]) == "page 4, One > Side, paragraph 5"
    assert [each.ordinal for each in made.passages] == list(range(7))
    assert [each.place.paragraph for each in made.passages] == list(range(1, 8))
    assert [each.level for each in made.passages] == [1, 3, None, 2, None, 1, None]


def test_ids_follow_from_the_document() -> None:
    one, again = _build(_parsed(_words("a"))), _build(_parsed(_words("a")))
    assert one == again
    assert _build(_parsed(_words("a")), name="b.txt").source.id != one.source.id
    assert len({each.id for each in _build(_parsed(*[_words("a")] * 9)).passages}) == 9


def test_a_title_is_found_somewhere() -> None:
    heading = Block(kind=H, text="Heading", level=2)
    assert _build(_parsed(heading, _words("a"), title="Told")).source.title == "Told"
    assert _build(_parsed(heading, _words("a"))).source.title == "Heading"
    assert _build(_parsed(_words("a"))).source.title == "a.txt"
    assert _build(_parsed(_words("a"), title="\u202e \x00")).source.title == "a.txt"


def test_what_a_document_says_of_itself_is_cleaned_and_bounded() -> None:
    made = _build(
        _parsed(
            _words("a"),
            title="A\n\x07title" + "x" * 900,
            attribution="Me\u202e\ud800 " * 200,
            licence=" ",
            language="pt_BR",
        )
    ).source
    assert made.title.startswith("A titlexx")
    assert len(made.title) == 300
    assert made.attribution is not None
    assert made.attribution.startswith("Me Me")
    assert len(made.attribution) <= 300
    assert made.licence is None
    assert made.language == "pt-BR"


@pytest.mark.parametrize(
    "language", ["klingon warrior", "x'; drop", "e", "en-" + "a-" * 50, "\x00"]
)
def test_a_language_that_is_none_is_left_out(language: str) -> None:
    assert _build(_parsed(_words("a"), language=language)).source.language is None


@pytest.mark.parametrize("blocks", [(), (Block(kind=H, text="Only a heading", level=1),)])
def test_a_document_without_text_is_refused(blocks: tuple[Block, ...]) -> None:
    with pytest.raises(SourceError, match=r"there is no text in a\.txt") as refused:
        _build(_parsed(*blocks))
    assert "running text" in refused.value.hint


def test_a_refusal_names_what_the_reader_noticed() -> None:
    parsed = Parsed(blocks=(), media_type="text/plain", warnings=("all of it is hidden",))
    with pytest.raises(SourceError) as refused:
        _build(parsed)
    assert "all of it is hidden" in refused.value.hint


def test_too_much_text_is_refused_and_never_cut() -> None:
    many = _parsed(*[_words("word")] * 11)
    with pytest.raises(SourceError, match="44 characters in 11 blocks"):
        _build(many, limits=Limits(max_blocks=10))
    with pytest.raises(SourceError, match="at most 43 in"):
        _build(many, limits=Limits(max_characters=43))


def test_a_very_long_paragraph_is_cut_between_sentences() -> None:
    sentence = "Light is a wave that needs no medium at all. "
    made = _build(_parsed(_words((sentence * 500).strip())))
    assert len(made.passages) > 5
    assert all(each.text.endswith("at all.") for each in made.passages)
    assert all(len(each.text) <= LONGEST for each in made.passages)


def test_code_is_cut_between_lines() -> None:
    code = "\n".join(f"    x = {number}" for number in range(1_000))
    made = _build(_parsed(Block(kind=PassageKind.CODE, text=code)))
    assert "\n".join(each.text for each in made.passages) == code


@settings(deadline=None, max_examples=30)
@given(
    st.lists(st.sampled_from(["a", "wörd", "end.", "ok?", "x" * 3_999, "y" * 4_000]), max_size=30)
)
def test_no_word_of_a_long_paragraph_is_lost_or_cut(words: list[str]) -> None:
    words = [*words, *["word"] * 2_000]
    made = _build(_parsed(_words(" ".join(words))))
    assert " ".join(each.text for each in made.passages).split() == words
    assert all(each.text.strip() and len(each.text) <= LONGEST for each in made.passages)


def test_a_megabyte_without_a_space_is_cut_where_it_must_be() -> None:
    made = _build(_parsed(_words("x" * 1_000_000)))
    assert "".join(each.text for each in made.passages) == "x" * 1_000_000
    assert all(len(each.text) <= LONGEST for each in made.passages)
