"""Markdown to blocks."""

import re
from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin

from coursewright.course.errors import SourceError
from coursewright.course.sources import PassageKind
from coursewright.sources.blocks import Block, Parsed, block
from coursewright.sources.html import html_blocks

FrontMatter = dict[str, str | tuple[str, ...]]

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?\n)??(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_KEY = re.compile(r"^([A-Za-z][\w -]*):[ \t]*(.*)$")
_ITEM = re.compile(r"^[ \t]*-[ \t]+(.*)$")
_NESTING = 40
"""Levels of lists and quotes: the work for a line grows with its depth."""
_CODE_OF_PAGES = re.compile(r"<(/?)(?:script|style)\b", re.IGNORECASE)


def front_matter(text: str) -> tuple[FrontMatter, str]:
    """The keys at the top of a Markdown file, and the text below them.

    Of YAML only what front matter is made of: `key: value`, `key: [a, b]`, and a list of `- item`
    lines. Anything else in it is passed over.
    """
    match = _FRONT_MATTER.match(text)
    # Two thematic breaks with prose between them are no front matter.
    if match is None or not _holds_keys(match.group(1) or ""):
        return {}, text
    found: FrontMatter = {}
    key = ""
    for line in (match.group(1) or "").splitlines():
        if pair := _KEY.match(line):
            key, value = pair.group(1).strip().lower(), pair.group(2).strip()
            found[key] = _flow(value) if value.startswith("[") else _scalar(value)
        elif (item := _ITEM.match(line)) and key:
            before = found[key]
            found[key] = (*(before if isinstance(before, tuple) else ()), _scalar(item.group(1)))
        elif line.startswith((" ", "\t")) and key and isinstance(found[key], str):
            found[key] = f"{found[key]} {line.strip()}".strip()
    return found, text[match.end() :]


def _holds_keys(text: str) -> bool:
    first = next((row for row in text.splitlines() if row.strip() and row[0] != "#"), None)
    return first is None or bool(_KEY.match(first))


def word(found: FrontMatter, key: str) -> str:
    """A single value of front matter; empty where there is none."""
    value = found.get(key, "")
    return value if isinstance(value, str) else ", ".join(value)


def words(found: FrontMatter, key: str) -> tuple[str, ...]:
    """A list of front matter; a single value is a list of one."""
    value = found.get(key, ())
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def parse_markdown(text: str) -> Parsed:
    """CommonMark with tables, `$mathematics$` and front matter. Raw HTML counts as its text."""
    found, body = front_matter(text.replace("\r\n", "\n").replace("\r", "\n"))
    parser = _Parser("commonmark", {"maxNesting": _NESTING}).enable(["table", "strikethrough"])
    dollarmath_plugin(parser, double_inline=True, allow_space=False, allow_digits=False)
    walker = _Walker()
    blocks = tuple(walker.blocks(parser.parse(body)))
    title = word(found, "title") or next(
        (b.text for b in blocks if b.kind is PassageKind.HEADING and b.level == 1), ""
    )
    return Parsed(
        blocks=blocks,
        media_type="text/markdown",
        title=title,
        language=word(found, "language") or word(found, "lang") or None,
        licence=word(found, "licence") or word(found, "license") or None,
        attribution=word(found, "attribution") or word(found, "author") or None,
        warnings=tuple(dict.fromkeys(walker.warnings)),
    )


class _Parser(MarkdownIt):
    """Takes a link for a link wherever it leads: its target is dropped, and never followed."""

    def validateLink(self, url: str) -> bool:  # noqa: N802 - the library's name
        del url
        return True


class _Walker:
    """Goes through the tokens and remembers in what they stand."""

    def __init__(self) -> None:
        self._heading: int | None = None
        self._fresh_item = False
        self._quotes = 0
        self._table: list[list[str]] | None = None
        self.warnings: list[str] = []

    def blocks(self, tokens: Sequence[Token]) -> Iterator[Block]:
        for token in tokens:
            if token.type == "html_block":
                yield from self._html(token.content)
                continue
            if token.nesting > 0 and token.level + 1 >= _NESTING:
                self.warnings.append(
                    f"what is nested more than {_NESTING} levels deep is left out, in a list with"
                    " all that follows in it"
                )
            made = self._leaf(token)
            if made is None and token.nesting:
                made = self._enter_or_leave(token)
            if made is not None:
                yield made

    def _html(self, markup: str) -> Iterator[Block]:
        try:
            yield from html_blocks(markup)
        except SourceError:
            self.warnings.append("raw HTML that is nested too deeply is left out")

    def _leaf(self, token: Token) -> Block | None:
        if token.type in {"fence", "code_block"}:
            return block(PassageKind.CODE, token.content)
        if token.type in {"math_block", "math_block_label"}:
            return block(PassageKind.FORMULA, token.content.strip())
        if token.type != "inline":
            return None
        children = token.children or []
        if self._table is not None:
            self._table[-1].append(" ".join(_inline(children).split()))
            return None
        kind, self._fresh_item = self._kind(), False
        formula = _only_formula(children) if self._heading is None else ""
        if formula:
            return block(PassageKind.FORMULA, formula)
        return block(kind, _inline(children), level=self._heading)

    def _kind(self) -> PassageKind:
        if self._heading is not None:
            return PassageKind.HEADING
        if self._fresh_item:
            return PassageKind.LIST_ITEM
        return PassageKind.QUOTE if self._quotes else PassageKind.PARAGRAPH

    def _enter_or_leave(self, token: Token) -> Block | None:
        opens = token.nesting > 0
        made: Block | None = None
        match token.type.removesuffix("_open").removesuffix("_close"):
            case "heading":
                self._heading = int(token.tag[1:]) if opens else None
            case "list_item":
                self._fresh_item = opens
            case "blockquote":
                self._quotes += token.nesting
            case "table" if opens:
                self._table = []
            case "table":
                rows = [" | ".join(row) for row in self._table or []]
                made, self._table = block(PassageKind.TABLE, "\n".join(rows)), None
            case "tr" if opens and self._table is not None:
                self._table.append([])
            case _:
                pass
        return made


def _only_formula(tokens: Sequence[Token]) -> str:
    """The formula of a paragraph that holds nothing else."""
    full = [token for token in tokens if token.type != "text" or token.content.strip()]
    if len(full) == 1 and full[0].type == "math_inline_double":
        return full[0].content.strip()
    return ""


def _inline(tokens: Sequence[Token]) -> str:
    parts: list[str] = []
    hidden = False
    for token in tokens:
        if token.type == "html_inline" and (tag := _CODE_OF_PAGES.match(token.content)):
            hidden = not tag.group(1)
        if hidden:  # what stands in <script> and <style> is no text
            continue
        match token.type:
            case "text" | "code_inline":
                parts.append(token.content)
            case "softbreak" | "hardbreak":
                parts.append(" ")
            case "math_inline" | "math_inline_double":
                parts.append(f"${token.content}$")
            case _:  # marks of emphasis and links, images, raw HTML: no text of their own
                pass
    return "".join(parts)


def _flow(value: str) -> tuple[str, ...]:
    parts = value.strip().removeprefix("[").removesuffix("]").split(",")
    return tuple(scalar for part in parts if (scalar := _scalar(part)))


def _scalar(value: str) -> str:
    value = value.strip()
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return "" if value in {">", "|", ">-", "|-"} else value
