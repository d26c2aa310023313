"""What a piece of a course is: one thing to be made, with a state of its own."""

from enum import StrEnum
from typing import Self

from coursewright.course.base import Value


class PieceKind(StrEnum):
    """What kind of thing a piece is. One generator makes each kind."""

    OUTLINE = "outline"
    CHAPTER = "chapter"
    FLASHCARDS = "flashcards"
    MCQS = "mcqs"
    GLOSSARY = "glossary"
    WORD_GAMES = "word_games"
    ARTICLE = "article"
    AUDIO_SCRIPT = "audio_script"
    SUGGESTIONS = "suggestions"


class PieceState(StrEnum):
    """The state of one piece."""

    WAITING = "waiting"
    """For the pieces that it needs."""
    READY = "ready"
    """A job is queued for it."""
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    HELD = "held"
    """For a person, who looks at the outline first and says when to go on."""

    @property
    def is_open(self) -> bool:
        """Whether something is still going to happen by itself."""
        return self in {PieceState.WAITING, PieceState.READY, PieceState.RUNNING}


class PiecePlan(Value):
    """A piece before it is made."""

    key: str
    """`chapter/3`, `article/faq`, `word_games`: unique within a course."""
    kind: PieceKind
    number: int | None = None
    """The chapter's number, for what belongs to one chapter."""
    variant: str | None = None
    """The type of the article or of the audio script."""
    needs: tuple[str, ...] = ()
    """Keys of the pieces that must be settled before this one can start."""

    @classmethod
    def of(
        cls, kind: PieceKind, part: int | StrEnum | None = None, *, needs: tuple[str, ...] = ()
    ) -> Self:
        """The plan of a piece; `part` is a chapter's number or a variant."""
        return cls(
            key=piece_key(kind, part),
            kind=kind,
            number=part if isinstance(part, int) else None,
            variant=str(part) if isinstance(part, StrEnum) else None,
            needs=needs,
        )


def piece_key(kind: PieceKind, part: int | StrEnum | None = None) -> str:
    """The key of a piece, e.g. `chapter/3`."""
    return str(kind) if part is None else f"{kind}/{part}"
