"""A course from the order to the end, on a real database."""

import asyncio
from collections import Counter
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql

from coursewright.course.brief import Brief
from coursewright.course.course import CourseStatus
from coursewright.course.errors import Conflict, NotFound
from coursewright.course.games.solvers import check
from coursewright.course.pieces import PieceState
from coursewright.course.review import broken_rules, broken_rules_of_quiz
from coursewright.database import users
from support.workshop import Workshop, primer

TABLES = (
    "course_chapters",
    "course_flashcards",
    "course_mcqs",
    "course_glossary_terms",
    "course_articles",
    "course_word_games",
    "course_audio_scripts",
    "course_suggestions",
)


async def made(workshop: Workshop, course: UUID) -> Counter[str]:
    """How often each piece was made."""
    async with workshop.database.as_user(workshop.user) as conn:
        rows = await conn.execute(
            "select piece_key from course_events where course_id = %s and event = 'piece_done'",
            (course,),
        )
        return Counter(row["piece_key"] for row in await rows.fetchall())


async def test_an_order_becomes_a_complete_course(workshop: Workshop) -> None:
    course_id = await workshop.order(primer(), chapters=3)

    course = await workshop.settled(course_id)

    assert course.status is CourseStatus.COMPLETED
    assert [chapter.number for chapter in course.chapters] == [1, 2, 3]
    assert len(course.flashcards) >= 10
    assert len(course.mcqs) >= 8
    assert len(course.word_games) == 6
    assert {article.article_type for article in course.articles} == {
        "key_takeaways",
        "faq",
        "deep_dive",
    }
    assert {script.audio_type for script in course.audio_scripts} == {
        "short_podcast",
        "full_lecture",
    }
    assert course.suggestions
    assert not course.missing
    assert set((await made(workshop, course_id)).values()) == {1}


async def test_nothing_published_breaks_a_rule(workshop: Workshop) -> None:
    course = await workshop.settled(await workshop.order(primer()))

    chapters = {chapter.number: chapter for chapter in course.chapters}
    for item in course.mcqs:
        assert not broken_rules(item, chapter=chapters[item.chapter], language="en"), item
    assert not broken_rules_of_quiz(course.mcqs)
    for game in course.word_games:
        assert not check(game, course.glossary)


async def test_a_chapter_can_be_read_while_others_are_written(workshop: Workshop) -> None:
    workshop.author.go_on.clear()
    course_id = await workshop.order(primer(), chapters=3)
    await workshop.until(course_id, "piece_done", piece="outline")

    early = await workshop.reading.course(workshop.user, course_id)
    assert early.outline is not None
    assert early.status is CourseStatus.GENERATING
    assert not early.chapters

    workshop.author.go_on.set()
    await workshop.until(course_id, "piece_done", piece="chapter/1")
    assert (await workshop.reading.course(workshop.user, course_id)).chapters


async def test_a_failed_piece_leaves_the_rest_and_is_retried(workshop: Workshop) -> None:
    workshop.author.failing = {"chapter/2"}
    course_id = await workshop.order(primer(), chapters=3)

    course = await workshop.settled(course_id)
    assert course.status is CourseStatus.INCOMPLETE
    assert [chapter.number for chapter in course.chapters] == [1, 3]
    reasons = {piece.key: piece.reason for piece in course.missing}
    assert reasons["chapter/2"] == "there is too little to go on"
    assert {"flashcards/2", "mcqs/2", "glossary/2"} <= set(reasons)

    workshop.author.failing = set()
    await workshop.commands.retry(workshop.user, course_id, "chapter/2")
    course = await workshop.settled(course_id)
    assert course.status is CourseStatus.COMPLETED
    assert [chapter.number for chapter in course.chapters] == [1, 2, 3]
    counted = await made(workshop, course_id)
    assert counted["chapter/1"] == counted["chapter/2"] == 1


async def test_a_fault_of_ours_fails_its_piece_only(workshop: Workshop) -> None:
    workshop.author.crashing = {"mcqs/1"}
    course = await workshop.settled(await workshop.order(primer(), chapters=2))

    assert course.status is CourseStatus.INCOMPLETE
    assert [piece.key for piece in course.missing] == ["mcqs/1"]
    assert "ZeroDivisionError" in course.missing[0].reason


