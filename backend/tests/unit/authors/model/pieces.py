"""A small course, and sources, for tests of what models are asked and answer."""

from uuid import UUID

from coursewright.course.brief import Brief
from coursewright.course.chapter import Block, Chapter, Section
from coursewright.course.outline import Outline, OutlineChapter
from coursewright.course.sources import Material, Passage, PassageKind, Place, Source, SourceKind
from coursewright.course.study import Mcq

BRIEF = Brief(topic="Bread", chapters=2)
SOURCE = UUID(int=7)
TEXTS = (
    "Yeast is a fungus that turns sugar into gas and alcohol while the dough rests.",
    "Gluten is a network of proteins that holds the gas in the dough as it rises.",
    "Salt slows the yeast down and makes the network of gluten stronger.",
)


def passage(number: int, text: str, *headings: str) -> Passage:
    """A paragraph of the source."""
    return Passage(
        id=UUID(int=1_000 + number),
        source_id=SOURCE,
        kind=PassageKind.PARAGRAPH,
        ordinal=number,
        text=text,
        place=Place(headings=headings, paragraph=number),
    )


def material(*passages: Passage) -> Material:
    """What a course is made from."""
    source = Source(id=SOURCE, kind=SourceKind.FILE, title="Notes", origin="notes.md")
    return Material(sources=(source,), passages=passages)


def plan(number: int = 1, **fields: object) -> OutlineChapter:
    """A chapter as planned."""
    values: dict[str, object] = {
        "number": number,
        "title": f"Dough {number}",
        "summary": "How dough rises.",
        "objectives": ("explain what yeast does", "explain what gluten does"),
    }
    return OutlineChapter.model_validate(values | fields)


OUTLINE = Outline(title="Bread", description="On bread.", chapters=(plan(1), plan(2)))


def chapter(number: int = 1, texts: tuple[str, ...] = TEXTS) -> Chapter:
    """A chapter as written."""
    return Chapter(
        number=number,
        title=f"Dough {number}",
        objectives=plan(number).objectives,
        sections=(
            Section(blocks=(Block(markdown=texts[0]),)),
            Section(heading="More", blocks=tuple(Block(markdown=text) for text in texts)),
        ),
    )


def question(stem: str = "What is yeast?", *options: str) -> Mcq:
    """A question; the first option is the key."""
    return Mcq(
        chapter=1, stem=stem, options=options or ("a fungus", "a salt", "a gas", "a stone"), key=0
    )
