"""What a kept file is called."""

import pytest

from coursewright.generation.files import plain_name


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("tides.md", "tides.md"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\tides.md", "tides.md"),
        ("", "file"),
        ("..", "file"),
        ("/", "file"),
        (".bashrc", "bashrc"),
        ("a\x00b\r\nSet-Cookie: x.md", "abSet-Cookie: x.md"),
        ("gnp.\u202eexe", "gnp.exe"),
        ("Grüße 世界.pdf", "Grüße 世界.pdf"),
        ("x" * 5000 + ".pdf", "x" * 180 + ".pdf"),
        ("x" * 5000, "x" * 200),
    ],
)
def test_a_name_holds_no_folder_and_nothing_that_hides(said: str, name: str) -> None:
    assert plain_name(said) == name
