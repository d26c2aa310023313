"""Answers of models become values of the domain. Nothing in an answer is trusted.

What is asked of an answer beyond its type is said by the `check_` functions, in sentences for the
model: it gets one chance to mend them.
"""

import re
import unicodedata
from collections.abc import Sequence

from coursewright.authors.extraction.languages import LANGUAGES, detect
from coursewright.authors.prompting.blocks import blocks_of
from coursewright.authors.prompting.material import SourceSection
from coursewright.authors.prompting.outputs import (
    ArticleOutput,
    CardsOutput,
    ChapterOutput,
    OutlineChapterOutput,
    OutlineOutput,
    QuestionsOutput,
    ScriptOutput,
    SectionOutput,
    SolutionOutput,
    SuggestionsOutput,
    TermsOutput,
)
from coursewright.course.article import Article, ArticleType, Suggestion
from coursewright.course.brief import Brief
from coursewright.course.chapter import Block, Chapter, Section
from coursewright.course.citation import Citation
from coursewright.course.outline import Outline, OutlineChapter
from coursewright.course.review.numbers import ordered
from coursewright.course.sources import Passage
from coursewright.course.study import Flashcard, GlossaryTerm, Mcq
from coursewright.course.text import count_words, fold, to_plain

_TITLE = 200
"""Characters."""
_MOST_CHAPTERS, _MOST_OBJECTIVES, _MOST_ITEMS, _MOST_SUGGESTIONS = 60, 6, 200, 8
_LEAST_LENGTH = 0.35
"""Share of the least words asked for below which a text counts as not written."""
_LEAST_SECTION = 60
"""Words."""
_OPTIONS = 4
_SCRIPTS = {
    "am": ("ETHIOPIC",), "ar": ("ARABIC",), "bg": ("CYRILLIC",), "bn": ("BENGALI",),
    "el": ("GREEK",), "fa": ("ARABIC",), "he": ("HEBREW",), "hi": ("DEVANAGARI",),
    "hy": ("ARMENIAN",), "ja": ("CJK", "HIRAGANA", "KATAKANA"), "ka": ("GEORGIAN",),
    "ko": ("HANGUL",), "mr": ("DEVANAGARI",), "ru": ("CYRILLIC",), "ta": ("TAMIL",),
    "th": ("THAI",), "uk": ("CYRILLIC",), "ur": ("ARABIC",), "zh": ("CJK",),
}  # fmt: skip
"""Languages that are known by their script, as the names of its characters begin in Unicode."""
_ENOUGH_LETTERS, _OWN_LETTERS = 200, 0.15
"""Letters, and the share of them below which a text is in another script: technical texts are half
Latin by their names.
"""
_UNDERLINED = re.compile(r"\n[ ]{0,3}(?:=+|-+)[ ]*\Z")
"""The line that makes a heading of the text above it."""
_NO_TEXT = "there is nothing in it that a reader would see"


def check_outline(brief: Brief, output: OutlineOutput) -> list[str]:
    """Whether it is a plan, with as many chapters as were ordered."""
    titles = [read_title(chapter.title) for chapter in output.chapters]
    problems: list[str] = []
    if not titles or not all(titles):
        problems.append("`chapters` must not be empty, and each needs a title")
    elif brief.chapters is not None and len(titles) != brief.chapters:
        problems.append(f"{brief.chapters} chapters were asked for, there are {len(titles)}")
    elif len(titles) > _MOST_CHAPTERS:
        problems.append(f"there are {len(titles)} chapters; at most {_MOST_CHAPTERS} are possible")
    if len({title.casefold() for title in titles}) < len(titles):
        problems.append("two chapters have the same title")
    described = " ".join(f"{each.title}. {each.summary}" for each in output.chapters)
    return problems + _foreign(brief, described)


def read_outline(brief: Brief, output: OutlineOutput, sections: Sequence[SourceSection]) -> Outline:
    """The plan of the course; sections that nobody listed are ignored."""
    return Outline(
        title=title_of(brief, output.title),
        description=fold(output.description),
        chapters=tuple(
            read_planned(number, chapter, sections)
            for number, chapter in enumerate(output.chapters, start=1)
        ),
    )


