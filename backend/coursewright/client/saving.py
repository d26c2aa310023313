"""Files that are saved: there as a whole, or not at all."""

import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from coursewright.course.errors import BadRequest


@contextmanager
def draft(path: Path) -> Generator[IO[bytes]]:
    """A file that takes its place at `path` when the block ends well, and is gone else.

    Raises `BadRequest`: nothing can be written there.
    """
    try:
        with tempfile.NamedTemporaryFile(
            dir=path.parent, prefix=".coursewright-", delete=False
        ) as file:
            unfinished = Path(file.name)
            try:
                yield file
                file.flush()
                unfinished.replace(path)
            except BaseException:
                unfinished.unlink(missing_ok=True)
                raise
    except OSError as error:
        raise BadRequest(
            f"{path} cannot be written: {error.strerror}",
            hint="Give the path of a file, in a folder that is there and has room.",
        ) from error
