"""Files and small texts, read without a process of their own."""

import os
from pathlib import Path

import pytest

from coursewright.course.errors import SourceError
from coursewright.course.sources import PassageKind, SourceKind
from coursewright.sources import Limits, read_bytes, read_source
from coursewright.sources.read import Fetched


class Page:
    """Stands for a web server's answer; no part of it is ours to test."""

    def __init__(self, data: bytes, media_type: str, url: str) -> None:
        self._answer = Fetched(data=data, media_type=media_type, url=url)

    async def fetch(self, url: str, *, limits: Limits) -> Fetched:
        del url, limits
        return self._answer


async def _refused(origin: str | Path, limits: Limits | None = None) -> SourceError:
    with pytest.raises(SourceError) as refused:
        await read_source(origin, limits=limits or Limits())
    assert refused.value.hint
    return refused.value


async def test_a_file_becomes_a_document(tmp_path: Path) -> None:
    path = tmp_path / "light.md"
    path.write_text("# Light\n\nIt is fast.\n", encoding="utf-8")
    document = await read_source(path)
    assert document == await read_source(str(path))
    source = document.source
    assert (source.title, source.kind, source.origin) == ("Light", SourceKind.FILE, "light.md")
    assert (source.media_type, len(source.sha256)) == ("text/markdown", 64)
    assert [(each.kind, each.place.headings) for each in document.passages] == [
        (PassageKind.HEADING, ()),
        (PassageKind.PARAGRAPH, ("Light",)),
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "a.txt is empty"),
        (b" \n\t ", "a.txt is empty"),
        (b"\xef\xbb\xbf", "a.txt is empty"),
        (b"\xff\xfe \x00\n\x00", "no text in a.txt"),
        (b"... --- ...", "no text in a.txt"),
        (b"\x7fELF\x02\x01\x01" + bytes(200), "a.txt is a program"),
    ],
)
async def test_files_without_text_are_refused(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "a.txt").write_bytes(content)
    assert message in (await _refused(tmp_path / "a.txt")).message


async def test_a_text_after_a_lot_of_white_space_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coursewright.sources.read.HEAD", 100)
    document = await read_bytes(
        b" \n" * 5_000 + b"Words at last.",
        name="a.txt",
        media_type=None,
        kind=SourceKind.FILE,
        origin="a.txt",
    )
    assert [each.text for each in document.passages] == ["Words at last."]


async def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    directory = await _refused(tmp_path)
    assert directory.message.endswith("is a directory")
    assert "one by one" in directory.hint
    missing = await _refused(tmp_path / "gone.pdf")
    assert "there is no file" in missing.message
    assert "spelling" in missing.hint
    os.mkfifo(tmp_path / "pipe.txt")
    assert "no ordinary file" in (await _refused(tmp_path / "pipe.txt")).message


@pytest.mark.parametrize(
    "origin", ["", "a\x00b.txt", "x" * 5_000, "a/\udcff.txt", "~nobody-here/a"]
)
async def test_odd_names_are_refused_in_words(origin: str) -> None:
    assert (await _refused(origin)).message.encode()


async def test_a_file_above_the_limit_is_refused_without_reading_it(tmp_path: Path) -> None:
    path = tmp_path / "huge.txt"
    with path.open("wb") as file:
        file.truncate(300_000_000)  # sparse: it takes no room
    error = await _refused(path)
    assert "huge.txt has 300.0 MB; at most 200.0 MB" in error.message
    assert "COURSEWRIGHT_MAX_SOURCE_MB" in error.hint


async def test_bytes_above_the_limit_are_refused() -> None:
    with pytest.raises(SourceError, match="at most"):
        await read_bytes(
            b"words " * 100,
            name="a.txt",
            media_type=None,
            kind=SourceKind.FILE,
            origin="a.txt",
            limits=Limits(max_bytes=500),
        )


async def test_a_name_is_made_fit_to_be_shown() -> None:
    document = await read_bytes(
        b"Words.",
        name="evil\x1b[31m\u202e\ud800" + "x" * 900 + ".txt",
        media_type="text/plain",
        kind=SourceKind.FILE,
        origin="a\nb",
    )
    assert document.source.title.startswith("evil?[31m??xxx")
    assert len(document.source.title) <= 300
    assert document.source.origin == "a?b"


@pytest.mark.parametrize("charset", ["undefined", "unicode_escape", "rot13", "nonsense", "x" * 99])
async def test_a_false_charset_does_no_harm(charset: str) -> None:
    document = await read_bytes(
        b"caf\xe9 \\ud800 words",
        name="a.txt",
        media_type=f"text/plain; charset={charset}",
        kind=SourceKind.FILE,
        origin="a.txt",
    )
    assert document.passages[0].text == "café \\ud800 words"


async def test_a_page_is_cited_by_its_address() -> None:
    page = Page(b"# Light\n\nFast.", "text/markdown; charset=utf-8", "https://a.example/b/c?d=1")
    source = (await read_source("https://a.example", fetcher=page)).source
    assert (source.kind, source.origin) == (SourceKind.URL, "https://a.example/b/c?d=1")


async def test_a_page_without_a_path_has_the_name_of_its_host() -> None:
    page = Page(b"Words of it.", "text/plain", "https://a.example/")
    source = (await read_source("HTTPS://a.example", fetcher=page)).source
    assert (source.title, source.origin) == ("a.example", "https://a.example/")


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "FILE:/etc/passwd",
        "ftp://a.example/x",
        "gopher://a.example/x",
        "data:text/plain,hello",
        "jar:http://a.example!/x",
    ],
)
async def test_other_schemes_are_refused(url: str) -> None:
    error = await _refused(url)
    assert "http and https" in error.message or "there is no file" in error.message
