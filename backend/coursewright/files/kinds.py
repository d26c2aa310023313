"""What a file is, by its content alone. What a browser could run is called plain text.

Whoever uploads a file says what it is, and may lie: nothing of that is taken over.
"""

HEAD = 4096
"""Bytes that are looked at."""
BINARY = "application/octet-stream"
TEXT = "text/plain; charset=utf-8"

_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"%PDF-", "application/pdf"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"\xff\xf3", "audio/mpeg"),
    (0, b"\xff\xf2", "audio/mpeg"),
    (0, b"OggS", "audio/ogg"),
    (0, b"fLaC", "audio/flac"),
    (8, b"WAVE", "audio/wav"),
    (4, b"ftypM4A", "audio/mp4"),
)
_OFFICE = "application/vnd.openxmlformats-officedocument"
_ARCHIVES: tuple[tuple[bytes, str], ...] = (
    (b"mimetypeapplication/epub+zip", "application/epub+zip"),
    (b"word/", f"{_OFFICE}.wordprocessingml.document"),
    (b"ppt/", f"{_OFFICE}.presentationml.presentation"),
)
_CONTROLS = bytes(set(range(32)) - {9, 10, 12, 13, 27}) + b"\x7f"


def media_type(head: bytes) -> str:
    """The content type of a file that begins with `head`."""
    for offset, magic, kind in _MAGIC:
        if head[offset : offset + len(magic)] == magic:
            return kind
    if head.startswith(b"PK\x03\x04"):
        return next((kind for mark, kind in _ARCHIVES if mark in head), "application/zip")
    if head.translate(None, _CONTROLS) != head:
        return BINARY
    try:
        head[:HEAD].decode()
    except UnicodeDecodeError as error:
        # A letter that was cut in two at the end is no fault.
        if error.start < len(head) - 3:
            return BINARY
    return TEXT if head else BINARY


def is_shown(kind: str) -> bool:
    """Whether a browser may show or play it in its place; all else is saved."""
    return kind.startswith("audio/")
