"""Which pieces a course consists of, and which needs which. This is the one place that says so.

outline ──> chapter/1..N ──> flashcards/1..N
                         ├─> mcqs/1..N
                         └─> glossary/1..N ──> word_games
            all chapters and glossaries ──> article/*, suggestions
            all chapters                ──> audio_script/*
"""

from enum import StrEnum
from typing import Self

from coursewright.course.article import ArticleType, AudioType
from coursewright.course.base import Value
from coursewright.course.outline import Outline


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


OUTLINE = PiecePlan.of(PieceKind.OUTLINE)


def plan_course(outline: Outline) -> tuple[PiecePlan, ...]:
    """Everything that follows from an outline, in the order in which one would read it."""
    numbers = [chapter.number for chapter in outline.chapters]
    chapters = tuple(piece_key(PieceKind.CHAPTER, number) for number in numbers)
    glossaries = tuple(piece_key(PieceKind.GLOSSARY, number) for number in numbers)
    per_chapter = (PieceKind.FLASHCARDS, PieceKind.MCQS, PieceKind.GLOSSARY)
    return (
        *(PiecePlan.of(PieceKind.CHAPTER, number, needs=(OUTLINE.key,)) for number in numbers),
        *(
            PiecePlan.of(kind, number, needs=(piece_key(PieceKind.CHAPTER, number),))
            for number in numbers
            for kind in per_chapter
        ),
        PiecePlan.of(PieceKind.WORD_GAMES, needs=glossaries),
        *(
            PiecePlan.of(PieceKind.ARTICLE, article_type, needs=chapters + glossaries)
            for article_type in ArticleType
        ),
        *(
            PiecePlan.of(PieceKind.AUDIO_SCRIPT, audio_type, needs=chapters)
            for audio_type in AudioType
        ),
        PiecePlan.of(PieceKind.SUGGESTIONS, needs=chapters + glossaries),
    )


def lacking(plan: PiecePlan, states: dict[str, PieceState]) -> str | None:
    """Why `plan` cannot be made although all that it needs is settled; None when it can.

    What belongs to one chapter needs that chapter. What speaks of the whole course makes do with
    the chapters that are there, and needs at least one: a failed piece never sinks the rest.
    """
    failed = [key for key in plan.needs if states[key] is not PieceState.DONE]
    done = [key for key in plan.needs if states[key] is PieceState.DONE]
    if not failed or (plan.number is None and _any_chapter(plan, done)):
        return None
    return f"it needs {', '.join(failed)}, which could not be made"


def _any_chapter(plan: PiecePlan, done: list[str]) -> bool:
    wanted = PieceKind.GLOSSARY if plan.kind is PieceKind.WORD_GAMES else PieceKind.CHAPTER
    return any(key.startswith(f"{wanted}/") for key in done)


def is_settled(plan: PiecePlan, states: dict[str, PieceState]) -> bool:
    """Whether nothing that `plan` needs is going to change by itself."""
    return not any(states[key].is_open for key in plan.needs)
