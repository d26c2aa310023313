"""The line from something in a course back to the passage that it rests on."""

from uuid import UUID

from coursewright.course.base import Value
from coursewright.course.sources import Passage, Place


class Citation(Value):
    """Points to one passage of one source."""

    source_id: UUID
    passage_id: UUID
    place: Place

    @classmethod
    def of(cls, passage: Passage) -> "Citation":
        """The citation of `passage`."""
        return cls(source_id=passage.source_id, passage_id=passage.id, place=passage.place)
