"""EPUB books: the chapters in the order of the spine."""

import posixpath
import zipfile
from urllib.parse import unquote

from coursewright.course.errors import SourceError
from coursewright.sources.archive import encrypted, read_member
from coursewright.sources.blocks import Block, Parsed
from coursewright.sources.html import parse_tree, walk
from coursewright.sources.text import decode
from coursewright.sources.xml import Node, all_named, first_text, parse_xml

MEDIA_TYPE = "application/epub+zip"
_PAGES = {"application/xhtml+xml", "text/html", "application/x-dtbook+xml"}
_FONT_OBFUSCATION = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")


def parse_epub(archive: zipfile.ZipFile, *, name: str) -> Parsed:
    """Everything in the spine but the table of contents.

    Raises:
        SourceError: encrypted, or its package document is not to be found.
    """
    _check_rights(archive, name)
    path, package = _package(archive, name)
    manifest = {item.get("id", ""): item for item in all_named(package, "item")}
    blocks: list[Block] = []
    missing = 0
    for reference in all_named(package, "itemref"):
        item = manifest.get(reference.get("idref", ""))
        if item is None or item.get("media-type", "") not in _PAGES:
            continue
        if "nav" in item.get("properties", "").split():
            continue
        target = unquote(item.get("href", "")).partition("#")[0]
        data = read_member(archive, posixpath.normpath(posixpath.join(path, target)))
        if data is None:
            missing += 1
            continue
        blocks.extend(_page(data, name))
    return Parsed(
        blocks=tuple(blocks),
        media_type=MEDIA_TYPE,
        title=first_text(package, "title"),
        language=first_text(package, "language") or None,
        licence=first_text(package, "rights") or None,
        attribution=first_text(package, "creator") or None,
        warnings=(f"{missing} chapters of the book are missing in the file",) if missing else (),
    )


def _page(data: bytes, name: str) -> list[Block]:
    text = decode(data, name=name)
    # An XML declaration contradicts the text that it stands in, once that is decoded.
    tree = parse_tree(
        text[text.find("?>") + 2 :] if text.lstrip().startswith("<?xml") else text, name=name
    )
    body = tree.find("body") if tree is not None else None
    return list(walk(body)) if body is not None else []


def _package(archive: zipfile.ZipFile, name: str) -> tuple[str, Node]:
    """The folder of the package document, and the package document."""
    container = parse_xml(read_member(archive, "META-INF/container.xml"))
    for rootfile in all_named(container, "rootfile"):
        path = rootfile.get("full-path", "")
        package = parse_xml(read_member(archive, path))
        if package is not None:
            return posixpath.dirname(path), package
    raise SourceError(
        f"{name} is damaged: it has no package document",
        source=name,
        hint="Check it with an EPUB checker, or get it again.",
    )


def _check_rights(archive: zipfile.ZipFile, name: str) -> None:
    """Rights management encrypts the chapters; obfuscated fonts do not matter."""
    listed = parse_xml(read_member(archive, "META-INF/encryption.xml"))
    for method in all_named(listed, "EncryptionMethod"):
        if method.get("Algorithm") not in _FONT_OBFUSCATION:
            raise encrypted(name)
