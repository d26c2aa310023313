"""What is asked for each kind of piece: the prompt, the type of the answer, what is checked."""

import json
import math
from collections.abc import Sequence
from functools import partial
from typing import Any, TypeVar

from pydantic import BaseModel

from coursewright.authors.prompting import reading
from coursewright.authors.prompting.digest import digest, shares, whole
from coursewright.authors.prompting.material import (
    CHAPTER_WORDS,
    SourceSection,
    shown_passages,
    shown_sections,
)
from coursewright.authors.prompting.outputs import (
    ArticleOutput,
    CardsOutput,
    ChapterOutput,
    OutlineOutput,
    QuestionsOutput,
    ScriptOutput,
    SectionOutput,
    SolutionOutput,
    SuggestionsOutput,
    TermsOutput,
)
from coursewright.authors.prompting.prompts import LEVELS, fenced, render
from coursewright.course.article import ArticleType, AudioType
from coursewright.course.brief import Brief
from coursewright.course.chapter import Chapter
from coursewright.course.outline import Outline, OutlineChapter
from coursewright.course.review.verdict import Rejection
from coursewright.course.sources import Passage
from coursewright.course.study import Mcq
from coursewright.providers.request import Request

T = TypeVar("T", bound=BaseModel)

SPARE_CARDS, SPARE_QUESTIONS = 2, 3
"""Asked for beyond what was ordered, since the gate refuses some."""
TERMS = 10
"""Of each chapter's glossary."""
_WORDS_A_CARD, _WORDS_A_QUESTION, _WORDS_A_TERM, _WORDS_AN_ANSWER = 60, 130, 55, 12
_ARTICLE_WORDS, _PODCAST_WORDS, _LECTURE_WORDS = 6_000, 1_500, 800
"""Of chapters in prompts: for an article of the whole course, a podcast, a part of a lecture.
The last two are small because Groq's free tier has 8,000 tokens a minute."""
_MOST_SPOKEN = 1_000
"""Words of a part: a chapter that is to be spoken of at more length is a part of several."""
_SPOKEN_A_MINUTE = 150
"""Words; the usual pace of lectures and audiobooks."""

_BEHIND_OUTLINE, _BEHIND_CHAPTER, _BEHIND_QUESTIONS, _BEHIND_TERMS = 40.0, 20.0, 5.0, 10.0
"""Seconds of work that wait for an answer: what holds up most is asked first."""


def outline(brief: Brief, sections: Sequence[SourceSection]) -> Request[OutlineOutput]:
    """The plan of a course."""
    count = "4 to 8" if brief.chapters is None else str(brief.chapters)
    return _request(
        brief,
        "outline",
        OutlineOutput,
        service="chapter",
        words=300 + 90 * (brief.chapters or 8),
        rank=_BEHIND_OUTLINE,
        check=partial(reading.check_outline, brief),
        count=count,
        sections=shown_sections(sections),
    )


def chapter(
    brief: Brief, plan: Outline, planned: OutlineChapter, passages: Sequence[Passage]
) -> Request[ChapterOutput]:
    """One chapter."""
    least, most = brief.length.words
    return _request(
        brief,
        "chapter",
        ChapterOutput,
        service="chapter",
        words=round(most * 1.2),
        rank=_BEHIND_CHAPTER,
        check=partial(reading.check_sections, brief, least),
        outline=_shown_outline(plan),
        titles=[fenced(each.title) for each in plan.chapters],
        plan=_shown_plan(planned),
        least=least,
        most=most,
        passages=shown_passages(passages),
    )


def chapter_in_parts(
    brief: Brief, plan: Outline, planned: OutlineChapter, passages: Sequence[Passage]
) -> tuple[Request[SectionOutput], ...]:
    """A chapter section by section, for models that write too little at a time."""
    tasks = [
        "the opening. Say what the chapter is about and why it matters.",
        *(f"explain this, with an example: {objective}" for objective in planned.objectives),
        "the end. Sum up what to remember.",
    ]
    words = [round(each / len(tasks)) for each in brief.length.words]
    share = CHAPTER_WORDS // len(tasks)
    return tuple(
        _request(
            brief,
            "section",
            SectionOutput,
            service="chapter",
            words=round(words[1] * 1.2),
            rank=_BEHIND_CHAPTER,
            check=partial(reading.check_section, brief),
            outline=_shown_outline(plan),
            plan=_shown_plan(planned),
            task=fenced(task),
            opening=number == 0,
            least=words[0],
            most=words[1],
            passages=shown_passages(passages, share),
        )
        for number, task in enumerate(tasks)
    )


