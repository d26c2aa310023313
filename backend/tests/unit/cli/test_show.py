"""A course in the terminal."""

import io

import pytest
from rich.console import Console

from coursewright.cli import show
from coursewright.course.chapter import Block, Chapter, Section
from unit.exports.samples import course


@pytest.mark.parametrize(
    ("markdown", "shown"),
    [
        ("A List<String> holds texts.", "A List<String> holds texts."),
        ("<div>\nThe inner text.\n</div>", "<div> The inner text. </div>"),
        ("The tag `<p>` opens.", "The tag <p> opens."),
    ],
)
def test_tags_in_a_text_are_text(markdown: str, shown: str) -> None:
    sections = (Section(blocks=(Block(markdown=markdown),)),)
    chapter = Chapter(number=1, title="Generics", sections=sections)
    console = Console(file=io.StringIO(), width=80)
    show.print_course(console, course(chapters=(chapter,)), None, everything=False)
    assert isinstance(console.file, io.StringIO)
    assert shown in " ".join(console.file.getvalue().split())
