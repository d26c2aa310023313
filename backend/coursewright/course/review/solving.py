"""The blind solve: a question stands only if somebody who does not know its key finds it."""

from collections.abc import Sequence

from coursewright.course.review.verdict import ItemKind, Rejection
from coursewright.course.study import Mcq

BLIND_SOLVE = "blind-solve"
_SHOWN = 160
"""Characters of a stem in a rejection, and of an option in its reason."""


def judge_solution(
    questions: Sequence[Mcq], right: Sequence[frozenset[int]]
) -> tuple[tuple[Mcq, ...], tuple[Rejection, ...]]:
    """The questions whose key is what the solver found, and why the others are refused.

    Args:
        questions: as they were solved.
        right: for each of them the indices of the options that the solver holds to be right.
    """
    proven: list[Mcq] = []
    refused: list[Rejection] = []
    for question, found in zip(questions, right, strict=True):
        if found == frozenset({question.key}):
            proven.append(question)
        else:
            refused.append(
                Rejection(
                    kind=ItemKind.MCQ,
                    item=_short(question.stem),
                    rule=BLIND_SOLVE,
                    reason=_reason(question, found),
                )
            )
    return tuple(proven), tuple(refused)


def _reason(question: Mcq, found: frozenset[int]) -> str:
    options = [question.options[at] for at in sorted(found) if 0 <= at < len(question.options)]
    if not options:
        return "solved without the key, the chapter gives no option as the right one"
    if question.key in found:
        return f"solved without the key, several options are right: {_quoted(options)}"
    return f"solved without the key, another option is right: {_quoted(options)}"


def _quoted(options: Sequence[str]) -> str:
    return ", ".join(f"“{_short(option)}”" for option in options)


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
