"""What an attempt at a quiz is worth, by what its questions were when it began."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from pydantic import Field

from coursewright.course.base import Value
from coursewright.course.errors import BadRequest
from coursewright.course.json import is_number
from coursewright.database.quiz_attempts import QuizItem, Tried


class Answer(Value):
    """One try at a question. A second one for the same question is a retry."""

    item: UUID
    chosen: Annotated[int, Field(ge=0), is_number] | None = None
    """The index of the option, from 0; None leaves the question open."""


class Scored(Value):
    """An attempt, scored."""

    score: int
    """Questions whose first try was right."""
    total: int
    tried: tuple[Tried, ...]
    missed: tuple[UUID, ...]
    """Questions whose first try was wrong; those that were left open are not among them."""


def score(items: Sequence[QuizItem], answers: Sequence[Answer]) -> Scored:
    """Scores the answers. The first try at a question counts; what comes later is kept with it.

    Raises:
        BadRequest: an answer names a question that is not in the attempt, or an option that the
            question does not have.
    """
    asked = {item.id: item for item in items}
    tries: dict[UUID, list[int]] = {}
    for answer in answers:
        item = asked.get(answer.item)
        if item is None:
            raise BadRequest(
                f"the quiz does not ask the question {answer.item}",
                hint="Answer what the attempt lists under `items`.",
            )
        if answer.chosen is None:
            continue
        if answer.chosen >= len(item.options):
            raise BadRequest(
                f"the question {item.id} has no option {answer.chosen}",
                hint=f"Its options are numbered 0 to {len(item.options) - 1}.",
            )
        tries.setdefault(item.id, []).append(answer.chosen)
    tried = tuple(
        Tried(
            item=item.id,
            chosen=tuple(tries.get(item.id, ())),
            correct=tries.get(item.id, [None])[0] == item.key,
            right_on_retry=item.key in tries.get(item.id, [])[1:] and tries[item.id][0] != item.key,
        )
        for item in items
    )
    return Scored(
        score=sum(each.correct for each in tried),
        total=len(items),
        tried=tried,
        missed=tuple(each.item for each in tried if each.chosen and not each.correct),
    )
