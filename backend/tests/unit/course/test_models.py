"""The values of the domain."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from coursewright.course.article import Article, ArticleType, AudioScript, AudioType, Suggestion
from coursewright.course.brief import MAX_CHAPTERS, MAX_TOPIC, Brief, Length, Level
from coursewright.course.chapter import Block, Chapter, Section
from coursewright.course.citation import Citation
from coursewright.course.course import Course, CourseStatus, MissingPiece
from coursewright.course.errors import CoursewrightError, SourceError, UserError
from coursewright.course.games import make_games
from coursewright.course.outline import Outline, OutlineChapter
from coursewright.course.pieces import PieceKind, PiecePlan, PieceState, piece_key
from coursewright.course.review import ItemKind, Rejection
from coursewright.course.sources import Passage, PassageKind, Place, Source, SourceKind
from unit.course.games.glossaries import WORDS, glossary
from unit.course.samples import CHAPTER, GOOD, card, mcq

QUICK = settings(max_examples=40, deadline=None)
ID = UUID(int=7)
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


@pytest.mark.parametrize(
    "topic",
    ["SQL", "Москва", "光合作用", "الخلية", "हिन्दी", "C++", "1984", "🍎 apples", "x" * MAX_TOPIC],
)
def test_a_topic_may_be_of_any_script(topic: str) -> None:
    assert Brief(topic=topic).topic == topic


@pytest.mark.parametrize(
    ("topic", "reason"),
    [
        ("", "is empty"),
        (" \n\t\u3000", "is empty"),
        ("x" * 5_000, "has 5,000 characters"),
        ("x" * (MAX_TOPIC + 1), "has 301 characters"),
        ("?!… → ∑", "no letter or digit"),
        ("🍎🍌", "no letter or digit"),
        ("\x00", "no letter or digit"),
        ("SQL\x00", "control characters"),
        ("SQL \x1b[31m", "control characters"),
        ("a\x7fb", "control characters"),
    ],
)
def test_an_unusable_topic_is_refused_with_the_reason(topic: str, reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        Brief(topic=topic)


@QUICK
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=400))
def test_a_topic_is_one_line_or_refused(topic: str) -> None:
    try:
        taken = Brief(topic=topic).topic
    except ValidationError as error:
        assert "topic" in str(error)
    else:
        assert taken == " ".join(topic.split())
        assert 0 < len(taken) <= MAX_TOPIC


@pytest.mark.parametrize("tag", ["en", "de", "pt-BR", "zh-Hant", "zh-Hant-TW", "gsw", "es-419"])
def test_a_language_tag_is_taken(tag: str) -> None:
    assert Brief(topic="SQL", language=tag).language == tag


@pytest.mark.parametrize(
    "tag",
    ["", "e", "English", "EN", "en_US", "en-", "-en", "en-x", "en us", "en;q=1", "英", "en\x00"],
)
def test_what_is_no_language_tag_is_refused(tag: str) -> None:
    with pytest.raises(ValidationError, match="is not a language tag"):
        Brief(topic="SQL", language=tag)


@pytest.mark.parametrize(
    "changes",
    [
        {"chapters": 0}, {"chapters": MAX_CHAPTERS + 1}, {"chapters": -1}, {"chapters": "many"},
        {"level": "expert"}, {"length": "endless"}, {"audience": "x" * 301},
        {"flashcards_per_chapter": 0}, {"questions_per_chapter": 51}, {"colour": "red"},
        {"topic": None}, {"topic": 7}, {"topic": ["SQL"]},
    ],
)  # fmt: skip
def test_an_order_beyond_its_bounds_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Brief.model_validate({"topic": "SQL"} | changes)


def test_lengths_grow() -> None:
    bounds = [length.words for length in (Length.SHORT, Length.STANDARD, Length.LONG)]

    assert bounds == sorted(bounds)
    assert all(least < most for least, most in bounds)
    assert AudioType.SHORT_PODCAST.minutes < AudioType.FULL_LECTURE.minutes


def test_values_do_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        setattr(Brief(topic="SQL"), "topic", "x")  # noqa: B010 - what pyright refuses too


def test_a_key_that_is_no_option_is_refused() -> None:
    with pytest.raises(ValidationError, match="the key is option 4, but there are 4 options"):
        mcq(key=4)
    with pytest.raises(ValidationError):
        mcq(key=-1)
    with pytest.raises(ValidationError):
        mcq(options=("one",))


@QUICK
@given(st.lists(ANY_TEXT, min_size=2, max_size=6, unique=True), st.data())
def test_answer_and_wrong_options_are_all_options(options: list[str], data: st.DataObject) -> None:
    item = mcq(options=options, key=data.draw(st.integers(0, len(options) - 1)))

    assert item.answer not in item.distractors
    assert sorted((item.answer, *item.distractors)) == sorted(options)


def test_a_term_explains_itself_in_its_gap() -> None:
    (item,) = glossary("osmosis")
    gap = item.model_copy(update={"definition": "Water moves by ____."})

    assert gap.explanation == "Water moves by osmosis."


def test_chapters_are_numbered_without_a_gap() -> None:
    chapters = [OutlineChapter(number=number, title="x") for number in (1, 2, 3)]
    outline = Outline(title="x", chapters=tuple(chapters))

    assert outline.chapter(2) is outline.chapters[1]
    for number in (0, -1, 4):
        with pytest.raises(IndexError):
            outline.chapter(number)
    for wrong in ([], chapters[1:], chapters[::-1], [chapters[0], chapters[2]]):
        with pytest.raises(ValidationError):
            Outline(title="x", chapters=tuple(wrong))


def test_a_chapter_reads_in_order() -> None:
    sections = (
        Section(blocks=(Block(markdown="Opening."),)),
        Section(heading="Two", blocks=(Block(markdown="a b"), Block(markdown="c"))),
    )
    chapter = Chapter(number=1, title="x", sections=sections)

    assert chapter.markdown == "Opening.\n\n## Two\n\na b\n\nc\n"
    assert [block.markdown for block in chapter.blocks] == ["Opening.", "a b", "c"]
    assert chapter.words == 6


def test_a_place_is_said_in_words() -> None:
    place = Place(page=3, headings=("One", "Two"), paragraph=9)

    assert str(place) == "page 3, One > Two, paragraph 9"
    assert str(Place()) == "paragraph 1"


def test_a_citation_points_to_its_passage() -> None:
    passage = Passage(
        id=ID,
        source_id=UUID(int=8),
        ordinal=0,
        kind=PassageKind.QUOTE,
        text="x",
        place=Place(page=2),
    )

    assert Citation.of(passage) == Citation(
        source_id=UUID(int=8), passage_id=ID, place=Place(page=2)
    )
    assert [kind for kind in PassageKind if kind.is_prose] == ["paragraph", "list_item", "quote"]


def test_pieces_have_keys() -> None:
    assert piece_key(PieceKind.CHAPTER, 3) == "chapter/3"
    assert piece_key(PieceKind.WORD_GAMES) == "word_games"
    plan = PiecePlan.of(PieceKind.ARTICLE, ArticleType.FAQ, needs=("chapter/1",))
    assert (plan.key, plan.number, plan.variant) == ("article/faq", None, "faq")
    assert [state for state in PieceState if state.is_open] == ["waiting", "ready", "running"]


def test_errors_say_what_happened_and_what_to_do() -> None:
    error = SourceError("it is torn", source="a.pdf", hint="Mend it.")

    assert isinstance(error, UserError)
    assert (error.message, error.hint, error.source) == ("it is torn", "Mend it.", "a.pdf")
    assert CoursewrightError("x").hint == ""


def whole_course(text: str, number: int) -> Course:
    """A course with one of everything, holding `text` where text may stand."""
    place = Place(page=number + 1, headings=(text,))
    citation = Citation(source_id=ID, passage_id=ID, place=place)
    sections = (Section(heading=text, blocks=(Block(markdown=text, citations=(citation,)),)),)
    terms = tuple(glossary(*WORDS[: number % 8 + 4]))
    return Course(
        id=ID,
        title=text,
        brief=Brief(
            topic="SQL", level=Level.ADVANCED, audience="".join(filter(str.isprintable, text))
        ),
        status=CourseStatus.INCOMPLETE,
        author=text,
        created_at=datetime(2026, 11, 23, number % 24, tzinfo=UTC),
        outline=Outline(title=text, chapters=(OutlineChapter(number=1, title=text),)),
        chapters=(CHAPTER, Chapter(number=2, title=text, sections=sections)),
        glossary=terms,
        flashcards=(card(front=text, back=text, citations=(citation,)),),
        mcqs=GOOD,
        articles=(Article(article_type=ArticleType.FAQ, title=text, sections=sections),),
        word_games=make_games(terms, seed=number).games,
        audio_scripts=(
            AudioScript(
                audio_type=AudioType.FULL_LECTURE, title=text, paragraphs=sections[0].blocks
            ),
        ),
        suggestions=(Suggestion(topic=text),),
        sources=(Source(id=ID, kind=SourceKind.FILE, title=text, origin=text),),
        rejected=(Rejection(kind=ItemKind.TERM, item=text, rule="x", reason=text),),
        missing=(MissingPiece(key="chapter/3", reason=text),),
    )


@settings(max_examples=10, deadline=None)
@given(ANY_TEXT, st.integers(0, 50))
def test_a_course_comes_back_from_json_as_it_was(text: str, number: int) -> None:
    course = whole_course(text, number)

    assert Course.model_validate_json(course.model_dump_json()) == course


def test_a_course_of_another_form_is_refused() -> None:
    data = whole_course("x", 1).model_dump(mode="json")
    for wrong in (
        {"surprise": 1},
        {"status": "great"},
        {"mcqs": [{}]},
        {"word_games": [{"kind": "chess"}]},
    ):
        with pytest.raises(ValidationError):
            Course.model_validate(data | wrong)
