"""What a document is."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursewright.course.errors import SourceError
from coursewright.sources.detect import Format, detect

PROSE = b"Plain words of a text that is long enough to be one. " * 5


@pytest.mark.parametrize(
    ("head", "name", "media_type", "expected"),
    [
        (b"%PDF-1.7\n", "a.txt", None, Format.PDF),
        (b"junk\n%PDF-1.4\n", "a", None, Format.PDF),
        (b"PK\x03\x04...", "a.pdf", None, Format.ARCHIVE),
        (b"<!DOCTYPE html><p>x", "a.txt", None, Format.HTML),
        (b"\xef\xbb\xbf <!-- hi --> <html lang=en>", "a", None, Format.HTML),
        ("<html><body>".encode("utf-16"), "a.htm", None, Format.HTML),
        (b"<p>a fragment</p>", "a.html", None, Format.HTML),
        (b"<p>a fragment</p>", "a.php", "text/html; charset=utf-8", Format.HTML),
        (PROSE, "README.md", None, Format.MARKDOWN),
        (PROSE, "notes", "text/markdown", Format.MARKDOWN),
        (PROSE, "notes.txt", None, Format.TEXT),
        (PROSE, "notes", None, Format.TEXT),
        (PROSE, "v1.2", "text/plain", Format.TEXT),
        (PROSE, "really-text.pdf", None, Format.TEXT),
        (b"MZ is how this text begins.", "a.txt", None, Format.TEXT),
    ],
)
def test_content_decides_before_the_name(
    head: bytes, name: str, media_type: str | None, expected: Format
) -> None:
    assert detect(head, name=name, media_type=media_type) is expected


@pytest.mark.parametrize(
    ("head", "name", "message", "hint"),
    [
        (b"", "a.txt", "a.txt is empty", "with text in it"),
        (b" \n\t\r\n\f", "a.md", "a.md is empty", "with text in it"),
        (b"\xef\xbb\xbf \n", "a.md", "a.md is empty", "with text in it"),
        (b"\x89PNG\r\n\x1a\n", "a.pdf", "a.pdf is a picture", "ocrmypdf"),
        (b"\xff\xd8\xff\xe0", "a.docx", "is a picture", "ocrmypdf"),
        (b"\x7fELF\x02\x01\x01", "a.txt", "a.txt is a program", "Taken are PDF"),
        (b"MZ\x90\x00\x03\x00\x00\x00" + bytes(90), "a.txt", "is a program", "Taken are PDF"),
        (b"\x1f\x8b\x08", "a.txt.gz", "a compressed file", "Unpack it"),
        (b"7z\xbc\xaf\x27\x1c", "a.7z", "is an archive", "Unpack it"),
        (b"{\\rtf1", "a.rtf", "an RTF document", "DOCX or PDF"),
        (b"SQLite format 3\x00", "a.txt", "is a database", "Taken are PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.docx", "a.docx is encrypted", "without one"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.doc", "an old Office document", "save it as DOCX"),
        (
            b"%PDF 1.7\n.",
            "a.pdf",
            "a.pdf is damaged: it has 10 bytes and is no PDF",
            "Get it again",
        ),
        (bytes(range(32)) * 9, "a.pdf", "a.pdf is damaged: it is no PDF", "Get it again"),
        (bytes(range(32)) * 9, "a.txt", "of a kind that is not read", "Taken are PDF"),
        (b"a,b\n1,2\n", "a.csv", "of a kind that is not read (csv)", ".txt"),
        (b'{"a": 1}', "a.json", "of a kind that is not read (json)", ".txt"),
    ],
)
def test_what_is_not_read_is_named(head: bytes, name: str, message: str, hint: str) -> None:
    with pytest.raises(SourceError) as refused:
        detect(head, name=name)
    assert message in refused.value.message
    assert hint in refused.value.hint
    assert refused.value.source == name


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=200), st.sampled_from(["a.pdf", "a.txt", "a.md", "a.html", "a", ".x"]))
def test_any_bytes_have_a_format_or_are_refused(data: bytes, name: str) -> None:
    try:
        found: Format | SourceError = detect(data, name=name)
    except SourceError as error:
        found = error
    assert isinstance(found, Format) or (name in found.message and found.hint)
