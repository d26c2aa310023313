"""A whole web page: where its text stands, and what it says of itself."""

import re
from collections.abc import Iterator

from lxml import html

from coursewright.course.sources import PassageKind
from coursewright.sources.blocks import Block, Parsed, prose
from coursewright.sources.html import Element, is_skipped, parse_tree, text_of, walk
from coursewright.sources.text import decode

_DOCBOOK = "book chapter sect1 section article refentry part appendix preface"
_PLACES = (
    "//main",
    "//*[@role='main']",
    "//div[@itemprop='articleBody']",
    "//article",
    "//*[@id='mw-content-text']",
    "//body/div[contains(concat(' ', @class, ' '), ' document ')]//div[@class='body']",
    f"//body/*[contains(' {_DOCBOOK} ', concat(' ', @class, ' '))]",
)
"""Where text stands by HTML's own rules, in Sphinx, MediaWiki and DocBook."""
_ENOUGH = 0.4
"""Of the letters of a page outside of links; less is a teaser, and more than one is a list."""
_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([\w-]{1,40})""", re.IGNORECASE)
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
_SITE = re.compile(r"\s+(?:[|—–·»]|--?)\s+[^|—–·»]{1,80}$")


def parse_html(data: bytes, *, name: str, charset: str | None = None) -> Parsed:
    """The main text of a page.

    It is looked for where HTML (or the common tools for documentation) puts it; on other pages
    trafilatura finds it; where that finds too little, the whole body is taken.
    """
    declared = _CHARSET.search(data[:4_000])
    markup = decode(
        data, name=name, declared=charset or (declared.group(1).decode() if declared else None)
    )
    tree = parse_tree(_DECLARATION.sub("", markup), name=name)
    if tree is None:
        return Parsed(blocks=(), media_type="text/html")
    blocks = _main(tree, markup)
    return Parsed(
        blocks=tuple(blocks),
        media_type="text/html",
        title=_title(tree, blocks),
        language=_language(tree),
        licence=_meta(tree, "//link[@rel='license']/@title", "//a[@rel='license']//text()"),
        attribution=_meta(tree, "//meta[@name='author']/@content"),
    )


def _main(tree: Element, markup: str) -> list[Block]:
    body = tree.find("body")
    whole = list(walk(body if body is not None else tree))
    letters = _letters(whole)
    for path in _PLACES:
        found = [each for each in _elements(tree, path) if not _is_hidden(each)]
        if len(found) == 1:
            blocks = list(walk(found[0]))
            if _letters(blocks) >= letters * _ENOUGH:
                return _with_heading(blocks, whole)
    extracted = list(_trafilatura(markup))
    return extracted if _letters(extracted) >= min(letters * _ENOUGH, 2_000) else whole


def _is_hidden(element: Element) -> bool:
    """Whether it, or what it stands in, is not text of the page."""
    return is_skipped(element) or any(is_skipped(each) for each in element.iterancestors())


def _trafilatura(markup: str) -> Iterator[Block]:
    # Imported here: it takes a third of a second, and most documents never need it.
    import trafilatura  # noqa: PLC0415 - see above

    found = trafilatura.extract(
        markup,
        output_format="html",
        include_comments=False,
        include_tables=True,
        include_formatting=False,
        favor_recall=True,
        with_metadata=False,
    )
    tree = parse_tree(found) if found else None
    if tree is not None:
        yield from walk(tree)


def _with_heading(blocks: list[Block], whole: list[Block]) -> list[Block]:
    """Some pages put their first heading above the element that holds the text."""
    top = next((b for b in whole if b.kind is PassageKind.HEADING and b.level == 1), None)
    has_top = any(b.kind is PassageKind.HEADING and b.level == 1 for b in blocks)
    return blocks if top is None or has_top else [top, *blocks]


def _letters(blocks: list[Block]) -> int:
    return sum(len(b.text) for b in blocks if b.kind is not PassageKind.HEADING)


def _title(tree: Element, blocks: list[Block]) -> str:
    headings = [b for b in blocks if b.kind is PassageKind.HEADING]
    tops = [b for b in headings if b.level == 1]
    if len(tops) == 1:
        return tops[0].text
    head = tree.find(".//title")
    title = prose(text_of(head)) if head is not None else ""
    return _SITE.sub("", title) or (headings[0].text if headings else "")


def _language(tree: Element) -> str | None:
    language = tree.get("lang") or tree.get("xml:lang") or ""
    return language if re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*", language) else None


def _meta(tree: Element, *paths: str) -> str | None:
    for path in paths:
        found: object = tree.xpath(path)
        if isinstance(found, list):
            text = prose(" ".join(str(each) for each in found[:10]))  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - lxml gives strings here
            if text:
                return text[:300]
    return None


def _elements(tree: Element, path: str) -> list[Element]:
    found: object = tree.xpath(path)
    if not isinstance(found, list):
        return []
    return [each for each in found if isinstance(each, html.HtmlElement)]  # pyright: ignore[reportUnknownVariableType] - narrowed on this very line
