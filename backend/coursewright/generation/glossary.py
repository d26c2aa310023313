"""The glossary: the terms that a chapter explains. The word games are made of it."""

from collections.abc import Sequence

from coursewright.authors.author import Author, Written
from coursewright.course.brief import Brief
from coursewright.course.chapter import Chapter
from coursewright.course.review import review_glossary
from coursewright.course.sources import Material
from coursewright.course.study import GlossaryTerm
from coursewright.database import study_items
from coursewright.generation.made import Made, Order, Store, admitted
from coursewright.generation.study_items import make_items


async def generate_glossary(
    author: Author,
    brief: Brief,
    chapter: Chapter,
    material: Material,
    *,
    existing: Sequence[GlossaryTerm] = (),
) -> Made[tuple[GlossaryTerm, ...]]:
    """The terms of a chapter that pass the gate and that `existing` does not have yet.

    Raises `TooLittle` when there is not a single one.
    """
    return _judge(await author.glossary(brief, chapter, material), brief, chapter, existing)


async def make(order: Order) -> Store:
    """Makes the glossary of one chapter."""
    return await make_items(
        order,
        write=order.author.glossary,
        judge=lambda written, chapter, others: _judge(written, order.brief, chapter, others),
        list_all=study_items.list_glossary,
        replace=study_items.replace_glossary,
    )


def _judge(
    written: Written[tuple[GlossaryTerm, ...]],
    brief: Brief,
    chapter: Chapter,
    existing: Sequence[GlossaryTerm],
) -> Made[tuple[GlossaryTerm, ...]]:
    reviewed = review_glossary(
        written.value, chapter=chapter, language=brief.language, existing=existing
    )
    return admitted(written, reviewed, wanted=None, what="glossary term")
