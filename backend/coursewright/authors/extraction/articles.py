"""Articles out of the chapters' own sentences: takeaways, questions and answers, a deep dive."""

from collections.abc import Sequence

from coursewright.authors.extraction import study
from coursewright.authors.extraction.analysis import Analyses, Analysis
from coursewright.authors.extraction.centrality import top
from coursewright.authors.extraction.languages import Language
from coursewright.authors.extraction.sentences import Sentence
from coursewright.authors.extraction.text import capitalised, stems, to_markdown
from coursewright.authors.extraction.wording import WORDINGS
from coursewright.course.article import Article, ArticleType
from coursewright.course.chapter import Block, Chapter, Section
from coursewright.course.citation import Citation
from coursewright.course.errors import TooLittle

_TAKEAWAYS, _QUESTIONS_A_CHAPTER, _QUESTIONS = 4, 3, 12
_THREADS, _BLOCKS_A_THREAD = 3, 5
_HINT = "Give a source with more running text."


def write(
    article_type: ArticleType,
    chapters: tuple[Chapter, ...],
    analyses: Analyses,
    language: Language,
) -> Article:
    """The article of that type. Raises `TooLittle` when the chapters do not carry it."""
    match article_type:
        case ArticleType.KEY_TAKEAWAYS:
            return _takeaways(chapters, analyses, language)
        case ArticleType.FAQ:
            return _faq(chapters, analyses, language)
        case ArticleType.DEEP_DIVE:
            return _deep_dive(chapters, analyses.of_chapters(chapters, language))


def _takeaways(chapters: Sequence[Chapter], analyses: Analyses, language: Language) -> Article:
    sections: list[Section] = []
    for chapter in chapters:
        here = analyses.of_chapters((chapter,), language)
        best = top([item for item in here.complete if item.speakable], language, _TAKEAWAYS)
        if best:
            lines = "\n".join(f"- {to_markdown(sentence.text)}" for sentence in best)
            block = Block(markdown=lines, citations=cited(best))
            sections.append(Section(heading=chapter.title, blocks=(block,)))
    if not sections:
        raise TooLittle("no sentence of the chapters stands on its own", hint=_HINT)
    return Article(
        article_type=ArticleType.KEY_TAKEAWAYS,
        title=WORDINGS[language.tag].takeaways,
        sections=tuple(sections),
    )


def _faq(chapters: Sequence[Chapter], analyses: Analyses, language: Language) -> Article:
    wording = WORDINGS[language.tag]
    sections: list[Section] = []
    for chapter in chapters:
        here = analyses.of_chapters((chapter,), language)
        for definition in here.definitions[:_QUESTIONS_A_CHAPTER]:
            question = study.question(definition, wording)
            answer = [definition.sentence, *_following(definition.sentence, here, 2)]
            sections.append(Section(heading=question, blocks=(_paragraph(answer),)))
    if len(sections) < _QUESTIONS_A_CHAPTER:
        for chapter in chapters:
            here = analyses.of_chapters((chapter,), language)
            best = top(here.complete, language, 3)
            if best:
                question = wording.what_about.format(term=f"“{chapter.title}”")
                sections.append(Section(heading=question, blocks=(_paragraph(best),)))
    if not sections:
        raise TooLittle("the chapters answer no question in a sentence of its own", hint=_HINT)
    return Article(
        article_type=ArticleType.FAQ, title=wording.faq, sections=tuple(sections[:_QUESTIONS])
    )


def _deep_dive(chapters: Sequence[Chapter], course: Analysis) -> Article:
    """What the course says about its two or three most central terms, gathered in one place."""
    wording = WORDINGS[course.language.tag]
    sections: list[Section] = []
    used: set[int] = set()
    threads: list[str] = []
    for term in _central(course):
        blocks = _thread(term, chapters, course, used)
        if blocks:
            threads.append(term)
            sections.append(Section(heading=capitalised(term), blocks=tuple(blocks)))
        if len(threads) == _THREADS:
            break
    if not sections:
        raise TooLittle("no term runs through the chapters", hint=_HINT)
    terms = ", ".join(threads)
    return Article(
        article_type=ArticleType.DEEP_DIVE,
        title=wording.deep_dive.format(terms=terms),
        sections=tuple(sections),
    )


def _central(course: Analysis) -> list[str]:
    defined = {definition.key: definition.term for definition in course.definitions}
    ranked = sorted(
        course.phrases,
        key=lambda phrase: (-phrase.score * (1.5 if phrase.key in defined else 1.0), phrase.text),
    )
    chosen: list[str] = []
    for phrase in ranked:
        words = set(stems(phrase.text))
        if all(not words & set(stems(other)) for other in chosen):
            chosen.append(defined.get(phrase.key, phrase.text))
    return chosen


def _thread(
    term: str, chapters: Sequence[Chapter], course: Analysis, used: set[int]
) -> list[Block]:
    """The whole paragraphs that speak of `term` most, in the order of the course."""
    key = f" {' '.join(stems(term))} "
    counts: dict[int, int] = {}
    for sentence in course.sentences:
        hits = f" {' '.join(stems(sentence.text))} ".count(key)
        if hits and sentence.unit not in used:
            counts[sentence.unit] = counts.get(sentence.unit, 0) + hits
    blocks = [block for chapter in chapters for block in chapter.blocks]
    best = sorted(counts, key=lambda unit: (-counts[unit], unit))[:_BLOCKS_A_THREAD]
    if len(best) < 2:  # noqa: PLR2004 - one paragraph is no thread
        return []
    used.update(best)
    return [blocks[unit] for unit in sorted(best)]


def _following(sentence: Sentence, here: Analysis, count: int) -> list[Sentence]:
    """The sentences that follow in the same paragraph."""
    after = [
        item
        for item in here.sentences
        if item.unit == sentence.unit
        and sentence.position < item.position <= sentence.position + count
    ]
    return after if sentence.citations == (after[0].citations if after else ()) else []


def _paragraph(sentences: Sequence[Sentence]) -> Block:
    text = " ".join(sentence.text for sentence in sentences)
    return Block(markdown=to_markdown(text), citations=cited(sentences))


def cited(sentences: Sequence[Sentence]) -> tuple[Citation, ...]:
    """The places of all sentences, each once."""
    return tuple(dict.fromkeys(item for sentence in sentences for item in sentence.citations))
