"""Courses out of documents that nobody here wrote."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from pydoc_data.topics import topics

import pytest

from coursewright.course.course import Course, CourseStatus
from coursewright.course.games.solvers import check
from coursewright.course.review import broken_rules, broken_rules_of_quiz
from coursewright.course.sources import PassageKind
from coursewright.course.text import normal, to_plain
from coursewright.database.pool import Database
from coursewright.sources import Document, read_source
from support.workshop import Workshop, open_workshop

PYTHON = ("execmodel", "objects", "class", "exceptions", "naming", "import", "types", "compound")
"""Chapters of the Python reference, which comes with every Python."""
DEBIAN = (
    "/usr/share/doc/debian-handbook/html/en-US/apt.html",
    "/usr/share/doc/debian-handbook/html/en-US/unix-services.html",
    "/usr/share/doc/postgresql-doc-15/html/transaction-iso.html",
    "/usr/share/doc/python3.11/html/howto/sockets.html",
    "/usr/share/doc/python3.11/html/tutorial/classes.html",
    "/usr/share/doc/debian-policy/policy.epub",
)
"""Where these packages are installed; the tests say so where they are not."""


@pytest.fixture
async def workshop(database: Database) -> AsyncIterator[Workshop]:
    async with open_workshop(database) as opened:
        yield opened


@pytest.fixture
def python_reference(tmp_path: Path) -> Path:
    """A real text of about 17,000 words."""
    path = tmp_path / "python-reference.txt"
    found = [topics[name] for name in PYTHON if name in topics]
    path.write_text("\n\n".join(found), encoding="utf-8")
    return path


async def made(workshop: Workshop, path: Path) -> tuple[Course, Document]:
    document = await read_source(path)
    course_id = await workshop.order([document])
    async with asyncio.timeout(120):
        return await workshop.settled(course_id), document


def check_course(course: Course, document: Document) -> None:
    """Everything that is promised of a course out of a document."""
    assert course.status is CourseStatus.COMPLETED, course.missing
    assert len(course.flashcards) >= 10
    assert len(course.mcqs) >= 8
    assert len(course.articles) == 3
    assert len(course.audio_scripts) == 2
    assert course.suggestions
    assert len(course.word_games) == 6
    for game in course.word_games:
        assert not check(game, course.glossary), game.kind
    chapters = {chapter.number: chapter for chapter in course.chapters}
    for item in course.mcqs:
        broken = broken_rules(item, chapter=chapters[item.chapter], language="en")
        assert not broken, (item, broken)
    assert not broken_rules_of_quiz(course.mcqs)
    check_sentences(course, document)
    check_citations(course, document)


def check_sentences(course: Course, document: Document) -> None:
    """Every sentence of a chapter is found in the source, word for word."""
    text = f" {normal(' '.join(passage.text for passage in document.passages))} "
    lost = [
        sentence
        for chapter in course.chapters
        for block in chapter.blocks
        if not block.markdown.startswith(("```", "~~~", "|", "$$"))
        for sentence in re.split(r"(?<=[.!?])\s+", to_plain(block.markdown))
        if f" {normal(sentence)} " not in text and normal(sentence)
    ]
    assert not lost


def check_citations(course: Course, document: Document) -> None:
    """Every block says where it is from, and that passage holds its words."""
    passages = {passage.id: passage for passage in document.passages}
    for chapter in course.chapters:
        for block in chapter.blocks:
            assert block.citations, block
            cited = " ".join(passages[item.passage_id].text for item in block.citations)
            kinds = {passages[item.passage_id].kind for item in block.citations}
            if kinds <= {PassageKind.PARAGRAPH, PassageKind.LIST_ITEM}:
                assert normal(to_plain(block.markdown)) == normal(cited)


async def test_the_python_reference_becomes_a_course(
    workshop: Workshop, python_reference: Path
) -> None:
    course, document = await made(workshop, python_reference)

    check_course(course, document)
    assert len(course.chapters) >= 3


@pytest.mark.parametrize("name", DEBIAN, ids=lambda name: name.rsplit("/", 1)[-1])
async def test_documentation_of_debian_becomes_a_course(workshop: Workshop, name: str) -> None:
    path = Path(name)
    if not path.exists():  # noqa: ASYNC240 - a test may wait for a disk
        pytest.skip(f"{path.parts[4]} is not installed")
    course, document = await made(workshop, path)

    check_course(course, document)


async def test_the_same_document_gives_the_same_course(
    workshop: Workshop, python_reference: Path
) -> None:
    first, _ = await made(workshop, python_reference)
    second, _ = await made(workshop, python_reference)

    def words(course: Course) -> Sequence[object]:
        # Seeds follow the course's id, so options and games come in another order.
        return (
            course.chapters,
            course.flashcards,
            course.glossary,
            course.articles,
            course.audio_scripts,
            {item.stem: sorted(item.options) for item in course.mcqs},
        )

    assert words(first) == words(second)


async def test_several_documents_become_one_course(workshop: Workshop, tmp_path: Path) -> None:
    documents: list[Document] = []
    for name in ("class", "exceptions", "import"):
        path = tmp_path / f"{name}.txt"
        path.write_text(topics[name], encoding="utf-8")
        documents.append(await read_source(path))
    course_id = await workshop.order(documents)

    course = await workshop.settled(course_id)

    assert course.status in {CourseStatus.COMPLETED, CourseStatus.INCOMPLETE}
    cited = {
        item.source_id
        for chapter in course.chapters
        for block in chapter.blocks
        for item in block.citations
    }
    assert len(cited) >= 2
    assert cited <= {document.source.id for document in documents}
