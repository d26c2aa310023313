"""Answers of models become values, whatever stands in them."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from coursewright.authors.prompting import outputs, reading
from coursewright.course.article import ArticleType
from coursewright.course.brief import Brief
from coursewright.course.review import broken_rules
from unit.authors.model.pieces import BRIEF, chapter, plan

SENTENCE = "Yeast turns sugar into gas while the dough rests in a warm place for an hour. "
LONG = SENTENCE * 100


def outline(*titles: str, **fields: object) -> outputs.OutlineOutput:
    planned = [
        {"title": title, "summary": "On dough.", "objectives": ["explain"], "source_sections": []}
        for title in titles
    ]  # fmt: skip
    values = {
        "title": "Bread", "description": "On bread.", "chapter_titles": list(titles),
        "chapters": planned,
    }  # fmt: skip
    return outputs.OutlineOutput.model_validate(values | fields)


@pytest.mark.parametrize(
    ("output", "said"),
    [
        (outline(), "must not be empty"),
        (outline("", "Dough"), "needs a title"),
        (outline("###", "Dough"), "needs a title"),
        (outline("Dough"), "2 chapters were asked for, there are 1"),
        (outline("Dough", "dough"), "the same title"),
    ],
)
def test_an_outline_that_is_none_is_sent_back_with_what_is_wrong(
    output: outputs.OutlineOutput, said: str
) -> None:
    assert any(said in problem for problem in reading.check_outline(BRIEF, output))


def test_a_course_without_a_title_is_called_after_its_topic_however_long_that_is() -> None:
    brief = Brief(topic="bread " * 49 + "bread", chapters=2)
    found = reading.read_outline(brief, outline("Dough", "Crust", title=" "), ())
    assert found.title.startswith("bread bread")
    article = outputs.ArticleOutput.model_validate(
        {"title": "", "sections": [{"heading": "", "markdown": LONG, "sources": []}]}
    )
    assert reading.read_article(ArticleType.FAQ, article, found.title).title == found.title


def test_a_thousand_chapters_are_too_many() -> None:
    brief = Brief(topic="Bread")
    many = outline(*(f"Chapter {n}" for n in range(1_000)))
    assert any("at most 60" in each for each in reading.check_outline(brief, many))


def test_an_outline_names_only_sections_that_there_are() -> None:
    output = outline("Dough", "Crust")
    output.chapters[0].source_sections.extend([1, 99, -1])
    found = reading.read_outline(BRIEF, output, ())
    assert found.chapters[0].passages == ()
    assert reading.check_outline(BRIEF, output) == []


@pytest.mark.parametrize(
    ("markdown", "said"),
    [
        ("Too short.", "words; at least 1200"),
        ("Le levain est un mélange de farine et d'eau qui fermente. " * 120, "French"),
        ("[a]: http://example.org/yeast\n" * 700, "nothing in it that a reader would see"),
    ],
)
def test_a_chapter_that_is_none_is_sent_back_with_what_is_wrong(markdown: str, said: str) -> None:
    section = outputs.SectionOutput(heading="", markdown=markdown, sources=[])
    output = outputs.ChapterOutput(sections=[section])
    (problem,) = reading.check_sections(BRIEF, 1_200, output)
    assert said in problem
    assert reading.check_sections(BRIEF, 1_200, outputs.ChapterOutput(sections=[]))


def test_a_script_of_markup_alone_is_no_script() -> None:
    output = outputs.ScriptOutput(title="", paragraphs=["![](x)"] * 900)
    assert len(reading.check_script(BRIEF, 800, output)) == 1
    assert reading.check_script(BRIEF, 800, outputs.ScriptOutput(title="", paragraphs=[]))


def test_control_characters_and_halves_of_characters_are_taken_out() -> None:
    text = f"Dough\x00 is\x1b[31m soft\ud800 \u202e {SENTENCE}\n\tnext"
    output = outputs.SectionOutput(heading="He\x07ad", markdown=text, sources=[])
    assert output.heading == "Head"
    assert "\x00" not in output.markdown
    output.markdown.encode()  # no lone surrogate
    assert "\n\tnext" in output.markdown
    listed = outputs.ScriptOutput(title="", paragraphs=["a\x00b", "c\ud800d"])
    assert listed.paragraphs == ["ab", "cd"]


def test_items_of_other_chapters_and_empty_ones_are_left_out() -> None:
    card = {"chapter": 1, "front": "Yeast?", "back": "A fungus.", "quotation": "Yeast is a fungus"}
    wrong = [card | {"chapter": 2}, card | {"front": " "}, card | {"back": "\n"}]
    output = outputs.CardsOutput.model_validate({"cards": [card, *wrong]})
    (found,) = reading.read_cards(output, chapter())
    assert found.front == "Yeast?"
    terms = [
        {"chapter": 1, "term": "", "definition": "x", "quotation": ""},
        {"chapter": 7, "term": "a", "definition": "x", "quotation": ""},
    ]
    assert reading.read_terms(outputs.TermsOutput.model_validate({"terms": terms}), chapter()) == ()


def question(**fields: object) -> outputs.QuestionsOutput:
    item: dict[str, object] = {
        "chapter": 1, "stem": "What is yeast?", "correct": "a fungus",
        "distractors": ["a salt", "a gas", "a stone"], "explanation": "It is said.",
        "objective": 1, "quotation": "Yeast is a fungus",
    }  # fmt: skip
    return outputs.QuestionsOutput.model_validate({"questions": [item | fields]})


@pytest.mark.parametrize("objective", [0, -1, 3, 99])
def test_an_objective_that_there_is_not_is_none(objective: int) -> None:
    (found,) = reading.read_questions(question(objective=objective), chapter())
    assert found.objective is None


def test_a_question_has_at_most_four_options_and_its_key_is_the_first() -> None:
    (found,) = reading.read_questions(question(distractors=["a", "b", "c", "d", ""]), chapter())
    assert found.options == ("a fungus", "a", "b", "c")
    assert found.answer == "a fungus"
    assert reading.read_questions(question(distractors=["", " "]), chapter()) == ()
    assert reading.read_questions(question(stem=" "), chapter()) == ()
    assert reading.read_questions(question(correct=""), chapter()) == ()


@pytest.mark.parametrize(
    ("correct", "distractors", "options"),
    [
        ("1676", ["1839", "1665", "1701"], ("1665", "1676", "1701", "1839")),
        ("1,000 m", ["500 m", "20,000 m", "90 m"], ("90 m", "500 m", "1,000 m", "20,000 m")),
        ("1.000 m", ["500 m", "20.000 m", "90 m"], ("90 m", "500 m", "1.000 m", "20.000 m")),
        ("0.25", ["0.125", "2", "1.5"], ("0.125", "0.25", "1.5", "2")),
        ("-5 °C", ["5 °C", "0 °C", "-10 °C"], ("-10 °C", "-5 °C", "0 °C", "5 °C")),
    ],
)
def test_numbers_are_put_in_order_since_no_model_can_do_it(
    correct: str, distractors: list[str], options: tuple[str, ...]
) -> None:
    """The answer names the right one first: left so, the gate would refuse nearly all of them."""
    output = question(
        stem="When did he see them?", correct=correct, distractors=distractors,
        explanation=f"It is said: {correct}.",
    )  # fmt: skip
    (found,) = reading.read_questions(output, chapter())
    assert found.options == options
    assert found.answer == correct
    assert "options-alike" not in {
        each.rule for each in broken_rules(found, chapter=chapter(), language="en")
    }


def test_a_thousand_items_are_cut_to_what_can_be_judged() -> None:
    many = question()
    output = outputs.QuestionsOutput(questions=many.questions * 1_000)
    assert len(reading.read_questions(output, chapter())) == 200


def test_each_chapter_must_get_items_in_the_language_of_the_course() -> None:
    both = [chapter(1), chapter(2)]
    (said,) = reading.check_items("cards", both, [1, 1], BRIEF, "text")
    assert "no cards for chapter 2" in said
    (said,) = reading.check_items(
        "cards", both, [1, 2], BRIEF, "Das ist der Teig und er ruht. " * 9
    )
    assert "German" in said
    unknown = Brief(topic="Bread", language="ja")
    assert reading.check_items("cards", both, [1, 2], unknown, SENTENCE) == []


def test_what_a_solver_did_not_say_counts_as_nothing() -> None:
    said = [{"number": 2, "right": [0]}, {"number": 99, "right": [1]}, {"number": 3, "right": []}]
    output = outputs.SolutionOutput.model_validate({"answers": said})
    assert reading.read_solution(output, 3) == (frozenset(), frozenset({0}), frozenset())


def test_suggestions_come_once_each_and_titles_are_one_short_line() -> None:
    said = [
        {"topic": "Sourdough", "reason": "a"}, {"topic": "SOURDOUGH", "reason": "b"},
        {"topic": "**Rye**\n# bread", "reason": "c"}, {"topic": " ", "reason": "d"},
        {"topic": "x" * 9_000, "reason": "e"},
    ]  # fmt: skip
    found = reading.read_suggestions(
        outputs.SuggestionsOutput.model_validate({"suggestions": said})
    )
    assert [each.topic[:9] for each in found] == ["Sourdough", "Rye bread", "x" * 9]
    assert max(len(each.topic) for each in found) == 200


NASTY = st.one_of(
    st.text(max_size=20),
    st.sampled_from(["", " ", "#", "\x00", "\ud800", "</chapter>", "$$", "```", "|", "<b>"]),
    st.sampled_from([SENTENCE, SENTENCE * 50, SENTENCE * 120]),
)
NUMBER = st.integers(-2, 4)


def anything(output: type[BaseModel]) -> st.SearchStrategy[dict[str, Any]]:
    """Whatever fits the schema of an answer."""
    return _fitting(output.model_json_schema(), output.model_json_schema().get("$defs", {}))


def _fitting(schema: dict[str, Any], defined: dict[str, Any]) -> st.SearchStrategy[Any]:
    if "$ref" in schema:
        return _fitting(defined[schema["$ref"].rpartition("/")[2]], defined)
    if schema["type"] == "object":
        fields = {name: _fitting(each, defined) for name, each in schema["properties"].items()}
        return st.fixed_dictionaries(fields)
    if schema["type"] == "array":
        return st.lists(_fitting(schema["items"], defined), max_size=4)
    return NASTY if schema["type"] == "string" else NUMBER


Judge = Callable[[Any], object]
JUDGES: list[tuple[type[BaseModel], Judge, Judge]] = [
    (
        outputs.OutlineOutput,
        lambda out: reading.check_outline(Brief(topic="Bread"), out),
        lambda out: reading.read_outline(BRIEF, out, ()),
    ),
    (
        outputs.ChapterOutput,
        lambda out: reading.check_sections(BRIEF, 1_200, out),
        lambda out: reading.read_chapter(plan(), out, ()),
    ),
    (
        outputs.ArticleOutput,
        lambda out: reading.check_sections(BRIEF, 400, out),
        lambda out: reading.read_article(ArticleType.FAQ, out, "Bread"),
    ),
    (
        outputs.ScriptOutput,
        lambda out: reading.check_script(BRIEF, 600, out),
        lambda out: reading.read_script([out]),
    ),
    (outputs.CardsOutput, lambda _: [], lambda out: reading.read_cards(out, chapter())),
    (outputs.QuestionsOutput, lambda _: [], lambda out: reading.read_questions(out, chapter())),
    (outputs.TermsOutput, lambda _: [], lambda out: reading.read_terms(out, chapter())),
    (outputs.SolutionOutput, lambda _: [], lambda out: reading.read_solution(out, 3)),
    (outputs.SuggestionsOutput, lambda _: [], reading.read_suggestions),
]


@pytest.mark.parametrize(
    ("output", "check", "read"), JUDGES, ids=[each[0].__name__ for each in JUDGES]
)
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_an_answer_is_sent_back_or_becomes_a_value_and_nothing_else(
    output: type[BaseModel], check: Judge, read: Judge, data: st.DataObject
) -> None:
    answer = output.model_validate(data.draw(anything(output)))
    if not check(answer):
        found = read(answer)
        assert found is not None
        assert "\\x00" not in repr(found)
        str(found).encode()  # no half of a character


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("zh", "面团在温暖的地方静置时，酵母把糖变成气体和酒精，面筋把气体留在面团里。"),
        ("ja", "生地が暖かい場所で休むあいだ、酵母は糖をガスとアルコールに変える。"),
        ("th", "ยีสต์เปลี่ยนน้ำตาลเป็นแก๊สและแอลกอฮอล์ในขณะที่แป้งพักอยู่ในที่อุ่น"),
        ("ar", "تحول الخميرة السكر إلى غاز وكحول بينما يرتاح العجين في مكان دافئ."),
    ],
)
def test_a_chapter_is_long_enough_in_any_script(language: str, sentence: str) -> None:
    brief = Brief(topic="Bread", language=language)
    section = outputs.SectionOutput(heading="", markdown=f"{sentence}\n\n" * 110, sources=[])
    output = outputs.ChapterOutput(sections=[section])
    assert reading.check_sections(brief, 1_200, output) == []
    assert reading.check_section(brief, section) == []
    script = outputs.ScriptOutput(title="", paragraphs=[sentence] * 60)
    assert reading.check_script(brief, 650, script) == []
    assert reading.read_chapter(plan(), output, ()).words > 1_000
    short = outputs.ChapterOutput(sections=[section.model_copy(update={"markdown": sentence})])
    assert reading.check_sections(brief, 1_200, short)


OTHERS = {
    "zh": "面团在温暖的地方静置时，酵母把糖变成气体和酒精。",
    "ja": "生地が休むあいだ、酵母は糖をガスとアルコールに変える。",
    "ko": "반죽이 따뜻한 곳에서 쉬는 동안 효모는 당을 가스로 바꾼다.",
    "ar": "تحول الخميرة السكر إلى غاز وكحول بينما يرتاح العجين.",
    "ru": "Дрожжи превращают сахар в газ и спирт, пока тесто отдыхает.",
    "el": "Η μαγιά μετατρέπει τη ζάχαρη σε αέριο όσο ξεκουράζεται το ζυμάρι.",
}


@pytest.mark.parametrize("language", OTHERS)
def test_english_in_the_place_of_a_language_of_another_script_is_sent_back(language: str) -> None:
    brief = Brief(topic="Bread", language=language)
    (said,) = reading.check_items("cards", [chapter()], [1], brief, LONG)
    assert f"not written in `{language}`" in said
    code = '```python\nfor loaf in loaves:\n    print(loaf, end="")\n```\n\n' * 20
    mixed = f"{OTHERS[language]} NumPy, PyTorch, HTTP. " * 20 + f"\n\n{code}"
    assert reading.check_items("cards", [chapter()], [1], brief, mixed) == []
    assert reading.check_items("cards", [chapter()], [1], brief, "Saccharomyces cerevisiae") == []


def test_a_language_may_be_written_in_latin_letters_where_its_tag_says_so() -> None:
    brief = Brief(topic="Bread", language="zh-Latn")
    assert reading.check_items("cards", [chapter()], [1], brief, "jiaomu ba tang " * 40) == []


@pytest.mark.parametrize(
    ("heading", "markdown", "left"),
    [
        ("The **oven**", f"## The oven\n\n{SENTENCE}", [SENTENCE.strip()]),
        ("The oven", f"The oven\n--------\n\n{SENTENCE}", [SENTENCE.strip()]),
        ("The oven", f"### Heat\n\n{SENTENCE}", ["### Heat", SENTENCE.strip()]),
        ("", f"### Heat\n\n{SENTENCE}", ["### Heat", SENTENCE.strip()]),
        ("The oven", "## The oven", ["### The oven"]),
    ],
)
def test_a_heading_that_the_text_repeats_stands_there_once(
    heading: str, markdown: str, left: list[str]
) -> None:
    section = outputs.SectionOutput(heading=heading, markdown=markdown, sources=[])
    found = reading.read_chapter(plan(), outputs.ChapterOutput(sections=[section]), ())
    assert [block.markdown for block in found.blocks] == left
