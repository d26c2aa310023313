"""Multiple-choice questions, made from a chapter's text and judged by the question gate.

The gate has two parts: rules, which are code, and the blind solve, in which an author that can read
answers the quiz without its keys. What fails is written anew once, then dropped.
"""

from collections.abc import Sequence

from coursewright.authors.author import Author, Usage, Written
from coursewright.course.base import Value
from coursewright.course.brief import Brief
from coursewright.course.chapter import Chapter
from coursewright.course.errors import Blocked, OverBudget, Unavailable, Unusable
from coursewright.course.review import Rejection, review_mcqs
from coursewright.course.review.solving import judge_solution
from coursewright.course.sources import Material
from coursewright.course.study import Mcq
from coursewright.database import study_items
from coursewright.database.pieces import Outcome
from coursewright.database.pool import Connection
from coursewright.generation.chapters import chapter_of
from coursewright.generation.made import Made, Order, Store, admitted


class Draft(Value):
    """Questions that may be published, unless another chapter asks the same in the meantime."""

    questions: tuple[Mcq, ...] = ()
    rejected: tuple[Rejection, ...] = ()
    usage: Usage = Usage()

    def plus(self, other: "Draft") -> "Draft":
        """Both together."""
        return Draft(
            questions=self.questions + other.questions,
            rejected=self.rejected + other.rejected,
            usage=self.usage.plus(other.usage),
        )


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
    draft = await _draft(author, brief, chapter, material, existing, seed)
    return _judge(draft, brief, chapter, existing, seed)


async def make(order: Order) -> Store:
    """Makes the questions of one chapter."""
    async with order.read() as conn:
        chapter = await chapter_of(order, conn)
        known = await _others(order, conn)
    draft = await _draft(
        order.author, order.brief, chapter, await order.material(), known, order.seed
    )

    async def store(conn: Connection) -> Outcome:
        # What other chapters published in the meantime counts as well (docs/decisions/0003).
        made = _judge(draft, order.brief, chapter, await _others(order, conn), order.seed)
        await study_items.replace_mcqs(conn, order.course_id, order.number, made.value)
        return made.outcome(order.author.name)

    return store


async def _others(order: Order, conn: Connection) -> list[Mcq]:
    every = await study_items.list_mcqs(conn, order.course_id)
    return [item for item in every if item.chapter != order.number]


async def _draft(
    author: Author,
    brief: Brief,
    chapter: Chapter,
    material: Material,
    existing: Sequence[Mcq],
    seed: int,
) -> Draft:
    written = await author.mcqs(brief, chapter, material)
    if not author.can_solve:
        return Draft(questions=written.value, usage=written.usage)
    draft = await _proven(author, brief, chapter, written, existing, seed)
    if len(draft.questions) >= brief.questions_per_chapter:
        return draft
    try:
        again = await author.mcqs_again(brief, chapter, draft.questions, draft.rejected)
        better = await _proven(
            author, brief, chapter, again, (*existing, *draft.questions), seed + 1
        )
    except (Blocked, OverBudget, Unavailable, Unusable):
        if not draft.questions:
            raise
        return draft  # a short quiz says that it is one
    return draft.plus(better)


async def _proven(
    author: Author,
    brief: Brief,
    chapter: Chapter,
    written: Written[tuple[Mcq, ...]],
    existing: Sequence[Mcq],
    seed: int,
) -> Draft:
    """What passes the rules, and is answered by its key when somebody solves it blindly."""
    reviewed = review_mcqs(
        written.value, chapter=chapter, language=brief.language, existing=existing, seed=seed
    )
    draft = Draft(rejected=reviewed.rejected, usage=written.usage)
    if not reviewed.accepted:
        return draft
    solved = await author.solve(brief, chapter, reviewed.accepted)
    proven, refused = judge_solution(reviewed.accepted, solved.value)
    return draft.plus(Draft(questions=proven, rejected=refused, usage=solved.usage))


def _judge(
    draft: Draft, brief: Brief, chapter: Chapter, existing: Sequence[Mcq], seed: int
) -> Made[tuple[Mcq, ...]]:
    reviewed = review_mcqs(
        draft.questions,
        chapter=chapter,
        language=brief.language,
        existing=existing,
        seed=seed,
        wanted=brief.questions_per_chapter,
    )
    every = reviewed.model_copy(update={"rejected": draft.rejected + reviewed.rejected})
    written = Written(value=draft.questions, usage=draft.usage)
    return admitted(written, every, wanted=brief.questions_per_chapter, what="question")