async def test_what_is_cancelled_stops_and_resumes(workshop: Workshop) -> None:
    workshop.author.go_on.clear()
    course_id = await workshop.order(primer(), chapters=3)
    await workshop.until(course_id, "piece_done", piece="outline")

    assert await workshop.commands.cancel(workshop.user, course_id)
    course = await workshop.settled(course_id)
    assert course.status is CourseStatus.CANCELLED
    assert course.outline is not None

    # An attempt that was under way ends late, and is not stored.
    workshop.author.go_on.set()
    await asyncio.sleep(0.3)
    assert not (await workshop.reading.course(workshop.user, course_id)).chapters

    await workshop.commands.resume(workshop.user, course_id)
    assert (await workshop.settled(course_id)).status is CourseStatus.COMPLETED
    assert set((await made(workshop, course_id)).values()) == {1}


@pytest.mark.parametrize("order", ["cancel", "delete"])
async def test_what_is_under_way_is_broken_off_when_nobody_wants_it_any_more(
    workshop: Workshop, order: str
) -> None:
    """A model call that waits for its place would spend the quota of others."""
    workshop.author.go_on.clear()
    other = await workshop.order(primer(1), chapters=1)
    course_id = await workshop.order(primer(), chapters=3)
    for number in (1, 2, 3):
        await workshop.until(course_id, "piece_running", piece=f"chapter/{number}")
    await workshop.until(other, "piece_running", piece="chapter/1")

    await getattr(workshop.commands, order)(workshop.user, course_id)

    async with asyncio.timeout(20):
        while len(workshop.author.broken_off) < 3:  # noqa: ASYNC110 - the author announces nothing
            await asyncio.sleep(0.02)
    workshop.author.go_on.set()
    assert (await workshop.settled(other)).status is CourseStatus.COMPLETED
    assert sorted(workshop.author.broken_off) == ["chapter/1", "chapter/2", "chapter/3"]


async def test_who_goes_on_at_once_is_not_stopped_by_old_news(workshop: Workshop) -> None:
    workshop.author.go_on.clear()
    course_id = await workshop.order(primer(), chapters=3)
    for _ in range(5):
        await workshop.until(course_id, "piece_running", piece="chapter/1")
        await workshop.commands.cancel(workshop.user, course_id)
        await workshop.commands.resume(workshop.user, course_id)
    workshop.author.go_on.set()
    assert (await workshop.settled(course_id)).status is CourseStatus.COMPLETED
    assert set((await made(workshop, course_id)).values()) == {1}


async def test_cancelling_twice_does_nothing_the_second_time(workshop: Workshop) -> None:
    course_id = await workshop.order(primer(), chapters=2)
    await workshop.settled(course_id)

    assert await workshop.commands.cancel(workshop.user, course_id) == 0
    course = await workshop.reading.course(workshop.user, course_id)
    assert course.status is CourseStatus.COMPLETED


async def test_a_piece_made_anew_replaces_the_old_one_only_when_it_stands(
    workshop: Workshop,
) -> None:
    course_id = await workshop.order(primer(), chapters=2)
    before = await workshop.settled(course_id)
    workshop.author.go_on.clear()

    await workshop.commands.regenerate(workshop.user, course_id, "chapter/1")
    await workshop.until(course_id, "piece_running", piece="chapter/1")
    during = await workshop.reading.course(workshop.user, course_id)
    assert during.chapters == before.chapters
    with pytest.raises(Conflict, match="chapter/1 is being made"):
        await workshop.commands.regenerate(workshop.user, course_id, "chapter/1")

    workshop.author.go_on.set()
    after = await workshop.settled(course_id)
    assert after.status is CourseStatus.COMPLETED
    assert len(after.flashcards) == len(before.flashcards)
    assert (await made(workshop, course_id))["chapter/1"] == 2


async def test_a_new_outline_renews_everything(workshop: Workshop) -> None:
    course_id = await workshop.order(primer(), chapters=2)
    await workshop.settled(course_id)

    await workshop.commands.regenerate(workshop.user, course_id, "outline")
    course = await workshop.settled(course_id)

    assert course.status is CourseStatus.COMPLETED
    assert set((await made(workshop, course_id)).values()) == {2}
    assert len(course.chapters) == 2


async def test_a_piece_that_does_not_exist_is_named_with_those_that_do(workshop: Workshop) -> None:
    course_id = await workshop.order(primer(), chapters=2)
    await workshop.settled(course_id)

    with pytest.raises(NotFound) as caught:
        await workshop.commands.regenerate(workshop.user, course_id, "chapter/9")
    assert "chapter/2" in caught.value.hint


