"""A course for the exports, small and complete; any of its fields can be changed."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from coursewright.course.article import (
    Article,
    ArticleType,
    AudioScript,
    AudioType,
    Suggestion,
)
from coursewright.course.brief import Brief
from coursewright.course.chapter import Block, Chapter, Section
from coursewright.course.citation import Citation
from coursewright.course.course import Course, CourseStatus
from coursewright.course.games import make_games
from coursewright.course.outline import Outline, OutlineChapter
from coursewright.course.sources import Place, Source, SourceKind
from unit.course.samples import CHAPTER, GOOD, card, term

SOURCE = Source(
    id=UUID(int=1),
    kind=SourceKind.URL,
    title="The cell in brief",
    origin="https://example.org/cell_book",
    licence="CC BY-SA 4.0",
    attribution="A. N. Author",
)
CITATION = Citation(
    source_id=SOURCE.id, passage_id=UUID(int=2), place=Place(headings=("Parts",), paragraph=3)
)
CITED = Chapter(
    number=2,
    title="Water",
    objectives=("Explain what osmosis is",),
    sections=(
        Section(
            blocks=(Block(markdown="Water moves.", citations=(CITATION,)),),
        ),
    ),
)
TERMS = (
    term(),
    term("diffusion", "the spreading of particles"),
    term("nucleus", "keeps the DNA"),
    term("ribosome", "builds proteins"),
    term("vacuole", "stores water"),
    term("membrane", "decides what goes in and out"),
)
_SECTION = Section(heading="In short", blocks=(Block(markdown="Cells live."),))


def course(**changes: Any) -> Course:
    """A complete course; or one with changes."""
    made: dict[str, Any] = {
        "id": UUID(int=9),
        "title": "The cell",
        "brief": Brief(topic="Cells"),
        "status": CourseStatus.COMPLETED,
        "author": "builtin",
        "created_at": datetime(2026, 11, 23, 12, 0, tzinfo=UTC),
        "outline": Outline(
            title="The cell",
            description="What cells are.",
            chapters=(
                OutlineChapter(number=1, title="The cell"),
                OutlineChapter(number=2, title="Water"),
            ),
        ),
        "chapters": (CHAPTER, CITED),
        "glossary": TERMS,
        "flashcards": (card(),),
        "mcqs": GOOD[:3],
        "articles": tuple(
            Article(article_type=kind, title=f"About {kind}", sections=(_SECTION,))
            for kind in ArticleType
        ),
        "word_games": make_games(TERMS, seed=1).games,
        "audio_scripts": tuple(
            AudioScript(
                audio_type=kind,
                title=f"Heard: {kind}",
                paragraphs=(Block(markdown="Welcome."), Block(markdown="Cells live.")),
            )
            for kind in AudioType
        ),
        "suggestions": (Suggestion(topic="Viruses", reason="They need cells."),),
        "sources": (SOURCE,),
    }
    return Course.model_validate(made | changes)


def outline_only(**changes: Any) -> Course:
    """A course of which nothing but the plan is made."""
    pieces = (
        "chapters", "glossary", "flashcards", "mcqs", "articles", "word_games", "audio_scripts",
        "suggestions", "sources",
    )  # fmt: skip
    return course(**dict.fromkeys(pieces, ()), **changes)
