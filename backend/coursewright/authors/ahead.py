"""Chapters that are begun while the outline is still being written."""

import asyncio
from collections.abc import Sequence
from typing import Any, cast

import structlog
from pydantic import ValidationError

from coursewright.authors.prompting.material import SourceSection, passages_for
from coursewright.authors.prompting.outputs import OutlineChapterOutput
from coursewright.authors.prompting.reading import read_planned, read_title, title_of
from coursewright.authors.prompting.requests import chapter as chapter_request
from coursewright.course.brief import Brief
from coursewright.course.errors import CoursewrightError
from coursewright.course.outline import Outline, OutlineChapter
from coursewright.course.pieces import PieceKind, piece_key
from coursewright.course.sources import Material
from coursewright.providers.asker import Asker
from coursewright.providers.scope import current_scope, making

log = structlog.get_logger()


class Ahead:
    """Asks for chapters as soon as their plan stands in the stream of the outline.

    That is safe once all titles are there (they come first) and the next chapter's plan has begun:
    then the question is the same that the chapter's own piece will ask, which finds it under way
    or answered. Where the outline changes after all, a call is lost, nothing else.
    """

    def __init__(
        self, asker: Asker, brief: Brief, material: Material, sections: Sequence[SourceSection]
    ) -> None:
        self._asker = asker
        # What was asked for in addition was asked of the outline, not of its chapters.
        self._brief = brief.model_copy(update={"instruction": ""})
        self._material = material
        self._sections = sections
        self._scope = current_scope()
        self._begun = 0
        self._tasks: list[asyncio.Task[None]] = []

    def look(self, partial: dict[str, Any]) -> None:
        """Begins what can be begun. `partial` is what is there of the outline."""
        chapters = partial.get("chapters")
        if self._scope is None or not isinstance(chapters, list):
            return
        there = len(cast("list[Any]", chapters)) - 1  # the last one may be incomplete
        while self._begun < there:
            plan = self._plan(partial, self._begun)
            self._begun += 1
            if plan is not None:
                self._tasks.append(asyncio.create_task(self._ask(*plan)))

    def cancel(self) -> None:
        """There will be no such outline."""
        for task in self._tasks:
            task.cancel()

    def _plan(self, partial: dict[str, Any], at: int) -> tuple[Outline, OutlineChapter] | None:
        """The outline as it will be, as far as a chapter's prompt speaks of it."""
        try:
            output = OutlineChapterOutput.model_validate(partial["chapters"][at])
            titles = [read_title(str(title)) for title in partial["chapter_titles"]]
            planned = read_planned(at + 1, output, self._sections)
            outline = Outline(
                title=title_of(self._brief, str(partial["title"])),
                chapters=tuple(
                    OutlineChapter(number=number, title=title)
                    for number, title in enumerate(titles, start=1)
                ),
            )
        except (ValidationError, LookupError, TypeError):
            return None
        fits = self._brief.chapters in {None, len(titles)} and len(set(titles)) == len(titles)
        return (outline, planned) if fits and planned.title == titles[at] else None

    async def _ask(self, outline: Outline, planned: OutlineChapter) -> None:
        assert self._scope is not None  # noqa: S101 - `look` asks for it
        key = piece_key(PieceKind.CHAPTER, planned.number)
        passages = passages_for(planned, self._material)
        request = chapter_request(self._brief, outline, planned, passages)
        scope = self._scope.model_copy(update={"piece_key": key})
        with making(scope):
            try:
                # The chapter's own piece may come to another worker.
                async with self._asker.answers.asking(scope, request.hash):
                    await self._asker.ask(request)
            except CoursewrightError as error:
                log.debug("a chapter that was begun early came to nothing", reason=error.message)
