"""Word documents, by way of mammoth's HTML."""

import zipfile
from io import BytesIO
from typing import Protocol, cast

import mammoth  # pyright: ignore[reportMissingTypeStubs] - it has none; wrapped in this module

from coursewright.sources.archive import read_member
from coursewright.sources.blocks import Parsed
from coursewright.sources.html import parse_tree, walk
from coursewright.sources.xml import first_text, parse_xml

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_STYLES = """
p[style-name='Title'] => h1:fresh
p[style-name='Subtitle'] => p:fresh
p[style-name='Quote'] => blockquote:fresh
p[style-name='Intense Quote'] => blockquote:fresh
p[style-name='Code'] => pre:separator('\\n')
p[style-name='Source Code'] => pre:separator('\\n')
p[style-name='HTML Preformatted'] => pre:separator('\\n')
p[style-name='Preformatted Text'] => pre:separator('\\n')
p[style-name='macro'] => pre:separator('\\n')
p[style-name^='toc '] => !
"""


class _Result(Protocol):
    value: str


def parse_docx(data: bytes, archive: zipfile.ZipFile) -> Parsed:
    """Paragraphs, headings by style, lists, tables and footnotes; pictures are passed over."""
    result = cast(
        "_Result",
        mammoth.convert_to_html(  # pyright: ignore[reportUnknownMemberType] - no types
            BytesIO(data),
            style_map=_STYLES,
            include_embedded_style_map=False,
            convert_image=_no_image,
            external_file_access=False,
        ),
    )
    tree = parse_tree(result.value)
    body = read_member(archive, "word/document.xml") or b""
    formulas = body.count(b"<m:oMath>") + body.count(b"<m:oMath ")
    core = parse_xml(read_member(archive, "docProps/core.xml"))
    return Parsed(
        blocks=tuple(walk(tree)) if tree is not None else (),
        media_type=MEDIA_TYPE,
        title=first_text(core, "title"),
        attribution=first_text(core, "creator") or None,
        warnings=(f"{formulas} formulas of the document are not read",) if formulas else (),
    )


def _no_image(image: object) -> list[object]:
    del image  # a picture has no text
    return []
