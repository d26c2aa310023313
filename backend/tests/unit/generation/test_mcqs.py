"""Quizzes by an author that can solve them."""

from collections.abc import Sequence
from typing import Any

import pytest

from coursewright.authors.author import Written
from coursewright.course.brief import Brief
from coursewright.course.errors import Blocked, CoursewrightError, OverBudget, Unavailable, Unusable
from coursewright.course.sources import Material
from coursewright.course.study import Mcq
from coursewright.generation.mcqs import generate_mcqs
from unit.course.samples import CHAPTER, mcq


class Author:
    """Writes one good question, and cannot write a second draft."""

    can_solve = True

    def __init__(self, error: CoursewrightError, *, writes: bool = True) -> None:
        self._error, self._writes = error, writes

    async def mcqs(self, *_: object) -> Written[tuple[Mcq, ...]]:
        return Written(value=(mcq() if self._writes else mcq(stem="Nothing asked."),))

    async def mcqs_again(self, *_: object) -> Written[tuple[Mcq, ...]]:
        raise self._error

    async def solve(
        self, _brief: Brief, _chapter: object, questions: Sequence[Mcq]
    ) -> Written[tuple[frozenset[int], ...]]:
        return Written(value=tuple(frozenset({each.key}) for each in questions))


ERRORS = [Blocked("no"), Unavailable("no"), Unusable("no"), OverBudget("no")]


def made(author: Any) -> Any:
    material = Material(sources=(), passages=())
    return generate_mcqs(author, Brief(topic="The cell"), CHAPTER, material)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
async def test_what_is_proven_is_published_where_no_second_draft_comes(
    error: CoursewrightError,
) -> None:
    found = await made(Author(error))
    assert (found.items, found.wanted) == (1, 8), "a short quiz says that it is one"
    with pytest.raises(type(error)):
        await made(Author(error, writes=False))
