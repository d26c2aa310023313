"""Every primer that is shipped becomes a good course, with no key and no network."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from coursewright.course.course import CourseStatus
from coursewright.course.games.solvers import check
from coursewright.course.review import broken_rules, broken_rules_of_quiz
from coursewright.database.pool import Database
from coursewright.sources.library import Library, Primer
from support.workshop import Workshop, open_workshop

PRIMERS = Library().primers()


@pytest.fixture
async def workshop(database: Database) -> AsyncIterator[Workshop]:
    async with open_workshop(database) as opened:
        yield opened


@pytest.mark.parametrize("primer", PRIMERS, ids=lambda primer: primer.slug)
async def test_a_primer_becomes_a_complete_course(workshop: Workshop, primer: Primer) -> None:
    course_id = await workshop.order([Library().document(primer)], topic=primer.title)
    async with asyncio.timeout(60):
        course = await workshop.settled(course_id)

    assert course.status is CourseStatus.COMPLETED, course.missing
    assert 5 <= len(course.chapters) <= 8
    assert len(course.mcqs) >= 5 * len(course.chapters)
    assert len(course.flashcards) >= 8 * len(course.chapters)
    assert len(course.glossary) >= 30
    assert len(course.word_games) == 6
    for game in course.word_games:
        assert not check(game, course.glossary), game.kind
    chapters = {chapter.number: chapter for chapter in course.chapters}
    for item in course.mcqs:
        assert not broken_rules(item, chapter=chapters[item.chapter], language="en"), item
    assert not broken_rules_of_quiz(course.mcqs)
    for chapter in course.chapters:
        assert chapter.objectives


@pytest.mark.parametrize("primer", PRIMERS, ids=lambda primer: primer.slug)
def test_a_primer_is_found_by_all_its_names_and_says_whose_it_is(primer: Primer) -> None:
    for name in (primer.title, *primer.aliases):
        assert Library().find(name) == primer
    assert primer.licence == "Apache-2.0"
    assert primer.attribution
    assert primer.summary
    assert 1_800 <= len(primer.text.split()) <= 3_500


def test_there_are_primers_of_different_fields() -> None:
    assert 6 <= len(PRIMERS) <= 8
    assert len({primer.field for primer in PRIMERS}) >= 5
