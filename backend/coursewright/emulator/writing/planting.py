"""Faults in questions, planted so that one can count how many are found."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from coursewright.emulator.chance import unit
from coursewright.emulator.writing.phrases import bare, reworded

if TYPE_CHECKING:
    from coursewright.emulator.writing.questions import Question

Kind = Literal["wrong_key", "double_key", "duplicate_question"]


@dataclass(frozen=True)
class Planting:
    """Shares of all questions."""

    wrong_keys: float = 0.0
    """The right answer and a wrong one have changed places."""
    double_keys: float = 0.0
    """A wrong answer says what the right one says, in other words."""
    duplicate_questions: float = 0.0
    """A question is asked a second time, in other words."""


@dataclass(frozen=True)
class Planted:
    """A question that is wrong on purpose."""

    kind: Kind
    chapter: int
    stem: str


def plant(
    questions: Sequence["Question"], planting: Planting, seed: str
) -> tuple[list["Question"], list[Planted]]:
    """The questions with the faults in them, the same for the same seed; repetitions come last.

    A key of which no other wording is known carries no double: the next question whose key has
    one gets it, so that the share comes out.
    """
    made: list[Question] = []
    again: list[Question] = []
    found: list[Planted] = []
    owed = 0
    for at, question in enumerate(questions):
        drawn = unit(seed, "planted", at)
        if drawn < planting.wrong_keys:
            made.append(_exchanged(question))
            found.append(Planted("wrong_key", question.chapter, question.stem))
            continue
        drawn -= planting.wrong_keys
        owed += 0 <= drawn < planting.double_keys
        double = _doubled(question) if owed else None
        if double is not None:
            owed -= 1
            made.append(double)
            found.append(Planted("double_key", question.chapter, question.stem))
            continue
        made.append(question)
        if 0 <= drawn - planting.double_keys < planting.duplicate_questions:
            stem = question.again[int(2 * unit(seed, "again", at)) % len(question.again)]
            again.append(replace(question, stem=stem, distractors=question.distractors[::-1]))
            found.append(Planted("duplicate_question", question.chapter, stem))
    return [*made, *again], found


def _exchanged(question: "Question") -> "Question":
    """Quotation and objective stay; the explanation defends the wrong answer, as models do."""
    wrong, *others = question.distractors
    return replace(question, correct=wrong, distractors=(question.correct, *others))


def _doubled(question: "Question") -> "Question | None":
    other = reworded(question.correct)
    if other is None or bare(other) == bare(question.correct):
        return None
    return replace(question, distractors=(question.distractors[0], other, question.distractors[1]))
