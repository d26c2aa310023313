import json
from enum import StrEnum
from time import process_time
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field, create_model

from coursewright.emulator.answers import answer, plain
from coursewright.emulator.reading import choose, primers
from coursewright.emulator.spoiling import cut, pieces, spoil

PASSAGE = (
    "Sourdough is a bread that rises with wild yeast. Bakers keep a starter, which is a mixture of "
    "flour and water in which yeast lives.\n\nA poolish is a loose dough that ferments overnight. "
    "It gives the crumb an open texture. A banneton is a basket that holds the dough while it "
    "rises. Steam keeps the crust soft for the first minutes of baking.\n\n"
    "An autolyse is a rest that lets flour take up water before salt is added. Salt slows the "
    "yeast down and tightens the gluten. Gluten is a network of proteins that holds gas. "
    "Bakers judge a dough by its feel, its smell and the marks that a finger leaves in it.\n\n"
    "The oven is a stone chamber in older bakeries. The heat of its floor drives the loaf upwards."
)


class Level(StrEnum):
    EASY = "easy"
    HARD = "hard"


class Question(BaseModel):
    stem: Annotated[str, Field(min_length=10, max_length=200)]
    options: Annotated[list[str], Field(min_length=4, max_length=4)]
    key: Annotated[int, Field(ge=0, le=3)]
    quotation: str
    level: Level
    hint: str | None = None


class Text(BaseModel):
    kind: Literal["text"] = "text"
    markdown: Annotated[str, Field(min_length=1)]


class Table(BaseModel):
    kind: Literal["table"] = "table"
    rows: Annotated[list[tuple[str, int]], Field(min_length=2, max_length=5)]


class Section(BaseModel):
    title: Annotated[str, Field(max_length=60)]
    blocks: Annotated[list[Annotated[Text | Table, Field(discriminator="kind")]], Field()]
    sections: list["Section"] = []


class Lesson(BaseModel):
    number: Annotated[int, Field(ge=1)]
    title: str
    sections: list[Section]
    questions: Annotated[list[Question], Field(min_length=5)]
    weights: dict[str, Annotated[float, Field(gt=0, lt=1)]]
    sources: Annotated[set[UUID], Field(max_length=3)] = set()
    even: Annotated[int, Field(multiple_of=2, gt=3)]


@pytest.mark.parametrize("model", [Question, Text, Table, Section, Lesson])
@pytest.mark.parametrize("prompt", ["", "A lesson on photosynthesis", f"<text>{PASSAGE}</text>"])
def test_an_answer_fits_the_schema_of_a_model(model: type[BaseModel], prompt: str) -> None:
    for number in range(3):
        made = answer(model.model_json_schema(), prompt, f"call-{number}")
        model.model_validate_json(json.dumps(made))
        assert '""' not in json.dumps(made)


@given(
    least=st.integers(0, 8),
    more=st.integers(0, 8),
    chars=st.integers(1, 300),
    extra=st.integers(0, 300),
    low=st.integers(-50, 50),
    span=st.integers(0, 20),
    call=st.text(max_size=5),
    prompt=st.text(max_size=50),
)
@settings(deadline=None, max_examples=60)
def test_bounds_are_kept(
    least: int, more: int, chars: int, extra: int, low: int, span: int, call: str, prompt: str
) -> None:
    made = create_model(
        "Made",
        names=Annotated[list[str], Field(min_length=least, max_length=least + more)],
        body=Annotated[str, Field(min_length=chars, max_length=chars + extra)],
        answer_index=Annotated[int, Field(ge=low, le=low + span)],
        share=Annotated[float, Field(gt=low, lt=low + span + 1)],
    )
    made.model_validate(answer(made.model_json_schema(), prompt, call))


def test_the_same_call_is_answered_alike_and_another_one_otherwise() -> None:
    schema = Lesson.model_json_schema()
    assert answer(schema, "SQL", "a") == answer(schema, "SQL", "a")
    assert answer(schema, "SQL", "a") != answer(schema, "SQL", "b")


def test_gemini_types_in_capitals_are_understood() -> None:
    schema = {
        "type": "OBJECT",
        "properties": {
            "title": {"type": "STRING", "nullable": True},
            "kinds": {
                "type": "ARRAY",
                "items": {"type": "STRING", "enum": ["a", "b"]},
                "minItems": "2",
            },
            "count": {"type": "INTEGER", "minimum": 3, "maximum": 3},
            "sure": {"type": "BOOLEAN"},
        },
        "propertyOrdering": ["title", "kinds", "count", "sure"],
    }
    made = answer(schema, "Music theory", "call")
    assert made["count"] == 3
    assert made["sure"] is True
    assert set(made["kinds"]) <= {"a", "b"}
    assert isinstance(made["title"], str)


def test_quotations_stand_in_the_passage_word_for_word() -> None:
    made = answer(Lesson.model_json_schema(), f"Ask about this:\n<text>{PASSAGE}</text>", "call")
    quotations = {question["quotation"] for question in made["questions"]}
    assert len(quotations) == 5
    assert all(quotation in PASSAGE for quotation in quotations)


def test_a_question_fits_its_options_and_its_key() -> None:
    made = answer(Lesson.model_json_schema(), f"Write 7 questions:\n{PASSAGE}", "call")
    assert len(made["questions"]) == 7
    for question in made["questions"]:
        assert question["stem"].endswith("?")
        assert len(set(question["options"])) == 4
        assert question["options"][question["key"]].lower() in question["quotation"].lower()


