"""The outline: chapters from the sources' own headings, objectives from their terms."""

from collections import Counter
from collections.abc import Sequence
from pathlib import PurePath
from uuid import UUID

from coursewright.authors.extraction import cloze, study, units
from coursewright.authors.extraction.analysis import Analysis
from coursewright.authors.extraction.definitions import Definition
from coursewright.authors.extraction.languages import Language, detect, is_foreign, words_of
from coursewright.authors.extraction.relevance import relevant
from coursewright.authors.extraction.sections import ids, parts_of, words_in
from coursewright.authors.extraction.text import capitalised, fold, normal, stems
from coursewright.authors.extraction.units import Unit
from coursewright.authors.extraction.wording import WORDINGS, Wording
from coursewright.course.brief import Brief
from coursewright.course.errors import BadRequest, TooLittle
from coursewright.course.outline import Outline, OutlineChapter
from coursewright.course.sources import Material

LEAST_WORDS = 200
"""Of running text in all sources. Less is not a course."""
_LEAST_TELLING = 4
"""Sentences in a chapter that one could ask about. With fewer there is nothing to learn from it."""
_LONGEST_TITLE = 200
"""Characters that an outline takes."""
_MOST_OBJECTIVES, _TITLE_WORDS, _SUMMARY_WORDS = 4, 9, 60


def write(brief: Brief, material: Material, analysis: Analysis) -> Outline:
    """Plans the course.

    Raises:
        BadRequest: the sources are in another language than the course.
        TooLittle: they hold too little text.
    """
    _check(material, analysis.language)
    parts = relevant(parts_of(material), brief.topic, material)
    arranged = [unit for unit in units.arrange(parts, brief.chapters) if unit.words]
    telling = _telling(analysis)
    chapters = units.join_poor(
        arranged,
        lambda unit: sum(telling[item.id] for item in unit.passages) >= _LEAST_TELLING,
    )
    by_unit = _definitions(chapters, analysis)
    titles = _titles(chapters, analysis)
    planned = tuple(
        OutlineChapter(
            number=number,
            title=title,
            summary=_summary(unit, analysis),
            objectives=_objectives(unit, found, title, analysis),
            passages=ids(unit.passages),
        )
        for number, (unit, found, title) in enumerate(
            zip(chapters, by_unit, titles, strict=True), 1
        )
    )
    if not planned:
        raise _too_little(0)
    return Outline(
        title=_course_title(brief, material),
        description=_summary(chapters[0], analysis),
        chapters=planned,
    )


def _telling(analysis: Analysis) -> Counter[UUID]:
    """For each passage, how many sentences one could ask about."""
    asked = {
        *(item for item in analysis.complete if cloze.usable(item)),
        *(definition.sentence for definition in analysis.definitions),
    }
    return Counter(item.citations[0].passage_id for item in asked)


def _check(material: Material, language: Language) -> None:
    words = words_in(material.passages)
    if words < LEAST_WORDS:
        raise _too_little(words)
    sample = " ".join(item.text for item in material.passages if item.kind.is_prose)[:20_000]
    found = detect(sample)
    if found is not None and found.tag != language.tag:
        raise BadRequest(
            f"the sources are in {found.name}, and the course was asked for in {language.name}:"
            " the built-in author takes its sentences from the sources and cannot translate",
            hint=f"Ask for the course in {found.name} (--language {found.tag}), or use a model.",
        )
    if found is None and is_foreign(sample, language):
        raise BadRequest(
            f"the sources do not seem to be in {language.name}, in which the course was asked for:"
            " the built-in author takes its sentences from the sources and cannot translate",
            hint=f"Give sources in {language.name}, or use a model: it reads and writes any.",
        )


def _too_little(words: int) -> TooLittle:
    return TooLittle(
        f"the sources hold {words} words of running text; a course needs at least {LEAST_WORDS}",
        hint="Give a longer document, or several. Lists, tables and code alone are not enough.",
    )


def _course_title(brief: Brief, material: Material) -> str:
    """The topic, unless that is only the name of the file."""
    names = {normal(PurePath(source.origin).stem) for source in material.sources}
    names |= {normal(PurePath(source.origin).name) for source in material.sources}
    if normal(brief.topic) in names and material.sources[0].title:
        return _short(material.sources[0].title)
    return _short(brief.topic)


