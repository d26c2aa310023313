"""The file of a backup: a tar whose members are checked one by one.

    header.json          what it is, of which version, and how the database is built
    rows/SCHEMA.TABLE/N  rows of a table, in parts
    files/...            the folder of files
    manifest.json        the SHA-256 of every member before it; without it the file is not whole

Written and read as a stream: neither side holds more than one part in memory.
"""

import gzip
import hashlib
import io
import json
import os
import tarfile
import zlib
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any, Self

from coursewright.course.errors import BadRequest, Conflict, NotConfigured

HEADER, MANIFEST = "header.json", "manifest.json"
PART = 8_000_000
"""Bytes of a part of a table."""
_BLOCK = 1_000_000
_PACKED = (".tar.gz", ".tgz")
_PLAIN = (".tar",)
_BROKEN = (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile)
_LARGEST_JSON = 500_000_000
"""Bytes of the manifest, which names some three million files, and of the header."""
_LARGEST_EXTRA = 100_000
"""Bytes of what stands before a member whose name is long."""
_EXTRA = frozenset(
    {
        tarfile.XHDTYPE,
        tarfile.XGLTYPE,
        tarfile.SOLARIS_XHDTYPE,
        tarfile.GNUTYPE_LONGNAME,
        tarfile.GNUTYPE_LONGLINK,
    }
)
_FOLDERS = frozenset({"rows", "files"})


Check = Callable[[], None]


