"""Multiple-choice questions: from definitions both ways, from sentences with a gap, from years."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice, zip_longest

from coursewright.authors.extraction import cloze
from coursewright.authors.extraction.analysis import Analysis
from coursewright.authors.extraction.centrality import content_stems
from coursewright.authors.extraction.cloze import Cloze
from coursewright.authors.extraction.definitions import Definition
from coursewright.authors.extraction.distractors import Bank, bank_of, same_start
from coursewright.authors.extraction.sentences import Sentence
from coursewright.authors.extraction.study import question
from coursewright.authors.extraction.text import capitalised, stems
from coursewright.authors.extraction.wording import WORDINGS
from coursewright.course.brief import Brief
from coursewright.course.chapter import Chapter
from coursewright.course.study import GAP, Mcq

_YEAR = re.compile(
    r"\b(?P<before>in|In|of|since|Since|by|By|until|from|en|En|im Jahr|Im Jahr)\s+"
    r"(?P<year>1[0-9]{3}|20[0-4][0-9])\b(?!s|-|–|\s*%)"
)
_ANY_YEAR = re.compile(r"\b(1[0-9]{3}|20[0-9]{2})\b")
_ARTICLE = re.compile(r"\b(a|an) ____", re.IGNORECASE)


def write(brief: Brief, chapter: Chapter, here: Analysis, course: Analysis) -> tuple[Mcq, ...]:
    """Candidates, best first and of mixed kinds; about twice as many as are wanted."""
    bank = bank_of(course)
    gaps = cloze.find(here, course)
    kinds: list[Iterable[Mcq | None]] = [  # pyright: ignore[reportAssignmentType] - generators and lists alike
        (
            _term_of(definition, chapter, bank, here)
            if number % 2 == 0
            else _meaning_of(definition, chapter, bank, here)
            for number, definition in enumerate(here.definitions)
        ),
        (_gap(gap, chapter, bank, here) for gap in gaps),
        _years(chapter, here),
        (
            _meaning_of(definition, chapter, bank, here)
            if number % 2 == 0
            else _term_of(definition, chapter, bank, here)
            for number, definition in enumerate(here.definitions)
        ),
    ]
    # The second way to ask for a term comes last: one question for each term is the rule.
    mixed = chain(_in_turn(kinds[:3]), (item for item in kinds[3] if item is not None))
    return tuple(islice(_each_sentence_once(mixed), 2 * brief.questions_per_chapter + 4))


def _each_sentence_once(items: Iterable[Mcq]) -> Iterator[Mcq]:
    """A sentence with a gap gives one question: a second gap would show what the first one hid."""
    taken: set[str] = set()
    for item in items:
        if GAP in item.stem:
            if item.quotation in taken:
                continue
            taken.add(item.quotation)
        yield item


def _in_turn(kinds: Iterable[Iterable[Mcq | None]]) -> Iterator[Mcq]:
    """One of each kind after the other; nothing is worked out before it is asked for."""
    filled = ((item for item in kind if item is not None) for kind in kinds)
    return (item for round_ in zip_longest(*filled) for item in round_ if item is not None)


def _term_of(definition: Definition, chapter: Chapter, bank: Bank, here: Analysis) -> Mcq | None:
    """Which term means ...?"""
    wrong = bank.terms(definition.term, definition.sentence.text)
    if wrong is None:
        return None
    text = definition.text.rstrip(".")
    stem = WORDINGS[here.language.tag].which_term.format(text=text)
    return _mcq(stem, definition.term, wrong, chapter, definition.sentence, here)


def _meaning_of(definition: Definition, chapter: Chapter, bank: Bank, here: Analysis) -> Mcq | None:
    """What is ...?"""
    wrong = bank.definitions(definition)
    if wrong is None:
        return None
    wording = WORDINGS[here.language.tag]
    stem = question(definition, wording)
    return _mcq(stem, definition.text, wrong, chapter, definition.sentence, here, keep=True)


def _gap(gap: Cloze, chapter: Chapter, bank: Bank, here: Analysis) -> Mcq | None:
    wrong = bank.terms(gap.term, gap.sentence.text)
    if wrong is None or (_ARTICLE.search(gap.text) and not same_start(gap.term, wrong)):
        return None
    return _mcq(gap.text, gap.term, wrong, chapter, gap.sentence, here)


def _years(chapter: Chapter, here: Analysis) -> Iterable[Mcq]:
    every = sorted(
        {int(match["year"]) for item in here.sentences for match in _YEAR.finditer(item.text)}
    )
    for sentence in here.complete:
        matches = list(_YEAR.finditer(sentence.text))
        if len(matches) != 1 or not 8 <= sentence.words <= 34:  # noqa: PLR2004 - as for gaps
            continue
        year = int(matches[0]["year"])
        if sentence.text.count(str(year)) > 1:
            continue
        start, end = matches[0].span("year")
        stem = sentence.text[:start] + GAP + sentence.text[end:]
        there = {int(found) for found in _ANY_YEAR.findall(sentence.text)}
        options = sorted([year, *_near(year, [other for other in every if other not in there])])
        if there & set(options) != {year}:
            continue
        yield _mcq(
            stem,
            str(year),
            [str(option) for option in options if option != year],
            chapter,
            sentence,
            here,
            order=[str(option) for option in options],
        )


def _near(year: int, every: Sequence[int]) -> list[int]:
    """Other years of the same text, the nearest first; else years around. How many of them lie
    before the year differs from year to year, so that the place of the key says nothing.
    """
    others = sorted((abs(other - year), other) for other in every if other != year)
    pool = [other for distance, other in others if distance <= 40]  # noqa: PLR2004 - one lifetime
    step = 2 + year % 4
    pool += [year + step, year - step, year + 2 * step, year - 2 * step, year + 3 * step]
    before = [other for other in dict.fromkeys(pool) if other < year]
    after = [other for other in dict.fromkeys(pool) if other > year]
    count = min(year % 4, len(before))
    chosen = [*before[:count], *after[: 3 - count]]
    return (chosen + [other for other in before + after if other not in chosen])[:3]


def _mcq(
    stem: str,
    key: str,
    wrong: Sequence[str],
    chapter: Chapter,
    sentence: Sentence,
    here: Analysis,
    *,
    keep: bool = False,
    order: Sequence[str] | None = None,
) -> Mcq:
    options = list(order or [key, *wrong])
    index = options.index(key)
    if not keep:
        options = [capitalised(option) for option in options]
    return Mcq(
        stem=stem,
        options=tuple(options),
        key=index,
        explanation=sentence.text,
        objective=_objective(key, stem, chapter, here),
        chapter=chapter.number,
        quotation=sentence.text,
        citations=sentence.citations,
    )


def _objective(key: str, stem: str, chapter: Chapter, here: Analysis) -> str | None:
    """The first objective of the chapter whose terms are all in the question or its answer."""
    asked_for = set(stems(f"{stem} {key}"))
    for objective in chapter.objectives:
        terms = content_stems(objective, here.language) - _FRAME
        if terms and terms <= asked_for:
            return objective
    return None


_FRAME = frozenset(
    [
        "explain",
        "distinguish",
        "summarise",
        "said",
        "erklaren",
        "unterscheiden",
        "begriff",
        "uber",
        "gesagt",
        "expliquer",
        "distinguer",
        "resumer",
        "terme",
        "dit",
        "explicar",
        "distinguir",
        "resumir",
        "termino",
        "dice",
        "zusammenfassen",
    ]
)
