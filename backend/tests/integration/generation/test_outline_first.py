"""A course that stops after its outline, so that a person can change it."""

from uuid import UUID

import pytest

from coursewright.course.course import CourseStatus
from coursewright.course.edits import OutlineEdit
from coursewright.course.errors import BadRequest, Conflict, Stale
from coursewright.course.pieces import PieceState
from coursewright.generation.editing import Editing
from coursewright.generation.progress import Progress
from support.workshop import Workshop, now, primer


def editing_of(workshop: Workshop) -> Editing:
    progress = Progress(workshop.queue, now=now)
    return Editing(workshop.database, progress, workshop.author, now=now)


async def outlined(workshop: Workshop, chapters: int = 3) -> UUID:
    course_id = await workshop.order(primer(), chapters=chapters, edit_outline=True)
    course = await workshop.settled(course_id)
    assert course.status is CourseStatus.OUTLINED
    return course_id


async def change(workshop: Workshop, course_id: UUID, version: int = 1, **fields: object) -> int:
    edit = OutlineEdit.model_validate({"title": "Mine", **fields})
    editing = editing_of(workshop)
    return (await editing.edit_outline(workshop.user, course_id, edit, version=version)).version


def planned(*was: int | None) -> list[dict[str, object]]:
    return [{"was": each, "title": f"Part {each or 'new'}"} for each in was]


async def test_it_stops_after_the_outline_and_goes_on_when_told(workshop: Workshop) -> None:
    course_id = await outlined(workshop)

    states = await workshop.states(course_id)
    assert states.pop("outline") is PieceState.DONE
    assert set(states.values()) == {PieceState.HELD}
    assert workshop.author.written == []

    assert await workshop.commands.go_on(workshop.user, course_id) == len(states)
    assert (await workshop.settled(course_id)).status is CourseStatus.COMPLETED
    with pytest.raises(Conflict):
        await workshop.commands.go_on(workshop.user, course_id)


async def test_chapters_are_reordered_renamed_dropped(workshop: Workshop) -> None:
    course_id = await outlined(workshop)
    before = (await workshop.reading.course(workshop.user, course_id)).outline
    assert before is not None

    chapters = planned(3, 1)
    chapters[0] |= {"summary": "About it.", "objectives": ["Explain it"]}
    version = await change(workshop, course_id, chapters=chapters)
    assert version == 2

    course = await workshop.reading.course(workshop.user, course_id)
    assert course.title == "Mine"
    assert course.outline is not None
    assert [chapter.title for chapter in course.outline.chapters] == ["Part 3", "Part 1"]
    assert course.outline.chapters[0].passages == before.chapters[2].passages
    keys = [piece.key for piece in await workshop.reading.pieces(workshop.user, course_id)]
    assert keys[:3] == ["outline", "chapter/1", "chapter/2"]
    assert "chapter/3" not in keys

    await workshop.commands.go_on(workshop.user, course_id)
    made = await workshop.settled(course_id)
    assert made.status is CourseStatus.COMPLETED
    assert [chapter.title for chapter in made.chapters] == ["Part 3", "Part 1"]
    assert made.chapters[0].objectives == ("Explain it",)


async def test_a_chapter_that_is_added_is_written_out_of_what_the_sources_say(
    workshop: Workshop,
) -> None:
    course_id = await outlined(workshop, chapters=2)
    before = (await workshop.reading.course(workshop.user, course_id)).outline
    assert before is not None
    dropped = before.chapters[1]
    title = f"Once more: {dropped.title}"
    chapters = [*planned(1), {"title": title}]

    await change(workshop, course_id, chapters=chapters)
    await workshop.commands.go_on(workshop.user, course_id)

    made = await workshop.settled(course_id)
    added = made.chapters[1]
    assert added.title == title
    cited = {each.passage_id for block in added.blocks for each in block.citations}
    assert cited & set(dropped.passages)
    assert not cited & set(before.chapters[0].passages)


