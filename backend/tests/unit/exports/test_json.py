import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursewright.course.course import Course, MissingPiece
from coursewright.exports import FORMATS
from unit.exports.samples import course, outline_only

EXPORT = FORMATS["json"].export


def read(data: bytes) -> Course:
    content: dict[str, Any] = json.loads(data.decode("utf-8"))
    assert content.pop("coursewright_course") == 1
    return Course.model_validate_json(json.dumps(content))


@pytest.mark.parametrize(
    "made",
    [
        course(),
        outline_only(),
        outline_only(outline=None),
        course(missing=(MissingPiece(key="chapter/2", reason="too little"),)),
    ],
    ids=["complete", "outline only", "nothing", "with a gap"],
)
def test_a_course_comes_back_as_it_was(made: Course) -> None:
    assert read(EXPORT(made)) == made


def test_the_same_course_gives_the_same_bytes() -> None:
    assert EXPORT(course()) == EXPORT(course())


def test_letters_of_all_scripts_stay_readable() -> None:
    assert "细胞膜决定什么进出细胞".encode() in EXPORT(course())


@settings(deadline=None, max_examples=20)
@given(st.text(max_size=60))
def test_any_title_comes_back(title: str) -> None:
    assert read(EXPORT(outline_only(title=title))).title == title
