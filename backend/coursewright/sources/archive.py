"""Zip archives of strangers: checked before any library opens them."""

import re
import zipfile
import zlib
from io import BytesIO

from coursewright.course.errors import SourceError
from coursewright.sources.limits import Limits

_CHUNK = 1 << 16
_RATIO_MATTERS = 10_000_000
"""Bytes. A small file may be packed very well without doing harm."""
_XML = (".xml", ".rels", ".xhtml", ".html", ".htm", ".opf", ".ncx", ".svg")
_ENTITY = re.compile(rb"<!ENTITY", re.IGNORECASE)
_ENCRYPTED = 0x1
_DRIVE = re.compile(r"^[A-Za-z]:")


def open_archive(data: bytes, *, name: str, limits: Limits) -> zipfile.ZipFile:
    """The archive, every member of which was unpacked once and counted.

    What an archive says of its sizes is not believed: counting stops at the limit.

    Raises:
        SourceError: damaged, encrypted, too large unpacked, packed suspiciously well, too many
            members, names that lead elsewhere, or XML that declares entities.
    """
    try:
        archive = zipfile.ZipFile(BytesIO(data))
        members = archive.infolist()
        _check_members(members, name, limits)
        total = 0
        for member in members:
            total = _unpack(archive, member, total, packed=len(data), name=name, limits=limits)
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        NotImplementedError,
        EOFError,
        ValueError,
        OSError,
        RuntimeError,
        zlib.error,
    ) as error:
        raise SourceError(
            f"{name} is damaged: its archive cannot be unpacked",
            source=name,
            hint="Open it in the program that made it, and save it again.",
        ) from error
    return archive


def read_member(archive: zipfile.ZipFile, path: str) -> bytes | None:
    """The bytes of a member; None when it isn't there."""
    try:
        return archive.read(path)
    except KeyError:
        return None


def _check_members(members: list[zipfile.ZipInfo], name: str, limits: Limits) -> None:
    if len(members) > limits.max_entries:
        raise SourceError(
            f"{name} is an archive of {len(members):,} files; at most {limits.max_entries:,} are"
            " unpacked",
            source=name,
            hint="Save the document again without its attachments.",
        )
    for member in members:
        if member.flag_bits & _ENCRYPTED:
            raise encrypted(name)
        path = member.filename.replace("\\", "/")
        if path.startswith("/") or _DRIVE.match(path) or ".." in path.split("/"):
            raise SourceError(
                f"{name} holds a file whose name leads outside of the archive",
                source=name,
                hint="It was not made by an office program; don't trust it.",
            )


def _unpack(
    archive: zipfile.ZipFile,
    member: zipfile.ZipInfo,
    total: int,
    *,
    packed: int,
    name: str,
    limits: Limits,
) -> int:
    """Unpacks one member and throws it away; returns the sum of all bytes so far."""
    is_xml = member.filename.lower().endswith(_XML)
    tail = b""
    with archive.open(member) as stream:
        while chunk := stream.read(_CHUNK):
            total += len(chunk)
            _check_size(total, packed, name, limits)
            if is_xml:
                # Without the NUL bytes of UTF-16, in which a declaration could hide.
                text = (tail + chunk).replace(b"\0", b"")
                if _ENTITY.search(text):
                    raise SourceError(
                        f"{name} declares XML entities, which no honest document needs",
                        source=name,
                        hint="It may be made to do harm. Save the text in another format.",
                    )
                tail = text[-8:]
    return total


def _check_size(total: int, packed: int, name: str, limits: Limits) -> None:
    too_well = total > _RATIO_MATTERS and total > packed * limits.max_ratio
    if total > limits.max_unpacked_bytes or too_well:
        raise SourceError(
            f"{name} has {packed / 1e6:,.1f} MB and unpacks to more than"
            f" {total / 1e6:,.0f} MB: it may be a zip bomb, and was not opened",
            source=name,
            hint=f"At most {limits.max_unpacked_bytes / 1e6:,.0f} MB are unpacked, and at most"
            f" {limits.max_ratio} times the size of the file. Save it again without its pictures.",
        )


def encrypted(name: str) -> SourceError:
    """The error for a document behind a password or rights management."""
    return SourceError(
        f"{name} is encrypted",
        source=name,
        hint="Open it with its password, and save a copy without one.",
    )
