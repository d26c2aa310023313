import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursewright.cli.outline_text import from_text, to_text
from coursewright.course.errors import BadRequest
from coursewright.course.outline import Outline, OutlineChapter
from coursewright.course.review.text_rules import hidden

TEXT = """# Tides
All about them.

## [2] What the Moon does
It pulls.
\\- or so they say
- Explain the pull
- Tell high water from low

// a remark
## A new one
"""


def test_it_is_read_as_it_is_meant() -> None:
    edit = from_text(TEXT)
    assert (edit.title, edit.description) == ("Tides", "All about them.")
    first, second = edit.chapters
    assert (first.was, first.title) == (2, "What the Moon does")
    assert first.summary == "It pulls.\n- or so they say"
    assert first.objectives == ("Explain the pull", "Tell high water from low")
    assert (second.was, second.title, second.objectives) == (None, "A new one", ())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "title"),
        ("# Title\n", "chapters"),
        ("## Chapter\n", "title"),
        ("# T\n# U\n## C\n", "line 2"),
        ("# T\n### C\n", "line 2"),
        ("# T\n##C\n", "line 2"),
        ("# T\n## [1] A\n## [1] B\n", "same number"),
        ("# T\n## A\n## a\n", "same title"),
        ("# T\n## " + "x" * 201, "chapter 1 title"),
        ("# T\n## A\x00\n", "cannot be seen"),
        ("# T\n" + "".join(f"## {n}\n" for n in range(61)), "chapters"),
    ],
)
def test_what_is_not_understood_is_told(text: str, said: str) -> None:
    with pytest.raises(BadRequest) as refused:
        from_text(text)
    assert said in refused.value.message
    assert refused.value.hint


LINE = (
    st.text(
        st.characters(
            min_codepoint=32, max_codepoint=0x2FFF, categories=("L", "N", "P", "S", "Zs")
        ),
        min_size=1,
        max_size=40,
    )
    .map(lambda text: " ".join(text.split()))
    .filter(lambda text: not hidden(text))  # some letters have no shape, as U+115F
)
NAMED = LINE.filter(lambda text: any(char.isalnum() for char in text))


@given(NAMED, st.lists(LINE, max_size=3), st.lists(NAMED, min_size=1, max_size=4), st.data())
def test_what_is_shown_and_not_changed_is_the_same(
    title: str, description: list[str], titles: list[str], data: st.DataObject
) -> None:
    titles = [f"{number} {each}" for number, each in enumerate(titles)]
    outline = Outline(
        title=title,
        description="\n".join(description).strip(),
        chapters=tuple(
            OutlineChapter(
                number=number,
                title=each,
                summary="\n".join(data.draw(st.lists(LINE, max_size=3))).strip(),
                objectives=tuple(data.draw(st.lists(NAMED, max_size=3))),
            )
            for number, each in enumerate(titles, start=1)
        ),
    )
    assert from_text(to_text(outline)).applied(outline, {}) == outline
