"""Which pieces a course consists of, and which needs which. This is the one place that says so.

outline ──> chapter/1..N ──> flashcards/1..N
                         ├─> mcqs/1..N
                         └─> glossary/1..N ──> word_games
            all chapters (and glossaries, for the built-in author) ──> article/*, suggestions
            all chapters                ──> audio_script/*
"""

from coursewright.course.article import ArticleType, AudioType
from coursewright.course.outline import Outline
from coursewright.course.pieces import PieceKind, PiecePlan, PieceState, piece_key
from coursewright.database.pieces import Piece

OUTLINE = PiecePlan.of(PieceKind.OUTLINE)


def plan_course(outline: Outline, *, in_order: bool = False) -> tuple[PiecePlan, ...]:
    """Everything that follows from an outline, in the order in which one would read it.

    `in_order`: study items of a chapter come after those of the chapter before, and articles after
    all glossaries. No item is made twice in a course, so who is first decides; in order, the same
    outline gives the same course. Otherwise everything starts as soon as its chapters are there.
    """
    numbers = [chapter.number for chapter in outline.chapters]
    chapters = tuple(piece_key(PieceKind.CHAPTER, number) for number in numbers)
    glossaries = tuple(piece_key(PieceKind.GLOSSARY, number) for number in numbers)
    whole = chapters + (glossaries if in_order else ())
    per_chapter = (PieceKind.FLASHCARDS, PieceKind.MCQS, PieceKind.GLOSSARY)
    return (
        *(PiecePlan.of(PieceKind.CHAPTER, number, needs=(OUTLINE.key,)) for number in numbers),
        *(
            PiecePlan.of(
                kind,
                number,
                needs=(
                    piece_key(PieceKind.CHAPTER, number),
                    *((piece_key(kind, number - 1),) if in_order and number > 1 else ()),
                ),
            )
            for number in numbers
            for kind in per_chapter
        ),
        PiecePlan.of(PieceKind.WORD_GAMES, needs=glossaries),
        *(
            PiecePlan.of(PieceKind.ARTICLE, article_type, needs=whole)
            for article_type in ArticleType
        ),
        *(
            PiecePlan.of(PieceKind.AUDIO_SCRIPT, audio_type, needs=chapters)
            for audio_type in AudioType
        ),
        PiecePlan.of(PieceKind.SUGGESTIONS, needs=whole),
    )


def hard_needs(plan: PiecePlan | Piece) -> tuple[str, ...]:
    """What `plan` cannot be made without. Pieces of its own kind only have to come first."""
    return tuple(key for key in plan.needs if not key.startswith(f"{plan.kind}/"))


def lacking(plan: PiecePlan, states: dict[str, PieceState]) -> str | None:
    """Why `plan` cannot be made although all that it needs is settled; None when it can.

    What belongs to one chapter needs that chapter. What speaks of the whole course makes do with
    the chapters that are there, and needs at least one: a failed piece never sinks the rest.
    """
    needs = hard_needs(plan)
    failed = [key for key in needs if states[key] is not PieceState.DONE]
    done = [key for key in needs if states[key] is PieceState.DONE]
    if not failed or (plan.number is None and _any_chapter(plan, done)):
        return None
    return f"it needs {', '.join(failed)}, which could not be made"


def _any_chapter(plan: PiecePlan, done: list[str]) -> bool:
    wanted = PieceKind.GLOSSARY if plan.kind is PieceKind.WORD_GAMES else PieceKind.CHAPTER
    return any(key.startswith(f"{wanted}/") for key in done)


def is_settled(plan: PiecePlan, states: dict[str, PieceState]) -> bool:
    """Whether nothing that `plan` needs is going to change by itself."""
    return not any(states[key].is_open for key in plan.needs)
