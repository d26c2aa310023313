"""What a file is, by its content."""

import io
import zipfile

import pytest

from coursewright.files.kinds import BINARY, TEXT, is_shown, media_type


def archive(*names: str) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as made:
        for name in names:
            made.writestr(name, "x")
    return written.getvalue()


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"%PDF-1.7\n", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"ID3\x04", "audio/mpeg"),
        (b"\xff\xfb\x90", "audio/mpeg"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "audio/wav"),
        (b"RIFF\x00\x00\x00\x00WEBP", BINARY),
        (b"OggS\x00", "audio/ogg"),
        (b"fLaC", "audio/flac"),
        (b"\x00\x00\x00\x20ftypM4A ", "audio/mp4"),
        (archive("[Content_Types].xml", "word/document.xml"), "application/vnd.openxmlformats"),
        (archive("[Content_Types].xml", "ppt/presentation.xml"), "application/vnd.openxmlformats"),
        (archive("a.txt"), "application/zip"),
        ("Grüße, 世界".encode(), TEXT),
        (("é" * 3000).encode()[:4095], TEXT),
        (b"", BINARY),
        (b"\x00\x01\x02", BINARY),
        (b"\xe9t\xe9 en latin-1, plus de texte", BINARY),
        (b"\x7fELF", BINARY),
    ],
)
def test_the_content_says_what_it_is(head: bytes, expected: str) -> None:
    assert media_type(head).startswith(expected)


@pytest.mark.parametrize(
    "head",
    [
        b"<!doctype html><script>alert(1)</script>",
        b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        b"<?xml version='1.0'?><x/>",
        b"alert(1)",
    ],
)
def test_what_a_browser_could_run_is_plain_text(head: bytes) -> None:
    assert media_type(head) == TEXT
    assert not is_shown(media_type(head))
