"""Glossary and flashcards: from definitions first, then from sentences with a gap."""

from coursewright.authors.extraction import cloze
from coursewright.authors.extraction.analysis import Analysis
from coursewright.authors.extraction.definitions import Definition
from coursewright.authors.extraction.text import capitalised
from coursewright.authors.extraction.wording import WORDINGS, Wording
from coursewright.course.brief import Brief
from coursewright.course.chapter import Chapter
from coursewright.course.study import Flashcard, GlossaryTerm

_FEW_TERMS = 5
"""With fewer definitions, sentences with a gap help out: they make fair clues for the games."""
_MOST_BACK = 60


def glossary(chapter: Chapter, here: Analysis, course: Analysis) -> tuple[GlossaryTerm, ...]:
    """The terms that the chapter defines."""
    found = [
        GlossaryTerm(
            term=definition.term,
            definition=definition.text,
            chapter=chapter.number,
            quotation=definition.sentence.text,
            citations=definition.sentence.citations,
        )
        for definition in here.definitions
    ]
    if len(found) < _FEW_TERMS:
        known = {item.term for item in found}
        for gap in cloze.find(here, course):
            if gap.term not in known and len(found) < 2 * _FEW_TERMS:
                known.add(gap.term)
                found.append(
                    GlossaryTerm(
                        term=gap.term,
                        definition=gap.text,
                        chapter=chapter.number,
                        quotation=gap.sentence.text,
                        citations=gap.sentence.citations,
                    )
                )
    return tuple(found)


def flashcards(
    brief: Brief, chapter: Chapter, here: Analysis, course: Analysis
) -> tuple[Flashcard, ...]:
    """Cards for the definitions, then cards with a gap; about twice as many as are wanted."""
    wording = WORDINGS[here.language.tag]
    cards = [
        Flashcard(
            front=question(definition, wording),
            back=definition.text,
            chapter=chapter.number,
            quotation=definition.sentence.text,
            citations=definition.sentence.citations,
        )
        for definition in here.definitions
        if len(definition.text.split()) <= _MOST_BACK
    ]
    cards += [
        Flashcard(
            front=gap.text,
            back=capitalised(gap.written),
            chapter=chapter.number,
            quotation=gap.sentence.text,
            citations=gap.sentence.citations,
        )
        for gap in cloze.find(here, course)
    ]
    return tuple(cards[: 2 * brief.flashcards_per_chapter])


def question(definition: Definition, wording: Wording) -> str:
    """What is asked of a definition: `What is a gradient?`, `Who was Jacques Necker?`."""
    is_somebody = definition.person and not definition.collective
    template = wording.who_is if is_somebody else wording.what_is
    return template.format(term=asked(definition), verb=verb(definition))


def objective(definition: Definition, wording: Wording) -> str:
    """What one is able to do who knows the definition."""
    is_somebody = definition.person and not definition.collective
    template = wording.explain_who if is_somebody else wording.explain
    return template.format(term=asked(definition), verb=verb(definition))


def verb(definition: Definition) -> str:
    """The form of `to be` that the source would use."""
    if definition.past:
        return "were" if definition.plural else "was"
    return "are" if definition.plural else "is"


def asked(definition: Definition) -> str:
    """The term as a question asks for it: `a gradient`, `the Enlightenment`, `overfitting`."""
    first = definition.sentence.text.partition(" ")[0]
    named = definition.term[:1].isupper()
    if first.lower() in {"a", "an", "the"} and (named or not definition.plural):
        after = definition.sentence.text[len(first) :].lstrip().lower()
        if after.startswith(definition.term.lower()):
            return f"{first.lower()} {definition.term}"
    return definition.term
