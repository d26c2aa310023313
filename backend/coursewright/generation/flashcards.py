"""Flashcards, made from a chapter's text."""

from collections.abc import Sequence

from coursewright.authors.author import Author, Written
from coursewright.course.brief import Brief
from coursewright.course.chapter import Chapter
from coursewright.course.review import review_flashcards
from coursewright.course.sources import Material
from coursewright.course.study import Flashcard
from coursewright.database import study_items
from coursewright.generation.made import Made, Order, Store, admitted
from coursewright.generation.study_items import make_items


async def generate_flashcards(
    author: Author,
    brief: Brief,
    chapter: Chapter,
    material: Material,
    *,
    existing: Sequence[Flashcard] = (),
) -> Made[tuple[Flashcard, ...]]:
    """Cards on a chapter that pass the gate.

    None is like one of `existing`, which the course has already. Raises `TooLittle` when not a
    single one passes.
    """
    written = await author.flashcards(brief, chapter, material)
    return _judge(written, brief, chapter, existing)


async def make(order: Order) -> Store:
    """Makes the flashcards of one chapter."""
    return await make_items(
        order,
        write=order.author.flashcards,
        judge=lambda written, chapter, others: _judge(written, order.brief, chapter, others),
        list_all=study_items.list_flashcards,
        replace=study_items.replace_flashcards,
    )


def _judge(
    written: Written[tuple[Flashcard, ...]],
    brief: Brief,
    chapter: Chapter,
    existing: Sequence[Flashcard],
) -> Made[tuple[Flashcard, ...]]:
    reviewed = review_flashcards(
        written.value,
        chapter=chapter,
        language=brief.language,
        existing=existing,
        wanted=brief.flashcards_per_chapter,
    )
    return admitted(written, reviewed, wanted=brief.flashcards_per_chapter, what="flashcard")
