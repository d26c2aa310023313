"""Multiple-choice questions on the text of a chapter."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from coursewright.emulator.chance import Dice
from coursewright.emulator.writing.choosing import distractors
from coursewright.emulator.writing.knowledge import (
    GAP,
    Cloze,
    Definition,
    Knowledge,
    learn,
    question_of,
)
from coursewright.emulator.writing.material import parts_for
from coursewright.emulator.writing.phrases import bare, canonical, capital, carrying
from coursewright.emulator.writing.planting import Planted, Planting, plant
from coursewright.emulator.writing.task import Shown, Task

_USUAL = 5


@dataclass(frozen=True)
class Question:
    """One question, and how it could be asked again."""

    chapter: int
    stem: str
    correct: str
    distractors: tuple[str, ...]
    before: str
    after: str
    """The explanation is what stands before the key, the key, and what stands after it."""
    quotation: str
    again: tuple[str, ...]
    """The same question in other words."""
    objective: int = 0

    def value(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "chapter": self.chapter,
            "stem": self.stem,
            "correct": self.correct,
            "distractors": list(self.distractors),
            "explanation": f"{self.before}{self.correct}{self.after}",
            "objective": self.objective,
            "quotation": self.quotation,
        }


def questions(task: Task, call_id: str, planting: Planting) -> tuple[dict[str, Any], list[Planted]]:
    """As many for each chapter as are asked for, or as its text carries; and what is wrong."""
    wanted, _ = task.count("questions", _USUAL)
    pool = _pool(task)
    made: list[Question] = []
    planted: list[Planted] = []
    for shown in task.chapters:
        dice = Dice(call_id, "questions", shown.number)
        found = _asked(shown, pool, task, dice, wanted)
        spoilt, faults = plant(found, planting, f"{call_id}-{shown.number}")
        made += spoilt
        planted += faults
    return {"questions": [question.value() for question in made]}, planted


@dataclass(frozen=True)
class _Pool:
    """Options for wrong answers."""

    meanings: tuple[str, ...]
    terms: tuple[str, ...]
    words: tuple[str, ...]


def _pool(task: Task) -> _Pool:
    """From all chapters of the prompt, and from what there is on the topic."""
    known = [learn(shown.text) for shown in task.chapters]
    known += [learn(part.text) for part in parts_for(task)] if task.topic else []
    defined = {each.term: each for some in known for each in some.definitions}
    return _Pool(
        tuple(capital(each.brief) for each in defined.values()),
        tuple(defined),
        tuple(dict.fromkeys(gap.missing for some in known for gap in some.gaps)),
    )


def _asked(shown: Shown, pool: _Pool, task: Task, dice: Dice, wanted: int) -> list[Question]:
    known = learn(shown.text)
    avoided = bare(task.orders)
    definitions = dice.shuffled(known.definitions)
    by_kind = zip_longest(
        (_on_meaning(shown, each, pool, dice) for each in definitions),
        (_on_use(shown, known, each, pool, dice) for each in dice.shuffled(known.uses)),
        (_on_term(shown, each, pool, dice) for each in reversed(definitions)),
    )
    found: list[Question] = []
    for group in (*by_kind, *_on_gaps(shown, known, pool, dice)):
        for each in group:
            if each is not None and bare(each.stem) not in avoided:
                found.append(each)
            if len(found) == wanted:
                return found
    return found


def _on_gaps(
    shown: Shown, known: Knowledge, pool: _Pool, dice: Dice
) -> Iterator[tuple[Question | None]]:
    for each in dice.shuffled(known.gaps):
        yield (_on_use(shown, known, each, pool, dice),)


def _on_meaning(shown: Shown, item: Definition, pool: _Pool, dice: Dice) -> Question | None:
    stem = question_of(item)
    wrong = distractors(stem, capital(item.brief), pool.meanings, dice)
    if wrong is None:
        return None
    return Question(
        chapter=shown.number,
        stem=stem,
        correct=capital(item.brief),
        distractors=wrong,
        before=f"The chapter explains {item.named} with these words: ",
        after=".",
        quotation=item.sentence,
        again=(
            f"What exactly {item.verb} {item.named}?",
            f"How does the chapter explain the term “{item.term}”?",
        ),
        objective=_objective(shown, item.term),
    )


def _on_term(shown: Shown, item: Definition, pool: _Pool, dice: Dice) -> Question | None:
    stem = f"Which term does the chapter explain with these words: “{capital(item.brief)}”?"
    if carrying(item.term) & carrying(item.brief):
        return None
    wrong = distractors(stem, item.term, pool.terms, dice)
    if wrong is None:
        return None
    return Question(
        chapter=shown.number,
        stem=stem,
        correct=item.term,
        distractors=wrong,
        before="The words belong to the term “",
        after="”, as the chapter has it.",
        quotation=item.sentence,
        again=(
            f"Which term is explained in the chapter with these words: “{capital(item.brief)}”?",
            f"For which expression does this description stand: “{capital(item.brief)}”?",
        ),
        objective=_objective(shown, item.term),
    )


def _on_use(
    shown: Shown, known: Knowledge, item: Cloze, pool: _Pool, dice: Dice
) -> Question | None:
    kind = "term" if item.is_term else "word"
    gapped = item.gapped.rstrip(".")
    stem = f"Which {kind} completes this sentence: “{gapped}”?"

    def fits(option: str) -> bool:
        return canonical(item.gapped.replace(GAP, option)).strip() in known.canonical

    options: Sequence[str] = pool.terms if item.is_term else _like(item.missing, pool.words)
    wrong = distractors(stem, item.missing, options, dice, fits)
    if wrong is None:
        return None
    return Question(
        chapter=shown.number,
        stem=stem,
        correct=item.missing,
        distractors=wrong,
        before=f"In the chapter the sentence has the {kind} “",
        after="” in this place.",
        quotation=item.sentence,
        again=(
            f"Which {kind} is needed to complete this sentence: “{gapped}”?",
            f"What is missing here: “{gapped}”?",
        ),
        objective=_objective(shown, item.missing),
    )


def _like(word: str, options: Sequence[str]) -> list[str]:
    """Words with the same ending, as far as there are enough of them."""
    same = [option for option in options if option[-2:] == word[-2:]]
    return same if len(same) > _USUAL else list(options)


def _objective(shown: Shown, term: str) -> int:
    """The number of the first objective that names the term; 0 for none."""
    named = (at for at, aim in enumerate(shown.objectives, start=1) if bare(term) in bare(aim))
    return next(named, 0)