def title_of(brief: Brief, title: str) -> str:
    """The title of a course; its topic where a model gave none."""
    return read_title(title) or brief.topic[:_TITLE].strip()


def read_planned(
    number: int, output: OutlineChapterOutput, sections: Sequence[SourceSection]
) -> OutlineChapter:
    """One chapter of the plan."""
    named = set(output.source_sections)
    return OutlineChapter(
        number=number,
        title=read_title(output.title),
        summary=fold(output.summary),
        objectives=_texts(output.objectives)[:_MOST_OBJECTIVES],
        passages=tuple(
            passage.id
            for section in sections
            if section.number in named
            for passage in section.passages
        ),
    )


def check_sections(brief: Brief, least: int, output: ChapterOutput | ArticleOutput) -> list[str]:
    """Whether there is a text, of some length, in the right language."""
    text = "\n\n".join(section.markdown for section in output.sections)
    problems = _written(brief, least, text)
    if not problems and not _sections(output.sections, ()):
        problems.append(_NO_TEXT)
    return problems


def check_section(brief: Brief, output: SectionOutput) -> list[str]:
    """Whether a section of a chapter says anything."""
    problems = _written(brief, _LEAST_SECTION, output.markdown)
    return problems or ([] if blocks_of(output.markdown) else [_NO_TEXT])


def read_chapter(
    plan: OutlineChapter, output: ChapterOutput, passages: Sequence[Passage]
) -> Chapter:
    """The chapter; each block cites the passages that it really shares words with."""
    return Chapter(
        number=plan.number,
        title=plan.title,
        objectives=plan.objectives,
        sections=_sections(output.sections, passages),
    )


def read_article(article_type: ArticleType, output: ArticleOutput, otherwise: str) -> Article:
    """The article; `otherwise` is its title where the model gave none."""
    return Article(
        article_type=article_type,
        title=read_title(output.title) or otherwise,
        sections=_sections(output.sections, ()),
    )


def check_script(brief: Brief, least: int, output: ScriptOutput) -> list[str]:
    """Whether there is something to say."""
    problems = _written(brief, least, "\n\n".join(output.paragraphs))
    return problems or ([] if read_script([output]) else [_NO_TEXT])


def read_script(outputs: Sequence[ScriptOutput]) -> tuple[Block, ...]:
    """The paragraphs of all parts, as plain text."""
    spoken = (to_plain(text) for output in outputs for text in output.paragraphs)
    return tuple(Block(markdown=text) for text in filter(None, spoken))


def read_cards(output: CardsOutput, chapter: Chapter) -> tuple[Flashcard, ...]:
    """The cards of one chapter; those without a front or a back are no cards."""
    return tuple(
        Flashcard(
            chapter=chapter.number,
            front=fold(card.front),
            back=fold(card.back),
            quotation=fold(card.quotation),
            citations=_cited(chapter, card.quotation),
        )
        for card in output.cards[:_MOST_ITEMS]
        if card.chapter == chapter.number and fold(card.front) and fold(card.back)
    )


def read_questions(output: QuestionsOutput, chapter: Chapter) -> tuple[Mcq, ...]:
    """The questions of one chapter, the key first: the gate shuffles. Numbers, which it leaves in
    their order, are put into it here: a model is asked for the right one and the wrong ones apart.
    """
    found: list[Mcq] = []
    for item in output.questions[:_MOST_ITEMS]:
        options = _texts((item.correct, *item.distractors))[:_OPTIONS]
        if item.chapter != chapter.number or not fold(item.stem) or not fold(item.correct):
            continue
        if len(options) < 2:  # noqa: PLR2004 - the gate says how many there must be
            continue
        shown = ordered(options)
        known = 0 < item.objective <= len(chapter.objectives)
        found.append(
            Mcq(
                chapter=chapter.number,
                stem=fold(item.stem),
                options=shown,
                key=shown.index(options[0]),
                explanation=fold(item.explanation),
                objective=chapter.objectives[item.objective - 1] if known else None,
                quotation=fold(item.quotation),
                citations=_cited(chapter, item.quotation),
            )
        )
    return tuple(found)


