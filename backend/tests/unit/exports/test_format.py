import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursewright.exports import FORMATS
from coursewright.exports.format import file_stem
from unit.exports.samples import course


@pytest.mark.parametrize(
    ("title", "stem"),
    [
        ("The cell", "the-cell"),
        ("a/b\\c: d?", "a-b-c-d"),
        ("../../etc/passwd", "etc-passwd"),
        ("..", "course"),
        (".hidden", "hidden"),
        ("😀 🎉", "course"),
        ("C++ & C#", "c-c"),
        ("CON", "con-course"),
        ("lpt1", "lpt1-course"),
        ("COM¹", "com¹-course"),
        ("con.txt", "con-txt"),
        ("aux.", "aux-course"),
        ("العربية", "العربية"),
        ("\u202eabc\u202c", "abc"),
        ("हिन्दी में", "हिन्दी-में"),
        ("Über Größe", "über-grösse"),
        ("snake_case_", "snake-case"),
        ("a\x00b\nc\td", "a-b-c-d"),
        ("", "course"),
    ],
)
def test_a_title_becomes_a_name_that_every_file_system_takes(title: str, stem: str) -> None:
    assert file_stem(title) == stem


def test_a_long_title_is_cut_at_a_letter() -> None:
    assert file_stem("x" * 300) == "x" * 80
    assert file_stem("细" * 300) == "细" * 26


def test_the_file_is_named_for_the_course_and_the_format() -> None:
    assert FORMATS["markdown"].file_name(course(title="A/B")) == "a-b.zip"
    assert FORMATS["json"].file_name(course(title="..")) == "course.json"


@settings(deadline=None, max_examples=80)
@given(st.text(max_size=120))
def test_any_title_gives_a_safe_name(title: str) -> None:
    stem = file_stem(title)
    assert 1 <= len(stem.encode()) <= 80 + len("-course")
    assert not set(stem) & set('/\\:*?"<>|. \0\n\t')
    assert all(char.isprintable() for char in stem)
    assert not stem.startswith("-")
    assert not stem.endswith("-")
