"""EPUB books, made by hand."""

import zipfile
from io import BytesIO

import pytest

from coursewright.course.errors import SourceError
from coursewright.course.sources import PassageKind
from coursewright.sources.blocks import Parsed
from coursewright.sources.detect import Format
from coursewright.sources.formats import parse
from coursewright.sources.limits import Limits

CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'
)
PACKAGE = """<?xml version="1.0"?>
<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/">
<metadata><dc:title>Light</dc:title><dc:creator>A. Person</dc:creator>
<dc:language>en</dc:language><dc:rights>CC0</dc:rights></metadata>
<manifest>
<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<item id="b" href="text/two.xhtml" media-type="application/xhtml+xml"/>
<item id="a" href="text/one%20a.xhtml" media-type="application/xhtml+xml"/>
<item id="c" href="gone.xhtml" media-type="application/xhtml+xml"/>
<item id="p" href="p.png" media-type="image/png"/>
</manifest>
<spine><itemref idref="nav"/><itemref idref="a"/><itemref idref="b"/><itemref idref="p"/></spine>
</package>"""
PAGE = (
    '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml">'
    '<head><title/><script src="x.js"/></head><body>{}</body></html>'
)
ONE = PAGE.format("<h1>First</h1><p>One <a id='x'/>page.</p><script>secret()</script>")
TWO = PAGE.format("<h1>Second</h1><p onclick='secret()'>Größe zählt.</p><p hidden=''>secret</p>")


def _book(**members: str) -> bytes:
    files = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": CONTAINER,
        "OEBPS/book.opf": PACKAGE,
        "OEBPS/nav.xhtml": PAGE.format("<p>Contents</p>"),
        "OEBPS/text/one a.xhtml": ONE,
        "OEBPS/text/two.xhtml": TWO,
        **members,
    }
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return file.getvalue()


def _parse(data: bytes) -> Parsed:
    return parse(data, Format.ARCHIVE, name="light.epub", limits=Limits())


def test_chapters_are_read_in_the_order_of_the_spine() -> None:
    parsed = _parse(_book())
    assert [(each.kind, each.text) for each in parsed.blocks] == [
        (PassageKind.HEADING, "First"),
        (PassageKind.PARAGRAPH, "One page."),
        (PassageKind.HEADING, "Second"),
        (PassageKind.PARAGRAPH, "Größe zählt."),
    ]


def test_a_book_says_what_it_is() -> None:
    parsed = _parse(_book())
    assert (parsed.title, parsed.language) == ("Light", "en")
    assert (parsed.licence, parsed.attribution) == ("CC0", "A. Person")


def test_a_missing_chapter_is_told() -> None:
    package = PACKAGE.replace('<itemref idref="p"/>', '<itemref idref="c"/>')
    parsed = _parse(_book(**{"OEBPS/book.opf": package}))
    assert parsed.warnings == ("1 chapters of the book are missing in the file",)


def test_a_chapter_outside_of_the_archive_is_not_read() -> None:
    package = PACKAGE.replace("text/two.xhtml", "../../../../../../etc/passwd")
    parsed = _parse(_book(**{"OEBPS/book.opf": package}))
    assert "root:" not in " ".join(each.text for each in parsed.blocks)
    assert parsed.warnings == ("1 chapters of the book are missing in the file",)


@pytest.mark.parametrize("package", ["", "no xml", "<package"])
def test_a_book_without_a_package_document_is_refused(package: str) -> None:
    with pytest.raises(SourceError, match=r"light\.epub is damaged: it has no package") as refused:
        _parse(_book(**{"OEBPS/book.opf": package}))
    assert "EPUB checker" in refused.value.hint


def test_a_book_under_rights_management_is_refused() -> None:
    listed = (
        '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><EncryptedData>'
        '<EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/>'
        "</EncryptedData></encryption>"
    )
    with pytest.raises(SourceError, match=r"light\.epub is encrypted"):
        _parse(_book(**{"META-INF/encryption.xml": listed}))
    fonts = listed.replace(
        "http://www.w3.org/2001/04/xmlenc#aes128-cbc", "http://ns.adobe.com/pdf/enc#RC"
    )
    assert _parse(_book(**{"META-INF/encryption.xml": fonts})).blocks
