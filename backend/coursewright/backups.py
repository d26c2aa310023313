"""`backup` and `restore`: the whole database and the files in one file, and back."""

import os
import tempfile
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Literal
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow
from pydantic import ValidationError

from coursewright import __version__, archive
from coursewright.course.base import Value
from coursewright.course.errors import BadRequest, Conflict, NotConfigured
from coursewright.database import dump
from coursewright.database.dump import Structure, Table
from coursewright.files.folder import UNFINISHED

FILES = "files"
"""The folder below the data folder where uploads and audio are kept."""


class Header(Value):
    """What a backup says of itself."""

    kind: Literal["coursewright-backup"] = "coursewright-backup"
    form: Literal[1] = 1
    """Of the file itself; another number is another form."""
    version: str
    """The program's."""
    at: datetime
    structure: Structure
    sequences: dict[str, int]


class Done(Value):
    """What a backup or a restoration came to."""

    tables: int
    bytes_of_rows: int
    files: int
    bytes_of_files: int


def _go_on() -> None:
    """Nobody wants it to be broken off."""


def back_up(
    admin_url: str,
    data_dir: Path,
    path: Path,
    *,
    now: datetime,
    check: archive.Check = _go_on,
) -> Done:
    """Writes everything into one file. The service may go on meanwhile.

    `check` is called again and again; what it raises breaks it off, and no file is left.

    Raises:
        Conflict: there is such a file.
        NotConfigured: it cannot be written, or the login may not read everything.
        BadRequest: the file's name says nothing of its form.
        DatabaseGone: the database does not answer.
    """
    folder = data_dir / FILES
    rows = files = of_files = 0
    with archive.written(path, check=check) as writer, dump.connected(admin_url) as connection:
        with dump.snapshot(connection):
            built = dump.structure(connection)
            header = Header(
                version=__version__,
                at=now,
                structure=built,
                sequences=dump.sequences(connection),
            )
            writer.add_json(archive.HEADER, header.model_dump(mode="json"))
            for table in filter(_is_kept, built.tables):
                rows += writer.add_parts(f"rows/{table.title}", dump.copy_out(connection, table))
        for each in _files(folder):
            size = writer.add_file(f"{FILES}/{each.relative_to(folder).as_posix()}", each)
            if size is not None:  # else it was deleted meanwhile, as the service may
                of_files += size
                files += 1
    tables = sum(map(_is_kept, built.tables))
    return Done(tables=tables, bytes_of_rows=rows, files=files, bytes_of_files=of_files)


def restore(
    admin_url: str,
    data_dir: Path,
    path: Path,
    *,
    owner: UUID,
    replace: bool = False,
    check: archive.Check = _go_on,
) -> Done:
    """Puts back what `back_up` has written: all of it, or nothing. Whoever was signed in has to
    sign in anew, and links to files that were signed before open nothing any more.

    Args:
        admin_url: a login that owns the tables; they are there, and nobody works on them.
        data_dir: the files go below it.
        path: the backup.
        owner: the local user, who may be there before.
        replace: whether what is there may be thrown away.
        check: as in `back_up`; broken off, nothing has changed.

    Raises:
        BadRequest: the file is not a whole backup.
        NotConfigured: it is of another version, the login may not do it, or the files cannot be
            written.
        Conflict: something is there already, or somebody works on it.
    """
    header = _header(path, check)
    try:
        return _put_back(
            admin_url, data_dir, path, header, owner=owner, replace=replace, check=check
        )
    except OSError as error:
        raise NotConfigured(
            f"the files cannot be put back: {error.strerror or error}",
            hint=f"{data_dir} must be a folder that may be written to and has room."
            " Nothing was changed.",
        ) from error


