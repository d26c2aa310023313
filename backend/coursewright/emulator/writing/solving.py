"""Answering a quiz from the text of a chapter, without knowing the key."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, cast

from coursewright.emulator.writing.knowledge import GAP, Definition, Knowledge, learn
from coursewright.emulator.writing.phrases import bare, canonical, carrying
from coursewright.emulator.writing.task import Task

_FENCE = re.compile(r"^```(?:json)?[ \t]*\n(.*?)^```", re.DOTALL | re.MULTILINE)
_QUOTED = re.compile(r"[“\"](.+)[”\"]", re.DOTALL)
_LEAST_MEANING = 3
"""Words of a beginning that still say what the whole says."""
_AS_GOOD = 0.98
_SAID, _ON_IT = 0.6, 0.25
"""Shares of the words of an option, and of a question, that one sentence has to hold."""


def solution(task: Task) -> dict[str, Any]:
    """`answers`: for each question of the quiz in the prompt all options that are right."""
    known = learn("\n\n".join(shown.text for shown in task.chapters))
    return {
        "answers": [
            {"number": number, "right": solve(stem, options, known)}
            for number, stem, options in _quiz(task.orders)
        ]
    }


def solve(stem: str, options: Sequence[str], known: Knowledge) -> list[int]:
    """The places of the options that the text makes right; empty where it does not say."""
    if GAP in stem:
        return _filling(stem, options, known)
    asked = canonical(stem)
    for item in sorted(known.definitions, key=lambda each: -len(each.term)):
        meaning = canonical(item.brief)
        if meaning.strip() and meaning in asked:
            return _where(options, partial(_names, item))
    named = bare(stem)
    for item in sorted(known.definitions, key=lambda each: -len(each.term)):
        if bare(item.term) in named:
            found = _where(options, partial(_means, item))
            if found:
                return found
    return _nearest(stem, options, known)


def _where(options: Sequence[str], right: Callable[[str], bool]) -> list[int]:
    return [at for at, option in enumerate(options) if right(option)]


def _names(item: Definition, option: str) -> bool:
    return canonical(option) == canonical(item.term)


def _means(item: Definition, option: str) -> bool:
    said, whole = canonical(option), canonical(item.meaning)
    return said == whole or (len(said.split()) >= _LEAST_MEANING and whole.startswith(said))


def _filling(stem: str, options: Sequence[str], known: Knowledge) -> list[int]:
    quoted = _QUOTED.search(stem)
    sentence = quoted[1] if quoted and GAP in quoted[1] else stem
    return _where(
        options, lambda option: canonical(sentence.replace(GAP, option)) in known.canonical
    )


def _nearest(stem: str, options: Sequence[str], known: Knowledge) -> list[int]:
    """The options that, with the stem, share most of their words with one sentence."""
    asked = carrying(stem)
    told = [carrying(sentence) for sentence in known.sentences]
    scores = [
        max((_score(option, asked, each) for each in told), default=0.0) for option in options
    ]
    best = max(scores, default=0.0)
    return [at for at, score in enumerate(scores) if score and score >= _AS_GOOD * best]


def _score(option: str, asked: frozenset[str], sentence: frozenset[str]) -> float:
    """0 for a sentence that says too little of the option, or nothing of the question."""
    mine, stem = _share(carrying(option), sentence), _share(asked, sentence)
    return mine + stem if mine >= _SAID and stem >= _ON_IT else 0.0


def _share(words: frozenset[str], sentence: frozenset[str]) -> float:
    return len(words & sentence) / len(words) if words else 0.0


def _quiz(text: str) -> list[tuple[int, str, list[str]]]:
    """The questions of the first fence that holds some; what is no question is left out."""
    for block in _FENCE.findall(text):
        try:
            found: object = json.loads(block)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, list):
            return [
                (
                    int(each["number"]),
                    str(each["stem"]),
                    [str(option) for option in each["options"]],
                )
                for each in cast(list[Mapping[str, Any]], found)
                if _is_question(each)
            ]
    return []


def _is_question(value: object) -> bool:
    if not isinstance(value, dict):
        return False
    found = cast(Mapping[str, Any], value)
    return (
        isinstance(found.get("number"), int)
        and isinstance(found.get("stem"), str)
        and isinstance(found.get("options"), list)
    )