async def test_the_same_request_twice_is_one_course(workshop: Workshop) -> None:
    brief = Brief(topic="Twice")
    found = await asyncio.gather(
        *(
            workshop.commands.create(workshop.user, brief, primer(), request_key="one click")
            for _ in range(4)
        ),
        return_exceptions=True,
    )

    ids = {item for item in found if isinstance(item, UUID)}
    assert len(ids) == 1
    assert all(isinstance(item, UUID | Conflict) for item in found)
    await workshop.settled(ids.pop())
    assert len(await workshop.reading.summaries(workshop.user)) == 1


async def test_the_same_topic_twice_at_once_is_two_courses(workshop: Workshop) -> None:
    first, second = await asyncio.gather(
        workshop.order(primer(), chapters=2), workshop.order(primer(), chapters=2)
    )

    assert (await workshop.settled(first)).status is CourseStatus.COMPLETED
    assert (await workshop.settled(second)).status is CourseStatus.COMPLETED


async def test_a_deleted_course_leaves_nothing(workshop: Workshop, admin_url: str) -> None:
    workshop.author.go_on.clear()
    course_id = await workshop.order(primer(), chapters=2)
    await workshop.until(course_id, "piece_done", piece="outline")

    await workshop.commands.delete(workshop.user, course_id)
    workshop.author.go_on.set()
    await asyncio.sleep(0.3)

    with pytest.raises(NotFound):
        await workshop.reading.course(workshop.user, course_id)
    async with await psycopg.AsyncConnection.connect(admin_url) as admin:
        for table in (*TABLES, "course_pieces", "course_events", "source_passages"):
            rows = await admin.execute(sql.SQL("select 1 from {}").format(sql.Identifier(table)))
            assert await rows.fetchall() == [], table


async def test_another_user_sees_and_changes_nothing(workshop: Workshop) -> None:
    course_id = await workshop.order(primer(), chapters=2)
    await workshop.settled(course_id)
    stranger = uuid4()
    await users.ensure(workshop.database, stranger)

    assert await workshop.reading.summaries(stranger) == []
    with pytest.raises(NotFound):
        await workshop.reading.course(stranger, course_id)
    for order in (workshop.commands.cancel, workshop.commands.resume, workshop.commands.delete):
        with pytest.raises(NotFound):
            await order(stranger, course_id)
    with pytest.raises(NotFound):
        await workshop.commands.regenerate(stranger, course_id, "chapter/1")
    assert (await workshop.reading.course(workshop.user, course_id)).chapters


async def test_two_workers_make_nothing_twice(workshop: Workshop) -> None:
    workshop.employ()
    courses = [await workshop.order(primer(), chapters=3) for _ in range(3)]

    for course_id in courses:
        assert (await workshop.settled(course_id)).status is CourseStatus.COMPLETED
        assert set((await made(workshop, course_id)).values()) == {1}


async def test_a_job_that_is_delivered_twice_changes_nothing(workshop: Workshop) -> None:
    course_id = await workshop.order(primer(), chapters=2)
    await workshop.settled(course_id)
    piece = (await workshop.pieces(course_id))["chapter/1"]

    await workshop.workflow.make(
        user_id=workshop.user, course_id=course_id, key=piece.key, generation=piece.generation
    )

    assert (await made(workshop, course_id))["chapter/1"] == 1
    assert (await workshop.states(course_id))["chapter/1"] is PieceState.DONE


async def test_work_that_was_broken_off_is_taken_up_again(workshop: Workshop) -> None:
    workshop.author.go_on.clear()
    course_id = await workshop.order(primer(), chapters=3)
    await workshop.until(course_id, "piece_running", piece="chapter/1")

    await workshop.dismiss()
    workshop.author.go_on.set()
    workshop.employ()

    assert (await workshop.settled(course_id)).status is CourseStatus.COMPLETED
    assert set((await made(workshop, course_id)).values()) == {1}


async def test_events_are_replayed_from_any_point(workshop: Workshop) -> None:
    course_id = await workshop.order(primer(), chapters=2)
    await workshop.settled(course_id)
    last = await workshop.reading.last_event(workshop.user, course_id)

    found = [event async for event in _until_last(workshop, course_id, after=0, last=last)]
    assert [event.id for event in found] == sorted({event.id for event in found})
    assert found[0].event == "course_created"
    middle = found[len(found) // 2].id
    rest = [event async for event in _until_last(workshop, course_id, after=middle, last=last)]
    assert rest == [event for event in found if event.id > middle]


async def _until_last(workshop: Workshop, course_id: UUID, *, after: int, last: int):  # noqa: ANN202 - an async generator of events
    async for event in workshop.reading.watch(workshop.user, course_id, after=after):
        yield event
        if event.id == last:
            return
