"""Chapters and study items changed by hand, on a real database."""

import asyncio
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from coursewright.authors.author import Usage, Written
from coursewright.course.brief import Brief
from coursewright.course.chapter import Chapter
from coursewright.course.course import Course, CourseStatus
from coursewright.course.edits import ChapterEdit, FlashcardEdit, ItemEdit, McqEdit, TermEdit
from coursewright.course.errors import (
    BadRequest,
    Conflict,
    LimitReached,
    NotFound,
    Refused,
    Stale,
    Unavailable,
)
from coursewright.course.games.solvers import check
from coursewright.course.pieces import PieceKind, PieceState
from coursewright.course.review import contains_quotation
from coursewright.course.study import Mcq
from coursewright.database import users
from coursewright.database.revisions import KEPT, Cause
from coursewright.generation.allowance import Allowance
from coursewright.generation.changing import Versioned
from coursewright.generation.editing import Editing
from coursewright.generation.progress import Progress
from support.workshop import HeldAuthor, Workshop, now, primer

CARDS, QUESTIONS, TERMS = PieceKind.FLASHCARDS, PieceKind.MCQS, PieceKind.GLOSSARY
EDITS: dict[PieceKind, tuple[type[ItemEdit], tuple[str, ...]]] = {
    CARDS: (FlashcardEdit, ("front", "back")),
    QUESTIONS: (McqEdit, ("stem", "options", "key", "explanation", "objective")),
    TERMS: (TermEdit, ("term", "definition")),
}


class Desk:
    """One user's editing of one complete course."""

    def __init__(self, workshop: Workshop, course_id: UUID) -> None:
        self.workshop = workshop
        self.course_id = course_id
        self.editing = Editing(
            workshop.database, Progress(workshop.queue, now=now), workshop.author, now=now
        )

    async def course(self) -> Course:
        return await self.workshop.reading.course(self.workshop.user, self.course_id)

    async def items(self, kind: PieceKind, number: int = 1) -> Versioned[tuple[Any, ...]]:
        return await self.editing.read_items(self.workshop.user, self.course_id, kind, number)

    async def edits(self, kind: PieceKind, number: int = 1) -> list[dict[str, Any]]:
        """The items as they are, in the form in which they are changed."""
        return [
            {"id": kept.id, **{name: getattr(kept.item, name) for name in EDITS[kind][1]}}
            for kept in (await self.items(kind, number)).value
        ]

    async def put(
        self, kind: PieceKind, items: list[dict[str, Any]], *, number: int = 1, **more: Any
    ) -> Any:
        version = more.pop("version", None)
        if version is None:
            version = (await self.items(kind, number)).version
        edits = [EDITS[kind][0].model_validate(item) for item in items]
        return await self.editing.edit_items(
            self.workshop.user, self.course_id, kind, number, edits, version=version, **more
        )

    async def chapter(self, number: int = 1) -> Versioned[Chapter]:
        return await self.editing.read_chapter(self.workshop.user, self.course_id, number)


@pytest.fixture
async def desk(workshop: Workshop) -> Desk:
    course_id = await workshop.order(primer(), chapters=2)
    assert (await workshop.settled(course_id)).status is CourseStatus.COMPLETED
    return Desk(workshop, course_id)


def rewritten(chapter: Chapter, **changes: Any) -> ChapterEdit:
    sections = [
        {
            "heading": section.heading,
            "markdown": "\n\n".join(block.markdown for block in section.blocks),
        }
        for section in chapter.sections
    ]
    fields = {"title": chapter.title, "objectives": chapter.objectives, "sections": sections}
    return ChapterEdit.model_validate(fields | changes)


async def test_a_chapter_that_is_sent_back_as_it_was_is_no_change(desk: Desk) -> None:
    for number in (1, 2):
        found = await desk.chapter(number)
        changed = await desk.editing.edit_chapter(
            desk.workshop.user, desk.course_id, number, rewritten(found.value), version=1
        )
        assert changed.version == 1
        assert (await desk.chapter(number)).value == found.value
    assert await desk.editing.revisions(desk.workshop.user, desk.course_id) == []