def read_solution(output: SolutionOutput, count: int) -> tuple[frozenset[int], ...]:
    """Which options a solver holds to be right, by question; nothing for one not answered."""
    by_number = {answer.number: frozenset(answer.right) for answer in output.answers}
    return tuple(by_number.get(number, frozenset()) for number in range(1, count + 1))


def read_terms(output: TermsOutput, chapter: Chapter) -> tuple[GlossaryTerm, ...]:
    """The terms of one chapter."""
    return tuple(
        GlossaryTerm(
            chapter=chapter.number,
            term=fold(item.term),
            definition=fold(item.definition),
            quotation=fold(item.quotation),
            citations=_cited(chapter, item.quotation),
        )
        for item in output.terms[:_MOST_ITEMS]
        if item.chapter == chapter.number and fold(item.term) and fold(item.definition)
    )


def check_items(
    what: str, chapters: Sequence[Chapter], numbers: Sequence[int], brief: Brief, text: str
) -> list[str]:
    """Whether each chapter got some; `numbers` are those of the items' chapters."""
    missing = [str(each.number) for each in chapters if each.number not in numbers]
    if missing:
        return [f"there are no {what} for chapter {', '.join(missing)} (`chapter` is its number)"]
    return _foreign(brief, text)


def read_suggestions(output: SuggestionsOutput) -> tuple[Suggestion, ...]:
    """Ideas for the next course, none twice."""
    found: dict[str, Suggestion] = {}
    for item in output.suggestions:
        topic = read_title(item.topic)
        if topic:
            found.setdefault(topic.casefold(), Suggestion(topic=topic, reason=fold(item.reason)))
    return tuple(found.values())[:_MOST_SUGGESTIONS]


def _sections(outputs: Sequence[SectionOutput], passages: Sequence[Passage]) -> tuple[Section, ...]:
    found: list[Section] = []
    for output in outputs:
        named = [passages[at - 1] for at in output.sources if 0 < at <= len(passages)]
        if blocks := blocks_of(output.markdown, named, passages):
            heading = read_title(output.heading)
            found.append(Section(heading=heading, blocks=_without_heading(heading, blocks)))
    return tuple(found)


def _without_heading(heading: str, blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Models begin the text of a section with its heading, asked not to."""
    first = _UNDERLINED.sub("", blocks[0].markdown)
    is_heading = first.startswith("#") or first != blocks[0].markdown
    repeats = is_heading and heading and read_title(first).casefold() == heading.casefold()
    return blocks[1:] if repeats and len(blocks) > 1 else blocks


def _cited(chapter: Chapter, quotation: str) -> tuple[Citation, ...]:
    """What the block cites that a quotation stands in."""
    wanted = fold(to_plain(quotation)).casefold()
    for block in chapter.blocks:
        if wanted and wanted in fold(to_plain(block.markdown)).casefold():
            return block.citations
    return ()


def _texts(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(found for text in texts if (found := fold(text)))


def read_title(text: str) -> str:
    """One line of plain text, not too long."""
    return fold(to_plain(text)).lstrip("#").strip()[:_TITLE].strip()


def _written(brief: Brief, least: int, text: str) -> list[str]:
    words = count_words(text)
    if words < least * _LEAST_LENGTH:
        return [f"the text has {words} words; at least {least} were asked for"]
    return _foreign(brief, text)


def _foreign(brief: Brief, text: str) -> list[str]:
    """Texts in another language, as far as both languages are known here."""
    wanted = brief.language.split("-", maxsplit=1)[0].lower()
    if wanted in _SCRIPTS and "-latn" not in brief.language.lower():
        # Code is English everywhere.
        letters = [char for char in to_plain(text, code=False) if char.isalpha()]
        own = sum(unicodedata.name(char, "").startswith(_SCRIPTS[wanted]) for char in letters)
        if len(letters) >= _ENOUGH_LETTERS and own < _OWN_LETTERS * len(letters):
            return [f"it is not written in `{brief.language}`, but everything must be"]
        return []
    found = detect(text)
    if found is None or found.tag == wanted or wanted not in LANGUAGES:
        return []
    return [f"it is written in {found.name}; everything must be in `{brief.language}`"]
