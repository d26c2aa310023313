"""Which kind of text a JSON schema wants, and who writes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from coursewright.emulator.writing.articles import article, suggestions
from coursewright.emulator.writing.chapters import chapter
from coursewright.emulator.writing.outlines import outline
from coursewright.emulator.writing.planting import Planted, Planting
from coursewright.emulator.writing.questions import questions
from coursewright.emulator.writing.scripts import script
from coursewright.emulator.writing.solving import solution
from coursewright.emulator.writing.study import cards, terms
from coursewright.emulator.writing.task import Task, read_task


@dataclass(frozen=True)
class Draft:
    """What an answer should say, before it is made to fit the schema."""

    value: Mapping[str, Any]
    planted: tuple[Planted, ...] = ()


def draft(
    properties: frozenset[str], prompt: str, call_id: str, planting: Planting
) -> Draft | None:
    """An answer to a prompt by the names of the schema's properties.

    None for schemas of another kind, and for prompts that do not show what the answer is about.
    """
    task = read_task(prompt)
    if {"chapter_titles", "chapters"} <= properties and (task.topic or task.sections):
        return Draft(outline(task, call_id))
    if "sections" in properties and task.plan is not None:
        return Draft(chapter(task, call_id))
    if "suggestions" in properties and task.topic:
        return Draft(suggestions(task, call_id))
    return _on_chapters(properties, task, call_id, planting) if task.chapters else None


def _on_chapters(
    properties: frozenset[str], task: Task, call_id: str, planting: Planting
) -> Draft | None:
    if "questions" in properties:
        value, planted = questions(task, call_id, planting)
        return Draft(value, tuple(planted))
    if "cards" in properties:
        return Draft(cards(task, call_id))
    if "terms" in properties:
        return Draft(terms(task, call_id))
    if "answers" in properties:
        return Draft(solution(task))
    if "sections" in properties:
        return Draft(article(task, call_id))
    return Draft(script(task, call_id)) if "paragraphs" in properties else None