async def test_what_is_left_of_a_chapter_keeps_its_citations(desk: Desk) -> None:
    before = (await desk.chapter()).value
    edit = rewritten(before, title="Another title", objectives=["Say it"])
    first = edit.sections[0]
    mine = first.model_copy(update={"markdown": f"All **new**.\n\n{first.markdown}"})
    edit = edit.model_copy(update={"sections": (mine, *edit.sections[1:])})

    changed = await desk.editing.edit_chapter(
        desk.workshop.user, desk.course_id, 1, edit, version=1
    )

    assert (changed.version, changed.notes) == (2, ())
    after = await desk.chapter()
    assert after.edited
    assert after.value.title == "Another title"
    assert after.value.blocks[0].model_dump() == {
        "markdown": "All **new**.",
        "citations": (),
        "edited": True,
    }
    assert after.value.blocks[1:] == before.blocks
    course = await desk.course()
    assert course.outline is not None
    assert course.outline.chapter(1).title == "Another title"
    assert course.outline.chapter(1).passages


async def test_items_that_rest_on_words_that_are_gone_are_named(desk: Desk) -> None:
    edit = ChapterEdit.model_validate({"title": "T", "sections": [{"markdown": "Nothing left."}]})
    changed = await desk.editing.edit_chapter(
        desk.workshop.user, desk.course_id, 1, edit, version=1
    )
    assert any("flashcards rest on words" in note for note in changed.notes)


async def test_a_stale_change_loses_nothing(desk: Desk) -> None:
    mine = rewritten((await desk.chapter()).value, title="Mine")
    theirs = rewritten((await desk.chapter()).value, title="Theirs")
    user, course_id = desk.workshop.user, desk.course_id
    await desk.editing.edit_chapter(user, course_id, 1, theirs, version=1)

    with pytest.raises(Stale, match=r"version 1.*version 2"):
        await desk.editing.edit_chapter(user, course_id, 1, mine, version=1)
    assert (await desk.chapter()).value.title == "Theirs"

    cards = await desk.edits(CARDS)
    with pytest.raises(Stale):
        await desk.put(CARDS, cards[1:], version=99)
    assert await desk.edits(CARDS) == cards


async def test_cards_are_changed_added_removed_and_reordered(desk: Desk) -> None:
    chapter = (await desk.chapter()).value
    cards = await desk.edits(CARDS)
    last, first, *rest = cards[-1], cards[0], *cards[1:-1]
    changed = {**first, "back": "Something that a person says of it."}
    added = {
        "front": "What is the very first sentence about?",
        "back": "It opens the chapter.",
        "quotation": " ".join(chapter.blocks[0].markdown.replace("*", "").split()[:6]),
    }

    await desk.put(CARDS, [last, changed, added, *rest[1:]])

    after = (await desk.items(CARDS)).value
    assert [kept.id for kept in after[:2]] == [last["id"], first["id"]]
    assert after[1].item.back == "Something that a person says of it."
    assert after[1].item.edited
    assert not after[0].item.edited
    assert after[2].item.edited
    assert after[2].item.citations == chapter.blocks[0].citations
    assert rest[0]["id"] not in {kept.id for kept in after}
    pieces = await desk.workshop.pieces(desk.course_id)
    assert pieces["flashcards/1"].items == len(cards)
    assert pieces["flashcards/1"].edited


@pytest.mark.parametrize(
    ("kind", "change", "rule"),
    [
        (CARDS, {"back": "word " * 61}, "card-back"),
        (TERMS, {"definition": "x"}, "term-bounds"),
        (QUESTIONS, {"options": ("One", "Two")}, "four-options"),
    ],
)
async def test_the_gate_refuses_with_its_rules_and_can_be_overruled(
    desk: Desk, kind: PieceKind, change: dict[str, Any], rule: str
) -> None:
    items = await desk.edits(kind)
    items[0] |= change | ({"key": 0} if kind is QUESTIONS else {})

    with pytest.raises(Refused) as refused:
        await desk.put(kind, items)
    problems = refused.value.problems
    assert {problem["field"] for problem in problems} == {"items.0"}
    rules = {problem["rule"] for problem in problems}
    assert rule in rules
    assert all(problem["problem"] for problem in problems)
    assert not (await desk.items(kind)).edited

    changed = await desk.put(kind, items, overrule=True)
    assert {each.rule for each in changed.overruled} == rules
    stored = (await desk.items(kind)).value[0].item
    assert {each.rule for each in stored.overruled} == rules
    assert stored.edited

    # What was overruled once is not judged again while it stays as it is.
    await desk.put(kind, list(reversed(await desk.edits(kind))))