def flashcards(brief: Brief, chapters: Sequence[Chapter]) -> Request[CardsOutput]:
    """Cards on one or several chapters."""
    count = brief.flashcards_per_chapter + SPARE_CARDS

    def check(output: CardsOutput) -> list[str]:
        text = " ".join(f"{card.front} {card.back}" for card in output.cards)
        numbers = [card.chapter for card in output.cards]
        return reading.check_items("cards", chapters, numbers, brief, text)

    return _request(
        brief,
        "flashcards",
        CardsOutput,
        service="flashcard",
        words=count * _WORDS_A_CARD * len(chapters),
        check=check,
        count=count,
        chapters=[whole(each) for each in chapters],
    )


def mcqs(
    brief: Brief,
    chapters: Sequence[Chapter],
    *,
    count: int | None = None,
    kept: Sequence[Mcq] = (),
    refused: Sequence[Rejection] = (),
) -> Request[QuestionsOutput]:
    """Questions on one or several chapters, or better ones in the place of refused ones."""
    wanted = count or brief.questions_per_chapter + SPARE_QUESTIONS

    def check(output: QuestionsOutput) -> list[str]:
        text = " ".join(f"{item.stem} {item.explanation}" for item in output.questions)
        numbers = [item.chapter for item in output.questions]
        return reading.check_items("questions", chapters, numbers, brief, text)

    return _request(
        brief,
        "mcqs",
        QuestionsOutput,
        service="quiz",
        words=wanted * _WORDS_A_QUESTION * len(chapters),
        rank=_BEHIND_QUESTIONS,
        check=check,
        count=wanted,
        kept=[fenced(each.stem) for each in kept],
        refused=[{"item": fenced(each.item), "reason": fenced(each.reason)} for each in refused],
        chapters=[whole(each) for each in chapters],
    )


def solve(brief: Brief, of: Chapter, questions: Sequence[Mcq]) -> Request[SolutionOutput]:
    """A quiz without its key."""
    quiz = [
        {"number": number, "stem": item.stem, "options": list(item.options)}
        for number, item in enumerate(questions, start=1)
    ]

    def check(output: SolutionOutput) -> list[str]:
        answered = {answer.number for answer in output.answers}
        missing = [str(at) for at in range(1, len(questions) + 1) if at not in answered]
        return [f"`answers` lacks the questions {', '.join(missing)}"] if missing else []

    return _request(
        brief,
        "solve",
        SolutionOutput,
        service="quiz",
        words=len(questions) * _WORDS_AN_ANSWER,
        check=check,
        chapters=[whole(of)],
        quiz=fenced(json.dumps(quiz, ensure_ascii=False, indent=1)),
    )


def glossary(brief: Brief, chapters: Sequence[Chapter]) -> Request[TermsOutput]:
    """The terms of one or several chapters."""

    def check(output: TermsOutput) -> list[str]:
        text = " ".join(item.definition for item in output.terms)
        numbers = [item.chapter for item in output.terms]
        return reading.check_items("terms", chapters, numbers, brief, text)

    return _request(
        brief,
        "glossary",
        TermsOutput,
        service="game",
        words=TERMS * _WORDS_A_TERM * len(chapters),
        rank=_BEHIND_TERMS,
        check=check,
        count=TERMS,
        chapters=[whole(each) for each in chapters],
    )


def article(
    brief: Brief, article_type: ArticleType, plan: Outline, chapters: Sequence[Chapter]
) -> Request[ArticleOutput]:
    """An article about the whole course."""
    each_words = _ARTICLE_WORDS // max(1, len(chapters))
    least, most = {
        ArticleType.DEEP_DIVE: (700, 1_000),
        ArticleType.KEY_TAKEAWAYS: (min(200, 60 * len(chapters) + 60), 90 * len(chapters) + 300),
        ArticleType.FAQ: (400, 900),
    }[article_type]
    return _request(
        brief,
        f"article_{article_type}",
        ArticleOutput,
        service="article",
        words=round(most * 1.2),
        check=partial(reading.check_sections, brief, least),
        outline=_shown_outline(plan),
        chapters=[digest(each, each_words) for each in chapters],
    )


