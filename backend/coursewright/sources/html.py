"""HTML to blocks: the walker that serves web pages, EPUB and (by way of mammoth) DOCX."""

import re
from collections.abc import Iterator
from typing import Final

from lxml import etree, html

from coursewright.course.errors import SourceError
from coursewright.course.sources import PassageKind
from coursewright.sources.blocks import Block, block
from coursewright.sources.xml import check_memory

Element = html.HtmlElement

_SKIPPED_WORDS: Final = """
    script style template noscript svg canvas object embed applet iframe frame audio video nav
    aside footer form button select textarea input dialog head title link meta img map
"""
_SKIPPED: Final = frozenset(_SKIPPED_WORDS.split())
_SKIPPED_CLASSES_WORDS: Final = """
    headerlink anchor-link permalink heading-anchor hash-link navheader navfooter
    sphinxsidebar related toc toctree-wrapper contents breadcrumb breadcrumbs skip-link
    skiplink footnote footnote-reference footnote-ref footnoteref mw-editsection mw-jump-link
    navbox reflist reference noprint catlinks indexterm linenos linenodiv lineno copybtn
    sr-only visually-hidden cookie-banner advertisement admonition-title
"""
_SKIPPED_CLASSES: Final = frozenset(_SKIPPED_CLASSES_WORDS.split())
_SKIPPED_ROLES_WORDS: Final = """
    navigation banner contentinfo search complementary doc-toc doc-pagebreak
"""
_SKIPPED_ROLES: Final = frozenset(_SKIPPED_ROLES_WORDS.split())
_SKIPPED_EPUB_TYPES_WORDS: Final = """
    toc pagebreak landmarks page-list noteref
"""
_SKIPPED_EPUB_TYPES: Final = frozenset(_SKIPPED_EPUB_TYPES_WORDS.split())
_BLOCKS_WORDS: Final = """
    address article aside blockquote body center dd details dir div dl dt fieldset figcaption
    figure footer form h1 h2 h3 h4 h5 h6 header hr html li main menu nav ol p pre section
    summary table tbody td tfoot th thead tr ul caption
"""
_BLOCKS: Final = frozenset(_BLOCKS_WORDS.split())
_HEADINGS: Final = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
_LAYOUT_WORDS: Final = """
    p ul ol dl h1 h2 h3 h4 h5 h6 blockquote table
"""
_LAYOUT: Final = frozenset(_LAYOUT_WORDS.split())
_HIDDEN: Final = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_PERMALINK: Final = re.compile(r"\s*[¶§🔗#]\s*$")
_SIGNATURES_WORDS: Final = """
    py js c cpp std rst function method class data attribute
"""
_SIGNATURES: Final = frozenset(_SIGNATURES_WORDS.split())


_DEEPEST: Final = 200
"""Elements within one another. Pages of people have about 30; the walker recurses."""


def parse_tree(markup: str | bytes, *, name: str = "the page") -> Element | None:
    """A tree of whatever was given; None when there is no markup in it.

    No network, no entities but HTML's own.

    Raises:
        SourceError: it is nested too deeply. Parsers stop there and lose the rest in silence.
        MemoryError: there is not enough.
    """
    parser = html.HTMLParser(
        no_network=True,
        remove_comments=True,
        remove_pis=True,
        encoding="utf-8",
        huge_tree=True,  # else a text of 10 MB is lost without a word
    )
    data = markup.encode("utf-8", "replace") if isinstance(markup, str) else markup
    try:
        tree = html.document_fromstring(data, parser=parser)  # pyright: ignore[reportUnknownMemberType] - its stub leaves the rest open
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        check_memory(parser.error_log)
        return None
    check_memory(parser.error_log)
    gave_up = any(each.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for each in parser.error_log)
    if gave_up or _is_deep(tree):
        raise SourceError(
            f"{name} nests its elements more than {_DEEPEST} deep",
            source=name,
            hint="Open it in a browser and print it into a PDF, or save its text as .txt.",
        )
    return tree


