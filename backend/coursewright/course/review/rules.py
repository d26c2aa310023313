"""All rules in one table, for the reference and for whoever shows a rejection."""

from coursewright.course.base import Value
from coursewright.course.review.mcq_rules import MCQ_RULES
from coursewright.course.review.solving import BLIND_SOLVE
from coursewright.course.review.study_rules import CARD_RULES, TERM_RULES
from coursewright.course.review.verdict import ItemKind


class RuleCard(Value):
    """What a rule is called, what it says and why."""

    name: str
    kind: ItemKind
    title: str
    why: str


_TOGETHER = (
    ("duplicate-stem", ItemKind.MCQ, "The course asks nothing twice",
     "The second one tests memory of the first, and hides that there are fewer."),
    ("quiz-key-length", ItemKind.MCQ, "Over a quiz, the key is not the longest or shortest too often",
     "Who notices passes without knowing anything."),
    ("key-position", ItemKind.MCQ, "Over a quiz, the key stands everywhere about equally often",
     "Guessing the same letter is not to pay."),
    (BLIND_SOLVE, ItemKind.MCQ, "Solved without its key, it has exactly that one answer",
     "A wrong key, two right options, or a question beyond the chapter: somebody else finds it."),
    ("duplicate-flashcard", ItemKind.FLASHCARD, "No card twice",
     "Two cards for one thing are learnt twice and reviewed for ever."),
    ("duplicate-term", ItemKind.TERM, "No term twice", "Games and glossary need one meaning a term."),
)  # fmt: skip
RULES: tuple[RuleCard, ...] = (
    *(RuleCard(name=r.name, kind=ItemKind.MCQ, title=r.title, why=r.why) for r in MCQ_RULES),
    *(RuleCard(name=r.name, kind=ItemKind.FLASHCARD, title=r.title, why=r.why) for r in CARD_RULES),
    *(RuleCard(name=r.name, kind=ItemKind.TERM, title=r.title, why=r.why) for r in TERM_RULES),
    *(RuleCard(name=n, kind=kind, title=title, why=why) for n, kind, title, why in _TOGETHER),
)
"""Every name that a `Rejection.rule` can have."""
