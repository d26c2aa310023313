"""The question gate: what may be published, and why the rest was refused."""

from coursewright.course.review.gate import (
    broken_rules,
    broken_rules_of_quiz,
    review_flashcards,
    review_glossary,
    review_mcqs,
)
from coursewright.course.review.rule import chapter_text, contains_quotation
from coursewright.course.review.rules import RULES, RuleCard
from coursewright.course.review.verdict import ItemKind, Rejection, Reviewed

__all__ = [
    "RULES",
    "ItemKind",
    "Rejection",
    "Reviewed",
    "RuleCard",
    "broken_rules",
    "broken_rules_of_quiz",
    "chapter_text",
    "contains_quotation",
    "review_flashcards",
    "review_glossary",
    "review_mcqs",
]