def _is_deep(tree: Element) -> bool:
    depth = 0
    for event, _ in etree.iterwalk(tree, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > _DEEPEST:
            return True
    return False


def html_blocks(markup: str) -> Iterator[Block]:
    """The blocks of a piece of HTML. Raises `SourceError` when it is nested too deeply."""
    tree = parse_tree(markup)
    if tree is not None:
        yield from walk(tree)


def walk(root: Element, *, page: int | None = None) -> Iterator[Block]:
    """The blocks below an element, in the order of the text."""
    walker = _Walker(page)
    walker.element(root, PassageKind.PARAGRAPH)
    walker.flush()
    yield from walker.blocks


def text_of(element: Element) -> str:
    """The text of an element without what is never text."""
    parts: list[str] = []
    _inline(element, parts)
    return "".join(parts)


def is_skipped(element: Element) -> bool:
    """Whether nothing in this element is text of the document."""
    return _skipped_by_kind(element) or _skipped_by_class(element)


def _skipped_by_kind(element: Element) -> bool:
    tag = _tag(element)
    if not tag or tag in _SKIPPED:
        # A form may wrap a whole page (old ASP.NET pages); one with paragraphs is looked into.
        return tag != "form" or element.find(".//p") is None
    style = element.get("style", "")
    types = set(element.get("epub:type", "").split())
    return bool(
        element.get("hidden") is not None
        # Rendered mathematics is hidden from screen readers, next to a form that is not.
        or element.get("aria-hidden") == "true"
        or _HIDDEN.search(style)
        or element.get("role", "") in _SKIPPED_ROLES
        or types & _SKIPPED_EPUB_TYPES
    )


def _skipped_by_class(element: Element) -> bool:
    found = set(element.get("class", "").lower().split()) & _SKIPPED_CLASSES
    # A footnote's number is no text; `reference` and `footnote` mean other things elsewhere.
    return bool(
        found - {"reference", "footnote"}
        or (found and _tag(element) == "sup")
        or ("footnote" in found and _tag(element) == "a")
    )


class _Walker:
    """Gathers inline text until a block begins or ends, then makes a block of it."""

    def __init__(self, page: int | None) -> None:
        self.blocks: list[Block] = []
        self._page = page
        self._parts: list[str] = []
        self._kind = PassageKind.PARAGRAPH
        self._lead = ""

    def flush(self) -> None:
        """Ends the running text."""
        text, self._parts = "".join(self._parts), []
        if text.strip():
            if self._lead:
                text, self._lead = f"{self._lead}: {text}", ""
            self._add(self._kind, text)
            if self._kind is PassageKind.LIST_ITEM:
                self._kind = PassageKind.PARAGRAPH  # what follows in the same item

    def element(self, element: Element, kind: PassageKind) -> None:
        """Walks the children of an element whose running text is of that kind."""
        self._kind = kind
        if element.text:
            self._parts.append(element.text)
        for child in element:
            self._child(child, kind)
            if child.tail:
                self._parts.append(child.tail)

    def _child(self, child: Element, kind: PassageKind) -> None:
        tag = _tag(child)
        if is_skipped(child):
            return
        if tag == "math":
            self._math(child)
        elif tag in _BLOCKS or _holds_block(child):
            self.flush()
            self._block(child, tag, kind)
            self.flush()
            self._kind = PassageKind.PARAGRAPH if kind is PassageKind.LIST_ITEM else kind
        else:
            _inline(child, self._parts)

    def _block(self, element: Element, tag: str, kind: PassageKind) -> None:
        if tag in _HEADINGS:
            text = _PERMALINK.sub("", text_of(element).strip())
            self._add(PassageKind.HEADING, text, level=_HEADINGS[tag])
        elif tag == "pre":
            self._add(PassageKind.CODE, text_of(element))
        elif tag == "table":
            self._table(element)
        elif tag == "li":
            self.element(element, PassageKind.LIST_ITEM)
        elif tag == "blockquote":
            self.element(element, PassageKind.QUOTE)
        elif tag == "dt":
            self._term(element)
        elif tag == "dd":
            self.element(element, PassageKind.LIST_ITEM if self._lead else PassageKind.PARAGRAPH)
            self.flush()
            self._lead = ""
        elif tag == "div" and "math" in element.get("class", "").split():
            self._add(PassageKind.FORMULA, _bare(text_of(element)))
        else:
            self.element(element, kind)

    def _term(self, element: Element) -> None:
        """A term leads its definition; the signature of a function is code."""
        self._drop_lead()
        parent = element.getparent()
        classes = str(parent.get("class", "")).split() if parent is not None else []
        text = _PERMALINK.sub("", " ".join(text_of(element).split()))
        if _SIGNATURES & set(classes) or "sig" in element.get("class", "").split():
            self._add(PassageKind.CODE, text)
        else:
            self._lead = text

    def _drop_lead(self) -> None:
        if self._lead:
            self._add(PassageKind.LIST_ITEM, self._lead)
            self._lead = ""

    def _table(self, table: Element) -> None:
        rows = [row for row in table.iter("tr") if _table_of(row) is table]
        code = table.find(".//td[@class='code']")
        if code is not None:  # a listing with line numbers
            self.element(code, PassageKind.PARAGRAPH)
            return
        cells = [[cell for cell in row if _tag(cell) in {"td", "th"}] for row in rows]
        layout = table.get("role") == "presentation" or all(len(row) < 2 for row in cells)  # noqa: PLR2004 - one column is no table
        if layout or _holds_much(cells):
            for row in cells:
                for cell in row:
                    self.flush()
                    self.element(cell, PassageKind.PARAGRAPH)
                    self.flush()
            return
        caption = table.find("caption")
        if caption is not None:
            self._add(PassageKind.PARAGRAPH, text_of(caption))
        texts = [[" ".join(text_of(cell).split()) for cell in row] for row in cells]
        self._add(PassageKind.TABLE, "\n".join(" | ".join(row) for row in texts if any(row)))

    def _math(self, element: Element) -> None:
        tex = element.get("alttext") or element.findtext(".//annotation") or ""
        tex = _bare(tex) or " ".join("".join(element.itertext()).split())
        if element.get("display") == "block":
            self.flush()
            self._add(PassageKind.FORMULA, tex)
        elif tex:
            self._parts.append(f"${tex}$")

    def _add(self, kind: PassageKind, text: str, *, level: int | None = None) -> None:
        made = block(kind, text, level=level, page=self._page)
        if made is not None:
            self.blocks.append(made)


def _inline(element: Element, parts: list[str]) -> None:
    tag = _tag(element)
    if tag == "br":
        parts.append("\n")
        return
    if tag == "math":
        tex = element.get("alttext") or element.findtext(".//annotation")
        parts.append(f"${_bare(tex)}$" if tex else "".join(element.itertext()))
        return
    if element.text:
        parts.append(element.text)
    for child in element:
        if not is_skipped(child):
            _inline(child, parts)
            if _tag(child) in _BLOCKS:
                parts.append(" ")
        if child.tail:
            parts.append(child.tail)


def _bare(tex: str) -> str:
    r"""TeX without the marks around it: `\( \)`, `\[ \]`, `$`, `\displaystyle`."""
    tex = " ".join(tex.split())
    for before, after in (("\\(", "\\)"), ("\\[", "\\]"), ("$$", "$$"), ("$", "$")):
        if tex.startswith(before) and tex.endswith(after) and len(tex) > len(before + after):
            tex = tex[len(before) : -len(after)].strip()
    match = re.fullmatch(r"\{\\displaystyle (.*)\}", tex)
    return match.group(1).strip() if match else tex


def _tag(element: Element) -> str:
    tag: object = element.tag
    return tag.rsplit("}", 1)[-1].rsplit(":", 1)[-1].lower() if isinstance(tag, str) else ""


def _holds_block(element: Element) -> bool:
    return any(_tag(below) in _BLOCKS for below in element.iterdescendants())


def _table_of(row: Element) -> Element | None:
    return next((above for above in row.iterancestors() if _tag(above) == "table"), None)


def _holds_much(cells: list[list[Element]]) -> bool:
    """Whether a table only lays out a page: some cell holds a heading, a list or much text."""
    for row in cells:
        for cell in row:
            blocks = [below for below in cell.iterdescendants() if _tag(below) in _LAYOUT]
            if any(_tag(each) in _HEADINGS or _tag(each) == "table" for each in blocks):
                return True
            if sum(_tag(each) == "p" for each in blocks) > 3:  # noqa: PLR2004 - a cell has few
                return True
    return False
