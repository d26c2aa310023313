"""What a format is."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from coursewright.course.course import Course

_WINDOWS_NAMES = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)$", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Format:
    """A format that a course can be taken away in. The same course gives the same bytes."""

    name: str
    media_type: str
    extension: str
    purpose: str
    """What it is for, in words for people."""
    export: Callable[[Course], bytes]

    def file_name(self, course: Course) -> str:
        """A name for the file that every file system takes."""
        return f"{file_stem(course.title)}.{self.extension}"


def file_stem(title: str) -> str:
    """`title` as the name of a file: letters and digits of any script, joined by hyphens.

    Never empty, at most 80 bytes of UTF-8, no path, no name that Windows keeps for itself.
    """
    folded = unicodedata.normalize("NFC", title).casefold()
    stem = re.sub(r"[^\w]+", "-", folded).strip("-_")
    stem = stem.encode()[:80].decode(errors="ignore").rstrip("-_") or "course"
    return f"{stem}-course" if _WINDOWS_NAMES.match(stem) else stem
