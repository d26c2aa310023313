"""Documents read in a process of their own, within limits."""

import asyncio
import random
import time
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import docx
import psutil
import pytest
from pptx import Presentation
from reportlab.pdfgen.canvas import Canvas

from coursewright.course.errors import SourceError
from coursewright.course.sources import PassageKind
from coursewright.sources import Document, Limits, encyclopedia, read_source

SENTENCE = "Light is a wave that needs no medium to travel through empty space."
CONTAINER = '<container><rootfiles><rootfile full-path="b.opf"/></rootfiles></container>'
PACKAGE = (
    '<package><metadata><title>Light</title></metadata><manifest><item id="a" href="a.xhtml"'
    ' media-type="application/xhtml+xml"/></manifest><spine><itemref idref="a"/></spine></package>'
)


def _pdf(path: Path) -> None:
    canvas = Canvas(str(path), invariant=1)
    canvas.setFont("Helvetica-Bold", 20)
    canvas.drawString(70, 700, "Light")
    canvas.setFont("Helvetica", 11)
    canvas.drawString(70, 660, SENTENCE)
    canvas.save()


def _docx(path: Path) -> None:
    made = docx.Document()
    made.add_heading("Light", level=1)
    made.add_paragraph(SENTENCE)
    made.save(str(path))


def _pptx(path: Path) -> None:
    made = Presentation()
    slide = made.slides.add_slide(made.slide_layouts[1])
    title = slide.shapes.title
    assert title is not None
    title.text_frame.text = "Light"
    slide.placeholders[1].text_frame.text = SENTENCE  # pyright: ignore[reportAttributeAccessIssue] - a shape with text
    made.save(str(path))


def _epub(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("META-INF/container.xml", CONTAINER)
        archive.writestr("b.opf", PACKAGE)
        archive.writestr("a.xhtml", f"<html><body><h1>Light</h1><p>{SENTENCE}</p></body></html>")


def _html(path: Path) -> None:
    path.write_text(
        f"<!doctype html><html><body><main><h1>Light</h1><p>{SENTENCE}</p></main></body></html>"
    )


def _markdown(path: Path) -> None:
    path.write_text(f"# Light\n\n{SENTENCE}\n\n" + "Filling words.\n\n" * 3_000)


async def _refused(path: Path, limits: Limits | None = None) -> SourceError:
    with pytest.raises(SourceError) as refused:
        await read_source(path, limits=limits or Limits())
    assert refused.value.hint
    assert path.name in refused.value.message
    return refused.value


@pytest.mark.parametrize(
    ("name", "make", "pages"),
    [
        ("light.pdf", _pdf, 1),
        ("light.docx", _docx, None),
        ("light.pptx", _pptx, 1),
        ("light.epub", _epub, None),
        ("light.html", _html, None),
        ("light.md", _markdown, None),
        ("its-name-is-wrong.txt", _pdf, 1),
        ("light", _docx, None),
    ],
)
async def test_each_format_is_read_and_the_same_way_twice(
    tmp_path: Path, name: str, make: Callable[[Path], None], pages: int | None
) -> None:
    path = tmp_path / name
    make(path)
    one, again = await asyncio.gather(read_source(path), read_source(path))
    assert one == again
    heading, words = one.passages[:2]
    assert (heading.kind, heading.text) == (PassageKind.HEADING, "Light")
    assert words.text == SENTENCE
    assert words.place.headings == ("Light",)
    assert words.place.page == (1 if pages else None)
    assert one.source.pages == pages
    assert one.source.origin == name


async def test_a_bomb_in_a_document_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.docx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"<x>" + b" " * 60_000_000 + b"</x>")
    assert path.stat().st_size < 100_000
    error = await _refused(path)
    assert "zip bomb" in error.message


async def test_an_entity_bomb_in_a_document_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "lol.docx"
    _docx(path)
    levels = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE x [<!ENTITY a0 "ha">{levels}]><x>&a11;</x>'
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("customXml/item9.xml", bomb)
    assert "declares XML entities" in (await _refused(path)).message


