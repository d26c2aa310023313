"""Which pieces a course consists of, and which needs which. This is the one place that says so.

outline ──> chapter/1..N ──> flashcards/1..N
                         ├─> mcqs/1..N
                         └─> glossary/1..N ──> word_games
            all chapters and glossaries ──> article/*, suggestions
            all chapters                ──> audio_script/*
"""

from coursewright.course.article import ArticleType, AudioType
from coursewright.course.outline import Outline
from coursewright.course.pieces import PieceKind, PiecePlan, PieceState, piece_key

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
