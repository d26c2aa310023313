"""XML of strangers: no entities, no network, no external anything."""

from collections.abc import Iterable

from lxml import etree

from coursewright.sources.blocks import prose

Node = etree._Element  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - the only name of this type


def parse_xml(data: bytes | None) -> Node | None:
    """The root element; None when it is no XML. Raises `MemoryError` when there is too little."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        return etree.fromstring(data or b"", parser)
    except (etree.XMLSyntaxError, ValueError):
        check_memory(parser.error_log)
        return None


def check_memory(log: Iterable[etree._LogEntry]) -> None:
    """Raises `MemoryError` where libxml2 ran out of it, which lxml takes for a fault of syntax."""
    if any(each.type == etree.ErrorTypes.ERR_NO_MEMORY for each in log):
        raise MemoryError


def all_named(root: Node | None, name: str) -> list[Node]:
    """Every element of that local name, in the order of the document."""
    return [] if root is None else list(root.iter(f"{{*}}{name}"))


def first_text(root: Node | None, name: str) -> str:
    """The text of the first element of that local name; empty where there is none."""
    return next((text for each in all_named(root, name) if (text := prose(each.text or ""))), "")