async def test_nothing_stands_twice_in_the_course(desk: Desk) -> None:
    other = (await desk.edits(CARDS, 2))[0]
    cards = await desk.edits(CARDS)
    cards[0] |= {"front": other["front"]}
    with pytest.raises(Refused) as refused:
        await desk.put(CARDS, cards)
    assert "duplicate-flashcard" in {each["rule"] for each in refused.value.problems}


async def test_ids_are_those_of_the_chapter(desk: Desk) -> None:
    cards = await desk.edits(CARDS)
    elsewhere = (await desk.edits(CARDS, 2))[0]
    for strange in (elsewhere["id"], uuid4(), cards[1]["id"]):
        with pytest.raises(BadRequest, match=r"items\.0|items\.1"):
            await desk.put(CARDS, [{**cards[0], "id": strange}, *cards[1:]])
    assert await desk.edits(CARDS) == cards
    assert len(await desk.edits(CARDS, 2)) > 0


async def test_the_word_games_follow_the_glossary(desk: Desk) -> None:
    terms = await desk.edits(TERMS)
    gone = terms.pop(0)["term"]
    before = (await desk.course()).word_games

    await desk.put(TERMS, terms)

    course = await desk.course()
    assert course.word_games != before
    assert gone not in {term.term for term in course.glossary}
    for game in course.word_games:
        assert not check(game, course.glossary)


async def test_without_terms_there_are_no_games_and_the_course_says_so(desk: Desk) -> None:
    for number in (1, 2):
        await desk.put(TERMS, [], number=number)
    course = await desk.course()
    assert course.word_games == ()
    assert course.status is CourseStatus.INCOMPLETE
    assert [piece.key for piece in course.missing] == ["word_games"]

    revisions = await desk.editing.revisions(desk.workshop.user, desk.course_id)
    await desk.editing.undo(desk.workshop.user, desk.course_id, revisions[0].id, version=2)
    course = await desk.course()
    assert course.word_games
    assert course.status is CourseStatus.COMPLETED


async def test_every_change_is_kept_and_an_undo_is_undone(desk: Desk) -> None:
    user, course_id = desk.workshop.user, desk.course_id
    before = await desk.items(CARDS)
    cards = await desk.edits(CARDS)
    await desk.put(CARDS, cards[3:])

    (revision,) = await desk.editing.revisions(user, course_id)
    assert (revision.piece_key, revision.cause, revision.version) == ("flashcards/1", "edit", 1)
    assert revision.user_id == user
    content = (await desk.editing.revision(user, course_id, revision.id)).content
    assert [item["id"] for item in content] == [str(card["id"]) for card in cards]

    with pytest.raises(Stale):
        await desk.editing.undo(user, course_id, revision.id, version=1)
    await desk.editing.undo(user, course_id, revision.id, version=2)
    after = await desk.items(CARDS)
    assert after.value == before.value
    assert (after.version, after.edited) == (3, False)

    newest = (await desk.editing.revisions(user, course_id))[0]
    assert newest.cause is Cause.UNDO
    await desk.editing.undo(user, course_id, newest.id, version=3)
    assert await desk.edits(CARDS) == cards[3:]


async def test_regenerating_is_a_revision_and_warns_of_what_was_edited(desk: Desk) -> None:
    user, course_id, commands = desk.workshop.user, desk.course_id, desk.workshop.commands
    await commands.regenerate(user, course_id, "mcqs/1")
    await desk.workshop.settled(course_id)
    (revision,) = await desk.editing.revisions(user, course_id)
    assert (revision.piece_key, revision.cause) == ("mcqs/1", Cause.REGENERATE)

    await desk.put(CARDS, (await desk.edits(CARDS))[1:])
    with pytest.raises(Conflict, match="flashcards/1 was edited by hand"):
        await commands.regenerate(user, course_id, "flashcards/1")
    with pytest.raises(Conflict, match="flashcards/1 was edited by hand"):
        await commands.regenerate(user, course_id, "chapter/1", with_dependents=True)
    with pytest.raises(Conflict, match="flashcards/1 was edited by hand"):
        await commands.regenerate(user, course_id, "outline")
    await commands.regenerate(user, course_id, "chapter/1")

    await desk.workshop.settled(course_id)
    await commands.regenerate(user, course_id, "flashcards/1", overwrite=True)
    await desk.workshop.settled(course_id)
    found = await desk.items(CARDS)
    assert (found.version, found.edited) == (3, False)


