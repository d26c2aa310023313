"""Archives of strangers."""

import zipfile
from io import BytesIO

import pytest

from coursewright.course.errors import SourceError
from coursewright.sources.archive import open_archive, read_member
from coursewright.sources.detect import Format
from coursewright.sources.formats import parse
from coursewright.sources.limits import Limits

SMALL = Limits(max_unpacked_bytes=1_000_000, max_entries=50)
PARTS = ["word/document.xml", "ppt/presentation.xml", "META-INF/container.xml"]


def _zip(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for path, data in members.items():
            archive.writestr(path, data)
    return file.getvalue()


def _parse(data: bytes, limits: Limits = SMALL) -> None:
    parse(data, Format.ARCHIVE, name="gift.docx", limits=limits)


@pytest.mark.parametrize("part", PARTS)
def test_a_bomb_is_not_unpacked(part: str) -> None:
    bomb = _zip({part: b"<x/>", "media/fill.bin": b"\0" * 3_000_000})
    with pytest.raises(SourceError, match="may be a zip bomb, and was not opened") as refused:
        _parse(bomb)
    assert "1 MB are unpacked" in refused.value.hint


def test_an_archive_packed_too_well_is_refused_though_it_is_below_the_size() -> None:
    bomb = _zip({"word/document.xml": b"\0" * 12_000_000})
    with pytest.raises(SourceError, match="zip bomb"):
        _parse(bomb, Limits())


def test_sizes_that_lie_are_not_believed() -> None:
    data = bytearray(_zip({"word/document.xml": b"\0" * 3_000_000}))
    # The uncompressed size: at 22 of the local header, at 24 of the central one (APPNOTE 4.3).
    central = data.rindex(b"PK\x01\x02")
    data[22:26] = data[central + 24 : central + 28] = (100).to_bytes(4, "little")
    with pytest.raises(SourceError, match=r"zip bomb|damaged"):
        _parse(bytes(data))


def test_too_many_members_are_refused() -> None:
    crowd = _zip({f"word/{number}.txt": b"x" for number in range(51)})
    with pytest.raises(SourceError, match="archive of 51 files; at most 50"):
        _parse(crowd)


@pytest.mark.parametrize(
    "path", ["../evil.txt", "word/../../evil.txt", "/etc/evil", "C:/evil", "..\\evil.txt"]
)
def test_a_name_that_leads_outside_is_refused(path: str) -> None:
    with pytest.raises(SourceError, match="leads outside of the archive") as refused:
        _parse(_zip({"word/document.xml": b"<x/>", path: b"x"}))
    assert "don't trust it" in refused.value.hint


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be"])
@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize(
    "entity",
    ['<!ENTITY a "ha">', '<!ENTITY a SYSTEM "file:///etc/passwd">', '<!entity % a "ha">'],
)
def test_xml_that_declares_entities_is_refused(part: str, entity: str, encoding: str) -> None:
    xml = f"<!DOCTYPE x [{entity}]><x>&a;</x>".encode(encoding)
    with pytest.raises(SourceError, match="declares XML entities"):
        _parse(_zip({part: xml}))


def test_a_declaration_on_the_edge_of_two_chunks_is_seen() -> None:
    for before in range(65_530, 65_540):
        xml = b"<!--" + b"x" * (before - 7) + b"-->" + b"<!ENTITY a 'b'><x/>"
        with pytest.raises(SourceError, match="declares XML entities"):
            _parse(_zip({"word/document.xml": xml}, zipfile.ZIP_STORED))


def test_a_damaged_archive_is_refused() -> None:
    good = _zip({"word/document.xml": bytes(range(256)) * 20}, zipfile.ZIP_STORED)
    middle = bytearray(good)
    middle[2_000:2_100] = bytes(100)
    for damaged in (good[:2_000], bytes(middle), good[:30], b"PK\x03\x04rubbish"):
        with pytest.raises(SourceError, match=r"gift\.docx is damaged") as refused:
            _parse(damaged)
        assert "save it again" in refused.value.hint


def test_an_encrypted_archive_is_refused() -> None:
    data = bytearray(_zip({"word/document.xml": b"<x/>"}))
    central = data.rindex(b"PK\x01\x02")
    data[6] |= 1
    data[central + 8] |= 1
    with pytest.raises(SourceError, match=r"gift\.docx is encrypted") as refused:
        _parse(bytes(data))
    assert "without one" in refused.value.hint


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"mimetype": b"application/vnd.oasis.opendocument.text"}, "OpenDocument"),
        ({"xl/workbook.xml": b"<x/>"}, "a workbook"),
        ({"EncryptedPackage": b"x"}, "is encrypted"),
        ({"a.txt": b"x"}, "no DOCX, PPTX or EPUB"),
        ({}, "empty archive"),
    ],
)
def test_other_archives_are_named(members: dict[str, bytes], message: str) -> None:
    with pytest.raises(SourceError, match=message) as refused:
        _parse(_zip(members))
    assert refused.value.source == "gift.docx"
    assert refused.value.hint


def test_an_honest_archive_is_opened() -> None:
    archive = open_archive(_zip({"a/b.xml": b"<x/>"}), name="a.zip", limits=SMALL)
    assert read_member(archive, "a/b.xml") == b"<x/>"
    assert read_member(archive, "a/c.xml") is None