def audio_script(
    brief: Brief, audio_type: AudioType, plan: Outline, chapters: Sequence[Chapter]
) -> tuple[Request[ScriptOutput], ...]:
    """The parts of a script, in order: each fits into the tokens of Groq's minute."""
    if audio_type is AudioType.SHORT_PODCAST:
        each_words = _PODCAST_WORDS // max(1, len(chapters))
        return (_podcast(brief, plan, [digest(each, each_words) for each in chapters]),)
    spoken = audio_type.minutes * _SPOKEN_A_MINUTE // len(chapters)
    parts: list[tuple[str, Chapter]] = []
    for each in chapters:
        shared = shares(each, math.ceil(min(spoken, each.words) / _MOST_SPOKEN))
        names = [f" ({at}/{len(shared)})" for at in range(1, len(shared) + 1)]
        parts += zip((each.title + name * (len(shared) > 1) for name in names), shared, strict=True)
    return tuple(
        _part_of_lecture(brief, plan, parts, part, spoken) for part in range(1, len(parts) + 1)
    )


def lecture_calls(brief: Brief, chapters: int) -> int:
    """About how many calls a lecture takes, before its chapters are written."""
    spoken = min(
        AudioType.FULL_LECTURE.minutes * _SPOKEN_A_MINUTE // chapters, brief.length.words[1]
    )
    return chapters * math.ceil(spoken / _MOST_SPOKEN)


def suggestions(
    brief: Brief, plan: Outline, chapters: Sequence[Chapter]
) -> Request[SuggestionsOutput]:
    """Ideas for the next course."""

    def check(output: SuggestionsOutput) -> list[str]:
        found = reading.read_suggestions(output)
        return [] if found else ["`suggestions` must not be empty"]

    return _request(
        brief,
        "suggestions",
        SuggestionsOutput,
        service="article",
        words=300,
        check=check,
        outline=_shown_outline(plan),
        chapters=[digest(each, 0) for each in chapters],
    )


def _part_of_lecture(
    brief: Brief, plan: Outline, parts: Sequence[tuple[str, Chapter]], part: int, spoken: int
) -> Request[ScriptOutput]:
    """A chapter's share of the lecture, `spoken` words for the whole chapter, of which this may be
    a part; more than the chapter says would be padding.
    """
    _, this = parts[part - 1]
    several = sum(other.number == this.number for _, other in parts)
    spoken = min(spoken // several, this.words)
    least, most = round(spoken * 0.9), round(spoken * 1.1)
    return _request(
        brief,
        "audio_full_lecture",
        ScriptOutput,
        service="audio",
        words=round(most * 1.2),
        check=partial(reading.check_script, brief, least),
        outline=_shown_outline(plan),
        titles=[fenced(title) for title, _ in parts],
        part=part,
        parts=len(parts),
        least=least,
        most=most,
        chapters=[digest(this, _LECTURE_WORDS)],
    )


def _shown_outline(plan: Outline) -> Outline:
    """A plan is a model's answer, which may repeat what a source made it say."""
    return plan.model_copy(
        update={"title": fenced(plan.title), "description": fenced(plan.description)}
    )


def _shown_plan(planned: OutlineChapter) -> OutlineChapter:
    return planned.model_copy(
        update={
            "title": fenced(planned.title.replace('"', "'")),
            "summary": fenced(planned.summary),
            "objectives": tuple(map(fenced, planned.objectives)),
        }
    )


def _podcast(brief: Brief, plan: Outline, chapters: Sequence[Any]) -> Request[ScriptOutput]:
    least, most = 650, 750
    return _request(
        brief,
        "audio_short_podcast",
        ScriptOutput,
        service="audio",
        words=round(most * 1.2),
        check=partial(reading.check_script, brief, least),
        outline=_shown_outline(plan),
        chapters=chapters,
    )


def _request(
    brief: Brief,
    name: str,
    output: type[T],
    *,
    service: str,
    words: int,
    check: Any,
    rank: float = 0.0,
    **values: Any,
) -> Request[T]:
    prompt = render(name, brief=brief, level=LEVELS[brief.level], **values)
    return Request(
        service=service,
        prompt=prompt.name,
        system=prompt.system,
        user=prompt.user,
        output=output,
        words=words,
        tokens_a_word=1.7 if brief.language.split("-")[0] == "en" else 2.5,
        rank=rank,
        check=check,
    )


def part_of_cards(output: CardsOutput, number: int) -> CardsOutput | None:
    """The cards of one chapter."""
    cards = [card for card in output.cards if card.chapter == number]
    return CardsOutput(cards=cards) if cards else None


def part_of_questions(output: QuestionsOutput, number: int) -> QuestionsOutput | None:
    """The questions of one chapter."""
    questions = [item for item in output.questions if item.chapter == number]
    return QuestionsOutput(questions=questions) if questions else None


def part_of_terms(output: TermsOutput, number: int) -> TermsOutput | None:
    """The terms of one chapter."""
    terms = [item for item in output.terms if item.chapter == number]
    return TermsOutput(terms=terms) if terms else None