async def test_a_chapter_that_a_new_outline_drops_is_kept_among_the_revisions(
    desk: Desk,
) -> None:
    user, course_id = desk.workshop.user, desk.course_id
    async with desk.workshop.database.as_service(user) as conn:
        await conn.execute(
            "update courses set brief = jsonb_set(brief, '{chapters}', '1') where id = %s",
            (course_id,),
        )
    await desk.workshop.commands.regenerate(user, course_id, "outline")
    await desk.workshop.settled(course_id)

    kept = {each.piece_key for each in await desk.editing.revisions(user, course_id)}
    assert {"outline", "chapter/1", "chapter/2", "flashcards/2", "mcqs/2"} <= kept
    gone = next(
        each
        for each in await desk.editing.revisions(user, course_id)
        if each.piece_key == "chapter/2"
    )
    with pytest.raises(NotFound, match="no piece"):
        await desk.editing.undo(user, course_id, gone.id, version=1)


async def test_only_the_newest_revisions_are_kept(desk: Desk) -> None:
    user, course_id = desk.workshop.user, desk.course_id
    async with desk.workshop.database.as_service(user) as conn:
        await conn.execute(
            "insert into course_revisions (course_id, user_id, piece_key, cause, version, edited,"
            " content) select %s, %s, 'chapter/1', 'edit', n, true, '{}'"
            " from generate_series(1, %s) n",
            (course_id, user, KEPT + 5),
        )
    await desk.put(CARDS, (await desk.edits(CARDS))[1:])
    found = await desk.editing.revisions(user, course_id)
    assert len(found) == KEPT
    assert found[0].piece_key == "flashcards/1"


async def test_what_could_not_be_made_can_be_written_by_hand(workshop: Workshop) -> None:
    workshop.author.failing = {"mcqs/1"}
    course_id = await workshop.order(primer(), chapters=2)
    assert (await workshop.settled(course_id)).status is CourseStatus.INCOMPLETE
    desk = Desk(workshop, course_id)

    question = {"stem": "Why?", "options": ["a", "b", "c", "d"], "key": 0}
    await desk.put(QUESTIONS, [question], overrule=True)

    course = await desk.course()
    assert course.status is CourseStatus.COMPLETED
    assert [item.stem for item in course.mcqs if item.chapter == 1] == ["Why?"]
    assert (await workshop.states(course_id))["mcqs/1"] is PieceState.DONE


async def test_what_is_being_made_is_not_changed(workshop: Workshop) -> None:
    workshop.author.go_on.clear()
    course_id = await workshop.order(primer(), chapters=2)
    await workshop.until(course_id, "piece_running", piece="chapter/1")
    desk = Desk(workshop, course_id)
    edit = ChapterEdit.model_validate({"title": "T", "sections": [{"markdown": "M"}]})
    with pytest.raises(Conflict, match="being made"):
        await desk.editing.edit_chapter(workshop.user, course_id, 1, edit, version=0)
    workshop.author.go_on.set()
    await workshop.settled(course_id)


async def held_up(desk: Desk) -> None:
    """The questions of chapter 1 are being made, for as long as the author is held up."""
    workshop = desk.workshop
    workshop.author.go_on.clear()
    await workshop.commands.regenerate(workshop.user, desk.course_id, "mcqs/1", overwrite=True)
    async with asyncio.timeout(20):
        while (await workshop.states(desk.course_id))["mcqs/1"] is not PieceState.RUNNING:  # noqa: ASYNC110 - a row has no event
            await asyncio.sleep(0.02)


def shortened(chapter: Chapter) -> ChapterEdit:
    markdown = f"{chapter.blocks[0].markdown}\n\nNothing else is left."
    return ChapterEdit.model_validate({"title": "Short", "sections": [{"markdown": markdown}]})


@pytest.mark.parametrize("by", ["edit", "undo"])
async def test_what_is_being_made_of_a_chapter_is_begun_again_when_it_changes(
    desk: Desk, by: str
) -> None:
    workshop, user, course_id = desk.workshop, desk.workshop.user, desk.course_id
    edit = shortened((await desk.chapter()).value)
    if by == "undo":  # of an edit by which the chapter was whole again
        whole = rewritten((await desk.chapter()).value)
        await desk.editing.edit_chapter(user, course_id, 1, edit, version=1)
        await desk.editing.edit_chapter(user, course_id, 1, whole, version=2)
    await held_up(desk)

    if by == "undo":
        last = (await desk.editing.revisions(user, course_id))[0]
        changed = await desk.editing.undo(user, course_id, last.id, version=3)
    else:
        changed = await desk.editing.edit_chapter(user, course_id, 1, edit, version=1)
    assert any("flashcards rest on words" in note for note in changed.notes)
    workshop.author.go_on.set()
    await workshop.settled(course_id)

    chapter = (await desk.chapter()).value
    assert "Nothing else is left." in chapter.markdown
    for item in (await desk.course()).mcqs:
        if item.chapter == 1:
            assert contains_quotation(chapter, item.quotation)


