from typing import Annotated, Any

import pytest
from pydantic import Field, TypeAdapter, ValidationError

from coursewright.course.json import Flag, Moment, is_number
from coursewright.study.deck import Review

Whole = Annotated[int, Field(ge=1), is_number]
Number = Annotated[float, Field(le=1), is_number]
CARD = "5f0c4f52-6f6c-4a0e-9a3f-0c6e6c1f3b11"


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Whole, False),
        (Whole, "7"),
        (Number, True),
        (Number, "0.5"),
        (Flag, 0),
        (Flag, "yes"),
        (Moment, 0.5),
        (Moment, "0.5"),
        (Moment, "2026-11-25"),
        (Moment, "2026-11-25T19:30:00"),
    ],
)
def test_what_merely_resembles_a_value_is_refused(kind: Any, value: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter[Any](kind).validate_python(value)


def test_what_the_schema_says_is_taken() -> None:
    assert TypeAdapter(Whole).validate_python(7) == 7
    assert TypeAdapter(Whole).validate_python(7.0) == 7
    assert TypeAdapter(Number).validate_python(1) == 1.0
    assert TypeAdapter(Flag).validate_json("true") is True
    assert TypeAdapter(Moment).validate_python("2026-11-25T19:30:00Z").year == 2026


def test_true_is_no_rating() -> None:
    with pytest.raises(ValidationError):
        Review.model_validate({"id": CARD, "card_id": CARD, "rating": True})
    assert Review.model_validate({"id": CARD, "card_id": CARD, "rating": 3}).rating == 3


def test_the_schema_still_shows_the_bounds() -> None:
    assert TypeAdapter(Whole).json_schema() == {"type": "integer", "minimum": 1}
    assert TypeAdapter(Number).json_schema() == {"type": "number", "maximum": 1}