def _put_back(
    admin_url: str,
    data_dir: Path,
    path: Path,
    header: Header,
    *,
    owner: UUID,
    replace: bool,
    check: archive.Check,
) -> Done:
    folder = data_dir / FILES
    with dump.connected(admin_url) as connection:
        built = dump.structure(connection)
        _require_same(header, built)
        dump.require_nobody(connection)
        if not replace:
            dump.require_empty(connection, built.tables, but_for=owner)
            if any(_files(folder)):
                raise Conflict(
                    f"there are files in {folder}",
                    hint="Move them away, or give --replace to throw them away.",
                )
        data_dir.mkdir(parents=True, exist_ok=True)
        # The files are complete beside their place, and are moved right before the rows are there.
        with (
            tempfile.TemporaryDirectory(prefix=".restoring-", dir=data_dir) as unpacked,
            ExitStack() as moved,
            dump.replacing(connection, built.tables),
        ):
            beside = Path(unpacked) / FILES
            tables = {table.title: table for table in filter(_is_kept, built.tables)}
            done = _fill(connection, tables, path, beside, check)
            dump.set_sequences(connection, header.sequences)
            dump.forget_workers(connection)
            moved.enter_context(_moved(beside, folder, aside=Path(unpacked) / "replaced"))
    return done


@contextmanager
def _moved(beside: Path, folder: Path, *, aside: Path) -> Generator[None]:
    """The new files in the place of those that are there; as before where the block raises."""
    with ExitStack() as back:
        if folder.exists():
            folder.rename(aside)
            back.callback(aside.rename, folder)
        if beside.exists():
            beside.rename(folder)
            back.callback(folder.rename, beside)
        yield
        back.pop_all()


def _is_kept(table: Table) -> bool:
    return table.is_kept


def _fill(
    connection: Connection[DictRow],
    tables: dict[str, Table],
    path: Path,
    beside: Path,
    check: archive.Check,
) -> Done:
    rows = files = of_files = filled = 0

    def counted(parts: Iterator[archive.Member]) -> Generator[bytes]:
        nonlocal rows
        for _, content in parts:
            check()
            for block in archive.blocks(content):
                rows += len(block)
                yield block

    for group, parts in groupby(archive.members(path), key=lambda member: _group(member[0])):
        if group.startswith("rows/"):
            table = tables.get(group.removeprefix("rows/"))
            if table is None:
                raise BadRequest(f"{path} has rows of an unknown table: {group}")
            dump.copy_in(connection, table, counted(parts))
            filled += 1
        elif group == FILES:
            beside.mkdir(mode=0o700, exist_ok=True)
            for name, content in parts:
                of_files += _store(beside.parent / name, content, check)
                files += 1
    return Done(tables=filled, bytes_of_rows=rows, files=files, bytes_of_files=of_files)


def _group(name: str) -> str:
    """Parts of a table belong together, and so do all files."""
    return name.rsplit("/", 1)[0] if name.startswith("rows/") else name.split("/", 1)[0]


def _store(path: Path, content: archive.Content, check: archive.Check) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)  # in a folder that is for our account alone
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        for block in archive.blocks(content):
            check()
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
        return file.tell()


def _files(folder: Path) -> Iterator[Path]:
    """All files of the folder, in order; links are no files of ours, nor is what is being sent in
    at this moment.
    """
    if not folder.is_dir():
        return
    for each in sorted(folder.rglob("*")):
        begun = each.relative_to(folder).parts[0] == UNFINISHED
        if not begun and each.is_file() and not each.is_symlink():
            yield each


def _header(path: Path, check: archive.Check) -> Header:
    found = archive.checked(path, check=check)
    if found.get("kind") != "coursewright-backup":
        raise BadRequest(f"{path} is no backup of coursewright")
    if found.get("form") != 1:
        raise NotConfigured(
            f"{path} is a backup in a form that this version does not know",
            hint="Use the version that made it, or a newer one.",
        )
    try:
        return Header.model_validate(found, strict=False)
    except ValidationError as error:
        raise BadRequest(f"{path} is no usable backup: its header is not complete") from error


def _require_same(header: Header, built: Structure) -> None:
    if header.structure != built:
        other = sorted({*header.structure.migrations} ^ {*built.migrations})
        what = f": {other[0].split()[0]} is only in one of them" if other else ""
        raise NotConfigured(
            f"the backup was made by coursewright {header.version} from a database that is built"
            f" in another way than this one of {__version__}{what}",
            hint=f"Install coursewright {header.version}, restore with it, and upgrade then.",
        )
