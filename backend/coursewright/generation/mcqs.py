"""Multiple-choice questions, made from a chapter's text and judged by the question gate."""

from collections.abc import Sequence

from coursewright.authors.author import Author, Written
from coursewright.course.brief import Brief
from coursewright.course.chapter import Chapter
from coursewright.course.review import review_mcqs
from coursewright.course.sources import Material
from coursewright.course.study import Mcq
from coursewright.database import study_items
from coursewright.generation.made import Made, Order, Store, admitted
from coursewright.generation.study_items import make_items


async def generate_mcqs(
    author: Author,
    brief: Brief,
    chapter: Chapter,
    material: Material,
    *,
    existing: Sequence[Mcq] = (),
    seed: int = 0,
) -> Made[tuple[Mcq, ...]]:
    """Questions on a chapter that pass the gate, their options shuffled by `seed`.

    None is like one of `existing`, which the course has already. Raises `TooLittle` when not a
    single one passes.
    """
    written = await author.mcqs(brief, chapter, material)
    return _judge(written, brief, chapter, existing, seed)


async def make(order: Order) -> Store:
    """Makes the questions of one chapter."""
    return await make_items(
        order,
        write=order.author.mcqs,
        judge=lambda written, chapter, others: _judge(
            written, order.brief, chapter, others, order.seed
        ),
        list_all=study_items.list_mcqs,
        replace=study_items.replace_mcqs,
    )


def _judge(
    written: Written[tuple[Mcq, ...]],
    brief: Brief,
    chapter: Chapter,
    existing: Sequence[Mcq],
    seed: int,
) -> Made[tuple[Mcq, ...]]:
    reviewed = review_mcqs(
        written.value,
        chapter=chapter,
        language=brief.language,
        existing=existing,
        seed=seed,
        wanted=brief.questions_per_chapter,
    )
    return admitted(written, reviewed, wanted=brief.questions_per_chapter, what="question")
