"""How much of a document is read before we refuse."""

from typing import Annotated

from pydantic import Field

from coursewright.course.base import Value


class Limits(Value):
    """What one document may take. A document above a limit is refused, never cut in silence."""

    max_bytes: Annotated[int, Field(ge=1)] = 200_000_000
    """Of the file, or of the answer of a web server once it is decompressed."""
    max_pages: Annotated[int, Field(ge=1)] = 2_000
    """Pages of a PDF, slides of a presentation."""
    max_characters: Annotated[int, Field(ge=1)] = 20_000_000
    """Of text that comes out; about 7,000 printed pages."""
    max_blocks: Annotated[int, Field(ge=1)] = 300_000
    """Headings, paragraphs, items and the like that come out."""
    max_unpacked_bytes: Annotated[int, Field(ge=1)] = 500_000_000
    """Of all members of an archive (DOCX, PPTX and EPUB are archives), counted while unpacking."""
    max_ratio: Annotated[int, Field(ge=1)] = 200
    """Unpacked to packed bytes of an archive above 10 MB. Deflate reaches 1,000; prose about 4."""
    max_entries: Annotated[int, Field(ge=1)] = 20_000
    """Members of an archive."""
    seconds: Annotated[float, Field(gt=0)] = 60
    """For fetching one document, and again for reading it."""
    memory_bytes: Annotated[int, Field(ge=100_000_000)] = 1_500_000_000
    """Address space of the process that reads a document (POSIX); about twice what it uses."""