async def test_what_the_sources_do_not_say_is_refused_and_nothing_is_lost(
    workshop: Workshop,
) -> None:
    course_id = await outlined(workshop)
    before = await workshop.reading.course(workshop.user, course_id)

    with pytest.raises(BadRequest, match="say nothing"):
        await change(workshop, course_id, chapters=[*planned(1), {"title": "Zzyzx qwfp"}])
    with pytest.raises(BadRequest, match="no chapter 9"):
        await change(workshop, course_id, chapters=planned(9))
    with pytest.raises(Stale):
        await change(workshop, course_id, version=7, chapters=planned(1))

    assert await workshop.reading.course(workshop.user, course_id) == before


async def test_a_course_that_does_not_wait_keeps_its_outline(workshop: Workshop) -> None:
    course_id = await workshop.order(primer(), chapters=2)
    await workshop.settled(course_id)

    with pytest.raises(Conflict, match="only before anything else"):
        await change(workshop, course_id, chapters=planned(1))


async def test_nothing_is_made_of_a_held_piece_until_one_goes_on(workshop: Workshop) -> None:
    course_id = await outlined(workshop)

    with pytest.raises(Conflict, match="go on"):
        await workshop.commands.regenerate(workshop.user, course_id, "chapter/1")
    assert await workshop.commands.resume(workshop.user, course_id) == 0
    assert await workshop.commands.cancel(workshop.user, course_id) == 0
    assert (await workshop.settled(course_id)).status is CourseStatus.OUTLINED


async def test_an_outline_that_was_cancelled_stops_again_when_it_is_resumed(
    workshop: Workshop,
) -> None:
    await workshop.dismiss()
    course_id = await workshop.order(primer(), chapters=2, edit_outline=True)
    await workshop.commands.cancel(workshop.user, course_id)
    workshop.employ()

    await workshop.commands.resume(workshop.user, course_id)
    assert (await workshop.settled(course_id)).status is CourseStatus.OUTLINED


async def test_a_course_that_was_stopped_right_after_its_outline_can_be_replanned(
    workshop: Workshop,
) -> None:
    workshop.author.go_on.clear()
    course_id = await workshop.order(primer(), chapters=2)
    await workshop.until(course_id, "piece_running", piece="chapter/1")
    with pytest.raises(Conflict, match="only before anything else"):
        await change(workshop, course_id, chapters=planned(2))
    await workshop.commands.cancel(workshop.user, course_id)

    await change(workshop, course_id, chapters=planned(2))
    assert (await workshop.settled(course_id)).status is CourseStatus.OUTLINED
    workshop.author.go_on.set()
    await workshop.commands.go_on(workshop.user, course_id)
    made = await workshop.settled(course_id)
    assert [chapter.title for chapter in made.chapters] == ["Part 2"]


async def test_a_worker_that_dies_leaves_the_course_where_it_was(workshop: Workshop) -> None:
    course_id = await outlined(workshop)
    workshop.author.go_on.clear()
    await workshop.commands.go_on(workshop.user, course_id)
    await workshop.until(course_id, "piece_running", piece="chapter/1")

    await workshop.dismiss()
    workshop.author.go_on.set()
    workshop.employ()
    assert (await workshop.settled(course_id)).status is CourseStatus.COMPLETED


async def test_a_changed_outline_is_had_back(workshop: Workshop) -> None:
    course_id = await outlined(workshop)
    editing = editing_of(workshop)
    before = await editing.read_outline(workshop.user, course_id)
    version = await change(workshop, course_id, chapters=planned(2))

    (revision,) = await editing.revisions(workshop.user, course_id)
    await editing.undo(workshop.user, course_id, revision.id, version=version)

    after = await editing.read_outline(workshop.user, course_id)
    assert after.value == before.value
    assert not after.edited
    assert "chapter/3" in await workshop.states(course_id)
