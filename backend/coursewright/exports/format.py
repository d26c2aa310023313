"""What a format is."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from coursewright.course.course import Course

_WINDOWS_NAMES = re.compile(r"^(con|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³])$", re.IGNORECASE)


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
    folded = unicodedata.normalize("NFC", title.casefold())
    # Vowels of many scripts are marks that `\w` does not take for part of a word.
    kept = [char if char.isalnum() or _is_mark(char) else "-" for char in folded]
    stem = re.sub(r"-+", "-", "".join(kept)).strip("-")
    stem = stem.encode()[:80].decode(errors="ignore").rstrip("-") or "course"
    return f"{stem}-course" if _WINDOWS_NAMES.match(stem) else stem


def _is_mark(char: str) -> bool:
    return unicodedata.category(char) in {"Mn", "Mc"}