def test_options_that_are_objects_have_one_right_one() -> None:
    option = {
        "type": "object",
        "properties": {"option": {"type": "string"}, "correct": {"type": "boolean"}},
    }
    schema = {
        "type": "object",
        "properties": {
            "question": {"type": "string"},
            "options": {"type": "array", "minItems": 4, "maxItems": 4, "items": option},
        },
    }
    made = answer(schema, "SQL", "call")
    assert [each["correct"] for each in made["options"]].count(True) == 1
    assert len({each["option"] for each in made["options"]}) == 4


def test_the_topic_decides_on_the_primer() -> None:
    made = choose("A course on Personal Finance for beginners", "call")
    assert made.title == "Personal Finance"
    text = plain("Write about 600 words on photosynthesis.", "call")
    assert "light" in text
    assert 500 < len(text.split()) < 900
    assert text.startswith("## ")


def test_chapters_have_different_headings_in_their_order() -> None:
    chapter = {
        "type": "object",
        "properties": {"number": {"type": "integer"}, "title": {"type": "string"}},
    }
    schema = {
        "type": "object",
        "properties": {"chapters": {"type": "array", "items": chapter}},
    }
    made = answer(schema, "An outline of a course on SQL with 5 chapters", "call")["chapters"]
    assert [each["number"] for each in made] == [1, 2, 3, 4, 5]
    assert len({each["title"] for each in made}) == 5


def test_a_uuid_is_one_of_those_in_the_prompt() -> None:
    known = "0b7c1f0e-6a53-4b42-9d0f-2f5a3d9f1c77"
    schema = {"type": "string", "format": "uuid"}
    assert answer(schema, f"passage {known}", "call") == known


@pytest.mark.parametrize(
    "schema",
    [
        None,
        [],
        "text",
        {"$ref": "#/$defs/Missing"},
        {"$ref": "https://example.org/schema"},
        {"$ref": "#"},
        {"type": "object", "properties": 7},
        {"type": "integer", "minimum": 5, "maximum": 4},
        {"type": "array", "minItems": "many"},
        {"type": "array", "minItems": 3, "uniqueItems": True, "items": {"const": 1}},
        {"enum": []},
        {"anyOf": [3]},
        {"$defs": {"A": {"type": "object", "properties": {"a": {"$ref": "#/$defs/A"}},
                         "required": ["a"]}}, "$ref": "#/$defs/A"},
    ],
)  # fmt: skip
def test_a_schema_that_cannot_be_met_is_refused(schema: Any) -> None:
    with pytest.raises(ValueError, match=r"schema|items|number|int"):
        answer(schema, "prompt", "call")


def test_all_primers_can_be_read() -> None:
    assert len(primers()) >= 8
    for primer in primers():
        assert len(primer.reading.chapters) >= 4
        assert len(primer.reading.facts) >= 12
        assert all("**" not in sentence for sentence in primer.reading.sentences)


@given(st.text(min_size=1), st.text(max_size=9))
@settings(deadline=None, max_examples=60)
def test_spoilt_json_is_never_valid(text: str, call: str) -> None:
    spoilt = spoil(json.dumps({"text": text, "more": [1, {"a": "b"}]}), call)
    assert spoilt
    with pytest.raises(ValueError, match=r"."):
        json.loads(spoilt)


@given(st.text(max_size=2_000), st.integers(1, 200))
@settings(deadline=None, max_examples=30)
def test_text_is_cut_and_taken_to_pieces_without_loss(text: str, tokens: int) -> None:
    assert "".join(pieces(text)) == text
    assert text.startswith(cut(text, tokens))
    assert len(cut(text, tokens)) <= 4 * tokens


def test_material_is_taken_from_between_tags_and_not_from_instructions() -> None:
    orders = "You write cards for learners. A card is a pair of a question and an answer. " * 20
    for marked in (
        f"<sources><passage id='p1'>{PASSAGE}</passage></sources>",
        f"```text\n{PASSAGE}\n```",
    ):
        assert {
            sentence in PASSAGE for sentence in choose(f"{orders}\n\n{marked}", "call").sentences
        } == {True}


@pytest.mark.parametrize(
    "prompt",
    [
        "<a>" * 20_000,
        "<" + "a" * 200_000,
        "# " + " " * 50_000 + "x",
        "1 " * 20_000,
        "```" * 9_999,
    ],
)
def test_hostile_prompts_are_answered_in_time(prompt: str) -> None:
    started = process_time()
    assert answer(Section.model_json_schema(), prompt, "call")
    assert process_time() - started < 2


def test_the_sections_of_a_chapter_are_on_it_and_do_not_repeat_each_other() -> None:
    section = {
        "type": "object",
        "properties": {"heading": {"type": "string"}, "markdown": {"type": "string"}},
    }
    schema = {
        "type": "object",
        "properties": {
            "title": {"type": "string"},
            "sections": {"type": "array", "items": section},
            "terms": {"type": "array", "items": {"type": "string"}},
        },
    }
    made = answer(schema, 'Outline of SQL: Tables and Keys, Joins. Write "Joins".', "call")
    assert made["title"] == "Joins"
    assert len({each["markdown"] for each in made["sections"]}) == len(made["sections"])
    first, second = made["sections"][:2]
    assert second["markdown"] not in first["markdown"]
    assert any("join" in term for term in made["terms"])