class _Info(tarfile.TarInfo):
    """A member's header. What belongs to it is held in memory, so it must not be large."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        info = super().frombuf(buf, encoding, errors)
        if info.type in _EXTRA and info.size > _LARGEST_EXTRA:
            raise tarfile.HeaderError("a name is too long")
        return info


class Content:
    """What a member holds."""

    def __init__(self, path: Path, file: IO[bytes]) -> None:
        self._path = path
        self._file = file

    def read(self, size: int = -1) -> bytes:
        """As that of a file. Raises `BadRequest` where the archive ends before its time."""
        try:
            return self._file.read(size)
        except _BROKEN as error:
            raise _damaged(self._path, str(error)) from error


class Writer:
    """Adds members, and the manifest at the end."""

    def __init__(self, tar: tarfile.TarFile, check: Check) -> None:
        self._tar = tar
        self._check = check
        self._sums: dict[str, str] = {}

    def add(self, name: str, data: bytes) -> None:
        """Adds a member."""
        self._check()
        self._sums[name] = hashlib.sha256(data).hexdigest()
        info = tarfile.TarInfo(name)
        info.size, info.mode = len(data), 0o600
        self._tar.addfile(info, io.BytesIO(data))

    def add_json(self, name: str, value: object) -> None:
        """Adds a member that people can read, too."""
        self.add(name, _json(value))

    def add_parts(self, folder: str, data: Iterable[bytes]) -> int:
        """Adds what comes as `FOLDER/0`, `FOLDER/1`...; returns its bytes together."""
        waiting = bytearray()
        number = total = 0
        for piece in data:
            waiting += piece
            total += len(piece)
            if len(waiting) >= PART:
                self.add(f"{folder}/{number}", bytes(waiting))
                number += 1
                waiting.clear()
        if waiting:
            self.add(f"{folder}/{number}", bytes(waiting))
        return total

    def add_file(self, name: str, path: Path) -> int | None:
        """Adds a file as it is at this moment; returns its bytes, None where it has gone since it
        was listed.
        """
        try:
            opened = path.open("rb")
        except FileNotFoundError:
            return None
        with opened as file:
            info = tarfile.TarInfo(name)
            info.size, info.mode = os.fstat(file.fileno()).st_size, 0o600
            summing = _Summing(file, self._check)
            self._tar.addfile(info, summing)  # pyright: ignore[reportArgumentType] - it only reads
        self._sums[name] = summing.digest()
        return info.size

    def finish(self) -> None:
        """Adds the manifest."""
        data = _json(self._sums)
        if len(data) > _LARGEST_JSON:
            raise NotConfigured(
                f"the backup has {len(self._sums):,} parts and files, more than it can name",
                hint="Keep files in an S3-compatible store (COURSEWRIGHT_FILES_URL).",
            )
        self.add(MANIFEST, data)


class _Summing:
    """A file that adds up what is read of it."""

    def __init__(self, file: IO[bytes] | Content, check: Check) -> None:
        self._file = file
        self._check = check
        self._sum = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        self._check()
        data = self._file.read(size)
        self._sum.update(data)
        return data

    def digest(self) -> str:
        return self._sum.hexdigest()


@contextmanager
def written(path: Path, *, check: Check) -> Generator[Writer]:
    """A new archive. It is there when it is whole, and not at all where the block raises.

    `check` is called again and again, and raises where it is to be broken off.

    Raises:
        Conflict: there is such a file.
        NotConfigured: it cannot be written.
        BadRequest: its name ends in something else than .tar, .tar.gz or .tgz.
    """
    packed = _is_packed(path)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    if path.exists():
        raise Conflict(f"{path} is there already", hint="Choose another name, or remove it first.")
    try:
        # Everybody's courses are in it: for nobody's eyes but the owner's.
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                with tarfile.open(fileobj=file, mode="w|gz" if packed else "w|") as tar:
                    writer = Writer(tar, check)
                    yield writer
                    writer.finish()
                file.flush()
                os.fsync(file.fileno())
            unfinished.rename(path)
        finally:
            unfinished.unlink(missing_ok=True)
    except OSError as error:
        raise NotConfigured(
            f"the backup cannot be written: {error.strerror or error}",
            hint="Choose a folder that exists, may be written to and has room.",
        ) from error


Member = tuple[str, Content]


def members(path: Path) -> Generator[Member]:
    """The members in order, each to be read before the next one. Raises `BadRequest`."""
    packed = _is_packed(path)
    try:
        with (
            path.open("rb") as file,
            tarfile.open(fileobj=file, mode="r|gz" if packed else "r|", tarinfo=_Info) as tar,
        ):
            for info in tar:
                # Only as they are: a sparse one could be of any size, and a link lead anywhere.
                plain = info.type in {tarfile.REGTYPE, tarfile.AREGTYPE} and not info.issparse()
                content = tar.extractfile(info) if plain else None
                if content is None or not has_place(info.name):
                    raise _damaged(path, f"{info.name!r} has no place in a backup")
                yield info.name, Content(path, content)
    except _BROKEN as error:
        raise _damaged(path, str(error)) from error
    except OSError as error:
        raise BadRequest(f"{path} cannot be read: {error.strerror or error}") from error


def checked(path: Path, *, check: Check) -> dict[str, Any]:
    """Reads it to the end; returns its header. Raises `BadRequest` unless every byte is right.

    `check` as in `written`.
    """
    sums: dict[str, str] = {}
    header: Any = None
    manifest: Any = None
    for name, content in members(path):
        if manifest is not None:
            raise _damaged(path, "something follows the manifest")
        if name in sums:
            raise _damaged(path, f"{name} is in it twice")
        if name in {HEADER, MANIFEST}:
            data = content.read(_LARGEST_JSON)
            sums[name] = hashlib.sha256(data).hexdigest()
            try:
                value = json.loads(data)
            except ValueError as error:
                raise _damaged(path, f"{name} is no JSON") from error
            if name == HEADER:
                header = value
            else:
                manifest = value
            continue
        summing = _Summing(content, check)
        while summing.read(_BLOCK):
            pass
        sums[name] = summing.digest()
    if not isinstance(header, dict) or manifest is None:
        raise _damaged(path, "it has no header or no manifest, so it is not whole")
    del sums[MANIFEST]
    if sums != manifest:
        wrong = sorted(set(sums.items()) ^ set(dict(manifest).items()))
        raise _damaged(path, f"{wrong[0][0]} is not what was written")
    return header  # pyright: ignore[reportUnknownVariableType] - whoever asks validates it


def has_place(name: str) -> bool:
    """Whether a member is one of ours, and its name stays within the folder that it is put into."""
    parts = PurePosixPath(name).parts
    if any(part in {"..", "/"} or "\\" in part or ":" in part or "\0" in part for part in parts):
        return False
    return name in {HEADER, MANIFEST} or (len(parts) > 1 and parts[0] in _FOLDERS)


def blocks(content: Content) -> Generator[bytes]:
    """A member's bytes."""
    while data := content.read(_BLOCK):
        yield data


def _json(value: object) -> bytes:
    return json.dumps(value, indent=1).encode()


def _is_packed(path: Path) -> bool:
    name = path.name.lower()
    if name.endswith(_PACKED):
        return True
    if name.endswith(_PLAIN):
        return False
    raise BadRequest(
        f"{path.name} does not say how it is packed",
        hint="Let the name end in .tar, or in .tar.gz to have it packed.",
    )


def _damaged(path: Path, why: str) -> BadRequest:
    return BadRequest(
        f"{path} is no usable backup: {why}",
        hint="Use another backup. Nothing was changed.",
    )