def _definitions(chapters: Sequence[Unit], analysis: Analysis) -> list[list[Definition]]:
    """The definitions that stand in each unit, best first."""
    owner = {
        passage.id: number for number, unit in enumerate(chapters) for passage in unit.passages
    }
    found: list[list[Definition]] = [[] for _ in chapters]
    for definition in analysis.definitions:
        number = owner.get(definition.sentence.citations[0].passage_id)
        if number is not None:
            found[number].append(definition)
    return found


def _titles(chapters: Sequence[Unit], analysis: Analysis) -> list[str]:
    wording = WORDINGS[analysis.language.tag]
    titles: list[str] = []
    for unit in chapters:
        title = _joined(unit.titles, wording) or _from_phrases(unit, analysis)
        count = sum(normal(other).startswith(normal(title)) for other in titles)
        titles.append(_short(title, f" ({count + 1})" if count else ""))
    return titles


def _short(title: str, end: str = "") -> str:
    """As long as an outline takes it; cut between words where there is a gap."""
    title = fold(title)
    room = _LONGEST_TITLE - len(end)
    if len(title) > room:
        cut = title[: room - 1]
        title = f"{cut.rpartition(' ')[0] or cut}…"
    return title + end


def _joined(titles: Sequence[str], wording: Wording) -> str:
    distinct = list(dict.fromkeys(title for title in titles if title.strip()))
    if len(distinct) > 1 and sum(len(title.split()) for title in distinct[:2]) <= _TITLE_WORDS:
        second = distinct[1]
        if words_of(second)[:1] and not second.isupper() and second[1:2].islower():
            second = second[0].lower() + second[1:]
        return f"{distinct[0]} {wording.and_} {second}"
    return distinct[0] if distinct else ""


def _from_phrases(unit: Unit, analysis: Analysis) -> str:
    """For text without headings: the phrases that come here more than elsewhere."""
    here = stems(" ".join(passage.text for passage in unit.passages if passage.kind.is_prose))
    text = f" {' '.join(here)} "
    scored = [
        (text.count(f" {phrase.key} ") ** 2 / phrase.count * phrase.score, phrase.text)
        for phrase in analysis.phrases[:200]
    ]
    best = [name for value, name in sorted(scored, key=lambda item: (-item[0], item[1])) if value]
    wording = WORDINGS[analysis.language.tag]
    if len(best) > 1 and not set(stems(best[0])) & set(stems(best[1])):
        return f"{capitalised(best[0])} {wording.and_} {best[1]}"
    if best:
        return capitalised(best[0])
    first = next(passage.text for passage in unit.passages if passage.text.strip())
    return " ".join(first.split()[:6])


def _summary(unit: Unit, analysis: Analysis) -> str:
    """The first sentence that stands alone."""
    here = {passage.id for passage in unit.passages}
    for sentence in analysis.alone:
        if sentence.citations[0].passage_id in here and sentence.words <= _SUMMARY_WORDS:
            return sentence.text
    return ""


def _objectives(
    unit: Unit, found: Sequence[Definition], title: str, analysis: Analysis
) -> tuple[str, ...]:
    wording = WORDINGS[analysis.language.tag]
    objectives: list[str] = []
    pair = _contrast(found)
    if pair is not None:
        objectives.append(wording.distinguish.format(one=pair[0].term, other=pair[1].term))
    for definition in found:
        if pair is not None and definition in pair:
            continue
        objectives.append(study.objective(definition, wording))
        if len(objectives) == _MOST_OBJECTIVES:
            break
    if len(objectives) < 2:  # noqa: PLR2004 - one is no list
        headings = [
            part.path[-1] for part in unit.parts if len(part.path) > unit.depth and part.path[-1]
        ]
        explained = {definition.key for definition in found}
        subjects = [
            subject
            for subject in dict.fromkeys([*headings, title])
            if " ".join(stems(subject)) not in explained
        ][:3]
        objectives += [
            wording.summarise.format(
                term=f"“{subject}”" if analysis.language.tag == "en" else subject
            )
            for subject in subjects
        ]
    return tuple(objectives)


def _contrast(found: Sequence[Definition]) -> tuple[Definition, Definition] | None:
    """Two terms with the same head, such as `supervised learning` and `unsupervised learning`."""
    for number, one in enumerate(found):
        for other in found[number + 1 :]:
            left, right = one.key.split(), other.key.split()
            if len(left) > 1 and len(right) > 1 and left[-1] == right[-1] and left != right:
                return one, other
    return None
