"""Questions on several chapters in one call, where the keys have no room for one call each.

Limits count calls, so fewer and larger ones finish sooner when calls are scarce. What was answered
is kept for each chapter as if it had been asked alone: whoever comes back after a crash finds it.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Generic, TypeVar

import structlog
from pydantic import BaseModel

from coursewright.course.brief import Brief
from coursewright.course.chapter import Chapter
from coursewright.course.errors import CoursewrightError
from coursewright.providers.asker import Asker
from coursewright.providers.request import Answer, Asked, Request
from coursewright.providers.scope import Scope, current_scope, making

log = structlog.get_logger()
T = TypeVar("T", bound=BaseModel)

_MOST_WORDS = 4_500
"""Of one answer: longer ones are cut off by some models, and take longer than they save."""
_LONGEST = 30.0
"""Seconds that the first chapter of a group waits for others, or for room."""
_LOOK = 0.25
"""Seconds between looks whether there is room."""


@dataclass(frozen=True, kw_only=True)
class Kind(Generic[T]):
    """What can be asked of several chapters at once."""

    name: str
    build: Callable[[Brief, Sequence[Chapter]], Request[T]]
    part: Callable[[T, int], T | None]
    """What of an answer belongs to the chapter of that number; None where nothing does."""


@dataclass
class _Group:
    """Chapters of one course that wait for one call."""

    members: list[tuple[Scope, Chapter, Request[Any]]] = field(
        default_factory=list[tuple[Scope, Chapter, Request[Any]]]
    )
    task: "asyncio.Task[None] | None" = None


class Batches:
    """Asks alone or together, as the room in the limits has it."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker
        self._groups: dict[tuple[object, ...], _Group] = {}

    async def ask(self, kind: Kind[T], brief: Brief, chapter: Chapter) -> Asked[T]:
        """The answer for one chapter. Raises what `Asker.ask` raises."""
        alone = kind.build(brief, (chapter,))
        scope = current_scope()
        if scope is not None and not await self._is_there(scope, alone):
            key = (scope.course_id, kind.name, brief)
            group = self._groups.get(key)
            if group is not None and self._is_full(group):
                group = None  # it is about to ask; whoever comes later is not to make it larger
            if group is None and self._asker.room(alone.service) < 1:
                group = self._groups[key] = _Group()
                group.task = asyncio.create_task(self._together(key, group, kind, brief))
            if group is not None and group.task is not None:
                group.members.append((scope, chapter, alone))
                await asyncio.shield(group.task)
        return await self._asker.ask(alone)

    async def _is_there(self, scope: Scope, request: Request[Any]) -> bool:
        return await self._asker.answers.find(scope, request.hash) is not None

    async def _together(
        self, key: tuple[object, ...], group: _Group, kind: Kind[T], brief: Brief
    ) -> None:
        """Waits until there is room, then asks for all that have come. It fails silently: then
        each chapter asks alone, and hears itself what is wrong.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + _LONGEST
        try:
            while loop.time() < end and not self._is_full(group):
                await asyncio.sleep(_LOOK)
                if self._asker.room(group.members[0][2].service) >= 1:
                    break
        finally:
            if self._groups.get(key) is group:
                del self._groups[key]
        if len(group.members) > 1:
            try:
                await self._ask(group, kind, brief)
            except CoursewrightError as error:
                log.info("a call for several chapters came to nothing", reason=error.message)

    def _is_full(self, group: _Group) -> bool:
        words = sum(request.words for _, _, request in group.members)
        return bool(group.members) and words + group.members[0][2].words > _MOST_WORDS

    async def _ask(self, group: _Group, kind: Kind[T], brief: Brief) -> None:
        members = sorted(group.members, key=lambda member: member[1].number)
        request = kind.build(brief, [chapter for _, chapter, _ in members])
        with making(members[0][0]):
            asked = await self._asker.ask(request)
        for scope, chapter, alone in members:
            part = kind.part(asked.value, chapter.number)
            if part is not None:
                await self._asker.answers.keep(scope, alone.hash, _share(asked, part, len(members)))


def _share(asked: Asked[Any], part: BaseModel, count: int) -> Answer:
    """A chapter's part of an answer, with its share of what it took."""
    return Answer(
        text=part.model_dump_json(),
        model=asked.model,
        tokens_in=asked.tokens_in // count,
        tokens_out=asked.tokens_out // count,
        cost_usd=asked.cost_usd / Decimal(count),
    )