async def test_a_stranger_neither_sees_nor_changes(desk: Desk) -> None:
    stranger = uuid4()
    await users.ensure(desk.workshop.database, stranger)
    edit = rewritten((await desk.chapter()).value, title="Theirs")
    with pytest.raises(NotFound):
        await desk.editing.read_chapter(stranger, desk.course_id, 1)
    with pytest.raises(NotFound):
        await desk.editing.edit_chapter(stranger, desk.course_id, 1, edit, version=1)
    with pytest.raises(NotFound):
        await desk.editing.edit_items(stranger, desk.course_id, CARDS, 1, [], version=1)
    with pytest.raises(NotFound):
        await desk.editing.revisions(stranger, desk.course_id)
    assert (await desk.chapter()).value.title != "Theirs"


class Solver(HeldAuthor):
    """An author that solves every question with the last option, or not at all."""

    can_solve = True

    def __init__(self) -> None:
        super().__init__()
        self.answers = True
        self.solved = 0

    async def solve(
        self,
        brief: Brief,  # noqa: ARG002 - the protocol has them
        chapter: Chapter,  # noqa: ARG002
        questions: Any,
    ) -> Written[tuple[frozenset[int], ...]]:
        self.solved += len(questions)
        if not self.answers:
            raise Unavailable("no key has room")
        right = tuple(frozenset({len(question.options) - 1}) for question in questions)
        return Written(value=right, usage=Usage())


async def test_where_a_model_writes_edited_questions_are_solved_without_their_keys(
    desk: Desk,
) -> None:
    solver = Solver()
    desk.editing = Editing(
        desk.workshop.database, Progress(desk.workshop.queue, now=now), solver, now=now
    )
    questions = await desk.edits(QUESTIONS)
    question: Mcq = (await desk.items(QUESTIONS)).value[0].item
    options = [*question.distractors[:1], question.answer, *question.distractors[1:]]
    questions[0] |= {"options": options, "key": 1}

    with pytest.raises(Refused) as refused:
        await desk.put(QUESTIONS, questions)
    assert "blind-solve" in {each["rule"] for each in refused.value.problems}
    assert solver.solved == 1

    solver.answers = False
    with pytest.raises(Unavailable):
        await desk.put(QUESTIONS, questions)
    assert not (await desk.items(QUESTIONS)).edited
    await desk.put(QUESTIONS, questions, overrule=True)
    assert (await desk.items(QUESTIONS)).edited


async def test_no_model_is_asked_for_an_edit_when_the_day_has_cost_enough(
    desk: Desk, admin_url: str
) -> None:
    solver = Solver()
    desk.editing = Editing(
        desk.workshop.database,
        Progress(desk.workshop.queue, now=now),
        solver,
        now=now,
        allowance=Allowance(usd_a_day=Decimal(1), courses_a_day=0),
    )
    questions = await desk.edits(QUESTIONS)
    questions[0] |= {"explanation": "Because the chapter says so."}
    await desk.put(QUESTIONS, questions, overrule=True)
    assert solver.solved == 1
    with psycopg.connect(admin_url) as admin:
        admin.execute(
            "insert into model_calls (user_id, service, provider, model, outcome, cost_usd)"
            " values (%s, 'quiz', 'p', 'm', 'ok', 1.5)",
            (desk.workshop.user,),
        )

    questions[0] |= {"explanation": "Because it is so."}
    with pytest.raises(LimitReached, match=r"\$1\.50 of the \$1\.00"):
        await desk.put(QUESTIONS, questions)
    await desk.put(QUESTIONS, questions, overrule=True)
    assert (await desk.edits(QUESTIONS))[0]["explanation"] == "Because it is so."
    assert solver.solved == 1

    edit = shortened((await desk.chapter()).value)
    await held_up(desk)
    with pytest.raises(LimitReached):
        await desk.editing.edit_chapter(desk.workshop.user, desk.course_id, 1, edit, version=1)
    desk.workshop.author.go_on.set()
    await desk.workshop.settled(desk.course_id)
    await desk.editing.edit_chapter(desk.workshop.user, desk.course_id, 1, edit, version=1)