async def test_an_external_entity_in_a_book_is_not_resolved(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret words")
    path = tmp_path / "leak.epub"
    page = (
        f'<!DOCTYPE x [<!ENTITY s SYSTEM "{secret.as_uri()}">]><html><body><p>&s;</p></body></html>'
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("META-INF/container.xml", CONTAINER)
        archive.writestr("b.opf", PACKAGE)
        archive.writestr("a.xhtml", page)
    error = await _refused(path)
    assert "declares XML entities" in error.message


async def test_a_parser_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    path = tmp_path / "slow.md"
    path.write_text("![[" * 300_000)  # the time for it grows with the square of its length
    began = time.monotonic()
    error = await _refused(path, Limits(seconds=1.5))
    assert "took longer than 1.5 s" in error.message
    assert "COURSEWRIGHT_SOURCE_SECONDS" in error.hint
    assert time.monotonic() - began < 5


async def test_a_parser_that_takes_too_much_memory_is_stopped(tmp_path: Path) -> None:
    path = tmp_path / "swells.html"
    path.write_text("<main>" + "<p>a<b>b</b></p>" * 1_500_000)
    error = await _refused(path, Limits(memory_bytes=500_000_000))
    assert "more than 500 MB of memory" in error.message


async def test_too_much_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "long.md"
    path.write_text("word " * 50_000)
    error = await _refused(path, Limits(max_characters=100_000))
    assert "too much text" in error.message


async def test_an_answer_larger_than_the_limits_allow_is_not_taken(tmp_path: Path) -> None:
    path = tmp_path / "many.md"
    path.write_text("- a\n" * 8_000)
    error = await _refused(path, Limits(max_characters=1_000, max_blocks=10))
    assert "more than 1,000 characters" in error.message


@pytest.mark.parametrize("tag", ["div", "table><tr><td", "ul><li", "b"])
async def test_a_page_nested_too_deeply_is_refused(tmp_path: Path, tag: str) -> None:
    path = tmp_path / "deep.html"
    path.write_text(f"<html><body><main><p>Words.</p>{f'<{tag}>' * 10_000}deep")
    assert "nests its elements" in (await _refused(path)).message


async def test_a_document_nested_too_deeply_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "deep.docx"
    _docx(path)
    cells = 400
    xml = (
        '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        f"<w:body>{'<w:tbl><w:tr><w:tc>' * cells}<w:p><w:r><w:t>deep</w:t></w:r></w:p>"
        f"{'</w:tc></w:tr></w:tbl>' * cells}</w:body></w:document>"
    )
    remade = BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(remade, "w") as new:
        for member in old.namelist():
            new.writestr(member, xml if member == "word/document.xml" else old.read(member))
    path.write_bytes(remade.getvalue())
    assert "nests its" in (await _refused(path)).message


async def test_a_text_above_ten_megabytes_in_one_line_is_read_whole(tmp_path: Path) -> None:
    # libxml2 stops there without a word, unless it is told otherwise.
    path = tmp_path / "long.html"
    path.write_text(f"<html><body><main><p>{'word ' * 2_100_000}</p><p>after</p></main></body>")
    passages = (await read_source(path)).passages
    assert passages[-1].text == "after"
    assert sum(each.text.count("word") for each in passages) == 2_100_000


async def test_a_page_that_says_not_where_its_text_stands_shows_nothing_hidden(
    tmp_path: Path,
) -> None:
    path = tmp_path / "plain.html"
    seen = "Light is fast, and nothing that we know of is faster. " * 15
    hidden = "secret words, many of them, so that they look like a paragraph of the page. " * 3
    path.write_text(
        f"<html><head><title>Light</title></head><body><div><p>{seen}</p>"
        f"<div style='display:none'><p>{hidden}</p></div><p hidden>{hidden}</p>"
        f"<p class='sr-only'>{hidden}</p><p aria-hidden='true'>{hidden}</p>"
        f"<script>secret()</script><p onclick='secret()'>{seen}</p></div></body></html>"
    )
    text = " ".join(each.text for each in (await read_source(path)).passages)
    assert "secret" not in text
    assert text.count("Light is fast") == 30


def _mangled(data: bytes, seed: int) -> bytes:
    dice = random.Random(seed)
    mangled = bytearray(data)
    for _ in range(20):
        mangled[dice.randrange(len(mangled))] = dice.randrange(256)
    return bytes(mangled)


@pytest.mark.parametrize("make", [_pdf, _docx, _epub])
async def test_a_mangled_document_is_read_or_refused_in_words(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    whole = tmp_path / "whole"
    make(whole)

    async def attempt(seed: int) -> Document | SourceError:
        path = tmp_path / f"mangled-{seed}"
        path.write_bytes(_mangled(whole.read_bytes(), seed))
        try:
            return await read_source(path)
        except SourceError as error:
            return error

    for found in await asyncio.gather(*[attempt(seed) for seed in range(4)]):
        assert not isinstance(found, SourceError) or (found.message and found.hint)


def _children() -> set[int]:
    return {each.pid for each in psutil.Process().children() if each.is_running()}


async def test_cancelling_ends_the_process(tmp_path: Path) -> None:
    path = tmp_path / "slow.md"
    path.write_text("![[" * 300_000)
    before = _children()
    task = asyncio.create_task(read_source(path, limits=Limits(seconds=30)))
    for _ in range(200):
        await asyncio.sleep(0.01)
        if _children() - before:
            break
    assert _children() - before
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    for _ in range(200):
        await asyncio.sleep(0.01)
        if not _children() - before:
            break
    assert not _children() - before


@pytest.mark.skipif(not encyclopedia.available(), reason="the extra `encyclopedia` is missing")
def test_the_encyclopedia_gives_a_topic_and_what_is_close_to_it() -> None:
    found = encyclopedia.find("Introduction to photosynthesis")
    assert len(found) >= 5
    assert found[0].source.title == "Photosynthesis"
    assert found[0].source.licence == encyclopedia.LICENCE
    assert found[0].source.origin
    assert len({each.source.id for each in found}) == len(found)
    assert encyclopedia.find("Introduction to photosynthesis") == found
    assert encyclopedia.find("zzz no such thing") == ()
    assert encyclopedia.find("") == ()
