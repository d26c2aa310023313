"""The repositories of a course's content, on a real Postgres."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from psycopg import errors

from coursewright.course.article import (
    Article,
    ArticleType,
    AudioScript,
    AudioType,
    Suggestion,
)
from coursewright.course.brief import Brief, Level
from coursewright.course.chapter import Block, Chapter, Section
from coursewright.course.citation import Citation
from coursewright.course.course import CourseStatus
from coursewright.course.errors import NotFound
from coursewright.course.outline import Outline, OutlineChapter
from coursewright.course.pieces import PieceKind, PiecePlan
from coursewright.course.review.verdict import ItemKind, Rejection
from coursewright.course.sources import Passage, PassageKind, Place, Source, SourceKind
from coursewright.course.study import Flashcard, GlossaryTerm, Mcq
from coursewright.database import (
    articles,
    audio,
    chapters,
    course_reader,
    courses,
    jobs,
    pieces,
    resources,
    sources,
    study_items,
    suggestions,
)
from coursewright.database.pieces import Outcome
from coursewright.database.pool import Connection, Database

MakeUser = Callable[..., Awaitable[UUID]]
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
NASTY = (
    "'; drop table courses; --",
    "100 % of %s and %(name)s {x} $1",
    'back\\slash "quoted" \t tab',
    "日本語 עברית 🎓 é",
    "<script>alert(1)</script>",
    "x" * 50_000,
)
PLACE = Place(page=3, headings=("One", "Two"), paragraph=7)


@pytest.fixture
async def owner(make_user: MakeUser) -> UUID:
    return await make_user()


async def new_course(
    conn: Connection, owner: UUID, *, topic: str = "Tides", key: str | None = None
) -> UUID:
    course_id = uuid4()
    assert await courses.insert(
        conn,
        course_id=course_id,
        user_id=owner,
        brief=Brief(topic=topic, level=Level.ADVANCED, language="en-GB"),
        author="builtin",
        title=topic,
        request_key=key,
    )
    return course_id


def outline(count: int) -> Outline:
    return Outline(
        title="The tides",
        description="Why the sea rises.",
        chapters=tuple(
            OutlineChapter(
                number=n, title=f"Part {n}", objectives=("Say why",), passages=(uuid4(),)
            )
            for n in range(1, count + 1)
        ),
    )


def chapter(number: int = 1, text: str = "The moon pulls the water.") -> Chapter:
    block = Block(
        markdown=text,
        citations=(Citation(source_id=uuid4(), passage_id=uuid4(), place=PLACE),),
    )
    return Chapter(
        number=number,
        title=f"Part {number}",
        objectives=("Say why",),
        sections=(Section(blocks=(block,)), Section(heading="More", blocks=(block, block))),
    )


def card(front: str, back: str = "back", number: int = 1) -> Flashcard:
    return Flashcard(chapter=number, front=front, back=back, quotation="q", citations=citations())


def citations() -> tuple[Citation, ...]:
    return (Citation(source_id=uuid4(), passage_id=uuid4(), place=PLACE),)


def document(
    texts: list[str], *, language: str | None = "en", title: str = "Notes"
) -> tuple[Source, list[Passage]]:
    source = Source(
        id=uuid4(),
        kind=SourceKind.FILE,
        title=title,
        origin="notes.md",
        language=language,
        licence="CC0-1.0",
        pages=2,
        sha256="0" * 64,
    )
    return source, [
        Passage(
            id=uuid4(),
            source_id=source.id,
            ordinal=ordinal,
            kind=PassageKind.HEADING if ordinal == 0 else PassageKind.PARAGRAPH,
            text=text,
            place=Place(page=1, headings=("A",), paragraph=ordinal + 1),
            level=1 if ordinal == 0 else None,
        )
        for ordinal, text in enumerate(texts)
    ]


# --- courses


async def test_a_course_comes_back_as_it_was_ordered(database: Database, owner: UUID) -> None:
    async with database.as_service(owner) as conn:
        course_id = await new_course(conn, owner, key="k1")
    async with database.as_user(owner) as conn:
        row = await courses.get(conn, course_id)
        assert row is not None
        assert row == await courses.find_by_request_key(conn, "k1")
        assert await courses.find_by_request_key(conn, "k2") is None
        assert await courses.get(conn, uuid4()) is None
    assert row.brief == Brief(topic="Tides", level=Level.ADVANCED, language="en-GB")
    assert (row.status, row.outline, row.completed_at) == (CourseStatus.GENERATING, None, None)
    assert (row.user_id, row.level, row.language) == (owner, Level.ADVANCED, "en-GB")


async def test_the_same_request_twice_at_once_makes_one_course(
    database: Database, owner: UUID
) -> None:
    async def order() -> bool:
        async with database.as_service(owner) as conn:
            made = await courses.insert(
                conn,
                course_id=uuid4(),
                user_id=owner,
                brief=Brief(topic="Tides"),
                author="builtin",
                title="Tides",
                request_key="same",
            )
            await asyncio.sleep(0.05)
            return made

    assert sorted(await asyncio.gather(*(order() for _ in range(5)))) == [False] * 4 + [True]
    async with database.as_user(owner) as conn:
        assert len(await courses.list_summaries(conn)) == 1


async def test_two_users_may_use_the_same_request_key(
    database: Database,
    owner: UUID,
    make_user: MakeUser,
) -> None:
    for user in (owner, await make_user()):
        async with database.as_service(user) as conn:
            await new_course(conn, user, key="same")


async def test_courses_without_a_request_key_never_collide(database: Database, owner: UUID) -> None:
    async with database.as_service(owner) as conn:
        first, second = await new_course(conn, owner), await new_course(conn, owner)
    assert first != second


async def test_a_course_for_somebody_else_is_refused(database: Database, owner: UUID) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        async with database.as_service(owner) as conn:
            await new_course(conn, uuid4())


async def test_summaries_count_what_is_there_newest_first(database: Database, owner: UUID) -> None:
    async with database.as_service(owner) as conn:
        first = await new_course(conn, owner, topic="First")
    async with database.as_service(owner) as conn:
        second = await new_course(conn, owner, topic="Second")
        await chapters.put(conn, second, chapter(1))
        await chapters.put(conn, second, chapter(2))
        await study_items.replace_flashcards(conn, second, 1, [card("a"), card("b"), card("c")])
        await jobs.update(
            conn,
            second,
            status=CourseStatus.GENERATING,
            progress_percentage=40,
            current_step="mcqs/1",
            error_message=None,
        )
    async with database.as_user(owner) as conn:
        found = await courses.list_summaries(conn)
        assert [row.id for row in await courses.list_summaries(conn, limit=1, offset=1)] == [first]
    assert [row.id for row in found] == [second, first]
    assert (found[0].chapters, found[0].flashcards, found[0].questions) == (2, 3, 0)
    assert (found[0].progress_percentage, found[1].progress_percentage) == (40, 0)


async def test_a_short_id_finds_its_course(database: Database, owner: UUID) -> None:
    async with database.as_service(owner) as conn:
        course_id = await new_course(conn, owner)
        text = str(course_id)
        for prefix in (text, text[:4], text[:4].upper(), f" {text[:13]} ", course_id.hex):
            assert await courses.resolve_prefix(conn, prefix) == [course_id]
        for prefix in ("", "%", "_", "xyz", text + "0", "' or ''='"):
            assert await courses.resolve_prefix(conn, prefix) == []


async def test_an_outline_names_the_course_and_drops_chapters_beyond_it(
    database: Database, owner: UUID
) -> None:
    async with database.as_service(owner) as conn:
        course_id = await new_course(conn, owner)
        for number in (1, 2, 3):
            await chapters.put(conn, course_id, chapter(number))
        planned = outline(2)
        await courses.set_outline(conn, course_id, planned)
        row = await courses.get(conn, course_id)
        assert row is not None
        assert (row.outline, row.title) == (planned, "The tides")
        assert row.description == "Why the sea rises."
        assert list(await chapters.ids(conn, course_id)) == [1, 2]


async def test_the_time_of_completion_follows_the_status(database: Database, owner: UUID) -> None:
    seen: list[bool] = []
    async with database.as_service(owner) as conn:
        course_id = await new_course(conn, owner)
        for status in CourseStatus:
            await courses.set_status(conn, course_id, status)
            row = await courses.get(conn, course_id)
            assert row is not None
            assert row.status is status
            seen.append(row.completed_at is not None)
    assert seen == [status is CourseStatus.COMPLETED for status in CourseStatus]


async def test_a_lock_makes_others_wait(database: Database, owner: UUID) -> None:
    async with database.as_service(owner) as conn:
        course_id = await new_course(conn, owner)
    steps: list[str] = []
    held = asyncio.Event()

    async def first() -> None:
        async with database.as_service(owner) as conn:
            await courses.lock(conn, course_id)
            held.set()
            await asyncio.sleep(0.1)
            steps.append("first")

    async def second() -> None:
        await held.wait()
        async with database.as_service(owner) as conn:
            await courses.lock(conn, course_id)
            steps.append("second")

    await asyncio.gather(first(), second())
    assert steps == ["first", "second"]


async def test_a_course_is_deleted_once(database: Database, owner: UUID) -> None:
    async with database.as_service(owner) as conn:
        course_id = await new_course(conn, owner)
    async with database.as_user(owner) as conn:
        assert await courses.delete(conn, course_id)
        assert not await courses.delete(conn, course_id)
    async with database.as_service(owner) as conn:
        assert await courses.lock(conn, course_id) is None


async def test_what_changes_carries_the_time_of_the_change(database: Database, owner: UUID) -> None:
    async with database.as_service(owner) as conn:
        course_id = await new_course(conn, owner)
    async with database.as_service(owner) as conn:
        before = await courses.get(conn, course_id)
        await courses.set_status(conn, course_id, CourseStatus.FAILED)
        after = await courses.get(conn, course_id)
    assert before is not None
    assert after is not None
    assert after.updated_at > before.updated_at
    assert after.created_at == before.created_at


async def test_the_job_of_a_course_is_one_row(database: Database, owner: UUID) -> None:
    async with database.as_service(owner) as conn:
        course_id = await new_course(conn, owner)
        assert await jobs.get(conn, course_id) is None
        for status, progress in ((CourseStatus.GENERATING, 5), (CourseStatus.INCOMPLETE, 100)):
            await jobs.update(
                conn,
                course_id,
                status=status,
                progress_percentage=progress,
                current_step=None,
                error_message="no words" if progress == 100 else None,
            )
        job = await jobs.get(conn, course_id)
    assert job is not None
    assert (job.status, job.progress_percentage) == (CourseStatus.INCOMPLETE, 100)
    assert job.error_message == "no words"
    assert job.finished_at is not None


# --- chapters and what hangs on them


@pytest.mark.parametrize("text", NASTY)
async def test_any_text_comes_back_as_it_went_in(
    database: Database, owner: UUID, text: str
) -> None:
    async with database.as_service(owner) as conn:
        course_id = await new_course(conn, owner)
        written = chapter(1, text)
        await chapters.put(conn, course_id, written)
        assert await chapters.get(conn, course_id, 1) == written
        cards = [card(text, text)]
        await study_items.replace_flashcards(conn, course_id, 1, cards)
        assert await study_items.list_flashcards(conn, course_id) == cards
        documents = [document([text, text])]
        await sources.insert(conn, course_id, documents)
        material = await sources.material(conn, course_id)
        assert list(material.passages) == documents[0][1]


async def test_a_chapter_that_is_written_anew_keeps_its_id(database: Database, owner: UUID) -> None:
    async with database.as_service(owner) as conn:
        course_id = await new_course(conn, owner)
        first = await chapters.put(conn, course_id, chapter(1), summary="s")
        anew = chapter(1, "It is the moon.")
        assert await chapters.put(conn, course_id, anew) == first
        assert await chapters.list_all(conn, course_id) == [anew]
        rows = await conn.execute("select content, word_count from course_chapters")
        row = await rows.fetchone()
    assert row == {"content": anew.markdown, "word_count": anew.words}


async def test_chapters_come_in_order_however_they_were_finished(
    database: Database, owner: UUID
) -> None:
    async with database.as_service(owner) as conn:
        course_id = await new_course(conn, owner)
        for number in (11, 2, 1):
            await chapters.put(conn, course_id, chapter(number))
        assert [each.number for each in await chapters.list_all(conn, course_id)] == [1, 2, 11]
        assert await chapters.get(conn, course_id, 3) is None


async def test_study_items_come_back_by_chapter_in_their_order(
    database: Database, owner: UUID
) -> None:
    cards = [card("b", number=1), card("a", number=1), card("a", number=2)]
    questions = [
        Mcq(
            chapter=1,
            stem=f"Question {n}?",
            options=("one", "two", "three", "four"),
            key=n,
            explanation="because",
            objective="Say why" if n else None,
            quotation="q",
            citations=citations(),
        )
        for n in range(4)
    ]
    terms = [
        GlossaryTerm(chapter=2, term=term, definition="d", citations=citations())
        for term in ("tide", "ebb", "ebb")
    ]
    async with database.as_service(owner) as conn:
        course_id = await new_course(conn, owner)
        for number in (1, 2):
            await chapters.put(conn, course_id, chapter(number))
        await study_items.replace_flashcards(conn, course_id, 2, cards[2:])
        await study_items.replace_flashcards(conn, course_id, 1, cards[:2])
        await study_items.replace_mcqs(conn, course_id, 1, questions)
        await study_items.replace_glossary(conn, course_id, 2, terms)
        assert await study_items.list_flashcards(conn, course_id) == cards
        assert await study_items.list_mcqs(conn, course_id) == questions
        assert await study_items.list_glossary(conn, course_id) == terms
        rows = await (await conn.execute("select correct_answer from course_mcqs")).fetchall()
    assert {row["correct_answer"] for row in rows} == {"one", "two", "three", "four"}


async def test_an_item_that_says_the_same_keeps_its_id(database: Database, owner: UUID) -> None:
    async def ids(conn: Connection) -> dict[str, set[UUID]]:
        rows = await conn.execute("select front, id from course_flashcards")
        found: dict[str, set[UUID]] = {}
        for row in await rows.fetchall():
            found.setdefault(row["front"], set()).add(row["id"])
        return found

    async with database.as_service(owner) as conn:
        course_id = await new_course(conn, owner)
        await chapters.put(conn, course_id, chapter(1))
        first = [card("kept"), card("gone"), card("twin"), card("twin")]
        await study_items.replace_flashcards(conn, course_id, 1, first)
        before = await ids(conn)
        second = [card("twin"), card("new"), card("kept", "better"), card("twin"), card("twin")]
        await study_items.replace_flashcards(conn, course_id, 1, second)
        after = await ids(conn)
        assert await study_items.list_flashcards(conn, course_id) == second
        assert set(after) == {"kept", "new", "twin"}
        assert after["kept"] == before["kept"]
        assert before["twin"] < after["twin"]
        await study_items.replace_flashcards(conn, course_id, 1, [])
        assert await study_items.list_flashcards(conn, course_id) == []


async def test_items_without_their_chapter_are_refused(database: Database, owner: UUID) -> None:
    async with database.as_service(owner) as conn:
        course_id = await new_course(conn, owner)
        with pytest.raises(NotFound, match="chapter 1"):
            await study_items.replace_flashcards(conn, course_id, 1, [card("a")])


# --- what accompanies the chapters


async def test_articles_are_one_of_each_type_in_a_fixed_order(
    database: Database, owner: UUID
) -> None:
    def article(kind: ArticleType, title: str) -> Article:
        return Article(article_type=kind, title=title, sections=chapter().sections)

    async with database.as_service(owner) as conn:
        course_id = await new_course(conn, owner)
        for kind in reversed(ArticleType):
            await articles.put(conn, course_id, article(kind, "old"))
        await articles.put(conn, course_id, article(ArticleType.FAQ, "new"))
        found = await articles.list_all(conn, course_id)
    assert [each.article_type for each in found] == list(ArticleType)
    assert [each.title for each in found] == ["old", "old", "new"]
    assert found[0].sections[0].blocks[0].citations[0].place == PLACE


async def test_a_script_keeps_its_paragraphs_and_their_sources(
    database: Database, owner: UUID
) -> None:
    scripts = [
        AudioScript(audio_type=kind, title="Tides", paragraphs=chapter().blocks)
        for kind in AudioType
    ]
    async with database.as_service(owner) as conn:
        course_id = await new_course(conn, owner)
        for script in reversed(scripts):
            await audio.put_script(conn, course_id, script)
        assert await audio.list_scripts(conn, course_id) == scripts
        rows = await conn.execute("select script_text, audio_url from course_audio")
        assert await rows.fetchall() == [{"script_text": scripts[0].text, "audio_url": None}] * 2


async def test_a_recording_is_kept_only_as_long_as_its_script(
    database: Database, owner: UUID
) -> None:
    def script(text: str) -> AudioScript:
        return AudioScript(
            audio_type=AudioType.SHORT_PODCAST, title="T", paragraphs=(Block(markdown=text),)
        )

    async def recording(conn: Connection) -> list[dict[str, object]]:
        rows = await conn.execute("select audio_url, duration_seconds from course_audio")
        return await rows.fetchall()

    async with database.as_service(owner) as conn:
        course_id = await new_course(conn, owner)
        await audio.put_script(conn, course_id, script("Hello."))
        await conn.execute("update course_audio set audio_url = 'a.mp3', duration_seconds = 3")
        await audio.put_script(conn, course_id, script("Hello."))
        assert await recording(conn) == [{"audio_url": "a.mp3", "duration_seconds": 3}]
        await audio.put_script(conn, course_id, script("Good-bye."))
        assert await recording(conn) == [{"audio_url": None, "duration_seconds": None}]


async def test_two_who_write_the_same_script_leave_one_row(database: Database, owner: UUID) -> None:
    script = AudioScript(
        audio_type=AudioType.FULL_LECTURE, title="T", paragraphs=(Block(markdown="Hello."),)
    )
    async with database.as_service(owner) as conn:
        course_id = await new_course(conn, owner)

    async def write() -> None:
        async with database.as_service(owner) as conn:
            await audio.put_script(conn, course_id, script)
            await asyncio.sleep(0.02)

    await asyncio.gather(*(write() for _ in range(4)))
    async with database.as_user(owner) as conn:
        rows = await (await conn.execute("select id from course_audio")).fetchall()
    assert len(rows) == 1


async def test_suggestions_and_resources_are_replaced(database: Database, owner: UUID) -> None:
    source, _ = document(["x"])
    web = source.model_copy(
        update={"origin": "https://example.org/a", "kind": SourceKind.URL, "attribution": "Ann"}
    )
    credited = resources.resources_of([source, web])
    assert [(each.url, each.description) for each in credited] == [
        ("https://example.org/a", "Ann, CC0-1.0")
    ]
    async with database.as_service(owner) as conn:
        course_id = await new_course(conn, owner)
        for topics in (("a", "b", "c"), ("z", "y")):
            items = [Suggestion(topic=topic, reason="r") for topic in topics]
            await suggestions.replace(conn, course_id, items)
            assert await suggestions.list_all(conn, course_id) == items
        for _ in range(2):
            await resources.replace(conn, course_id, credited)
            assert await resources.list_all(conn, course_id) == credited


# --- sources


async def test_material_comes_back_in_the_order_of_the_documents(
    database: Database, owner: UUID
) -> None:
    documents = [document(["Title", "b", "a"], title=title) for title in ("Z", "A", "M")]
    async with database.as_service(owner) as conn:
        course_id = await new_course(conn, owner)
        other = await new_course(conn, owner)
        await sources.insert(conn, course_id, documents)
        await sources.insert(conn, other, documents[:1])  # the same document serves two courses
        material = await sources.material(conn, course_id)
        assert (await sources.material(conn, other)).sources == (documents[0][0],)
    assert material.sources == tuple(source for source, _ in documents)
    assert material.passages == tuple(each for _, passages in documents for each in passages)


async def test_a_course_without_sources_has_empty_material(database: Database, owner: UUID) -> None:
    async with database.as_service(owner) as conn:
        course_id = await new_course(conn, owner)
        await sources.insert(conn, course_id, [])
        await sources.insert(conn, course_id, [document([])])
        material = await sources.material(conn, course_id)
    assert len(material.sources) == 1
    assert material.passages == ()


async def test_ten_thousand_passages_are_stored_and_searched_quickly(
    database: Database, owner: UUID
) -> None:
    words = [f"word{n % 977} tide{n % 31} rises and falls with the moon {n}" for n in range(10_000)]
    big = document(words)
    async with database.as_service(owner) as conn:
        course_id = await new_course(conn, owner)
        begin = time.perf_counter()
        await sources.insert(conn, course_id, [big])
        stored = time.perf_counter() - begin
        begin = time.perf_counter()
        found = await sources.search(conn, course_id, "word976 tide15", limit=5)
        searched = time.perf_counter() - begin
        assert len((await sources.material(conn, course_id)).passages) == 10_000
    assert len(found) == 5
    assert found[0].text == words[976]
    # Far above what it takes (0.7 s and 0.02 s); a row at a time takes ten times as long.
    assert stored < 10
    assert searched < 2


async def test_search_finds_forms_of_words_and_the_best_first(
    database: Database, owner: UUID
) -> None:
    english = document(["Tides", "The moon pulls oceans.", "The sun pulls, and so does the moon."])
    german = document(["Gezeiten", "Die Häuser stehen am Meer."], language="de-DE")
    unsaid = document(["Notes", "Waves are breaking."], language=None)
    async with database.as_service(owner) as conn:
        course_id = await new_course(conn, owner)
        await sources.insert(conn, course_id, [english, german, unsaid])

        async def texts(query: str) -> list[str]:
            return [each.text for each in await sources.search(conn, course_id, query)]

        assert await texts("moons and suns") == [english[1][2].text, english[1][1].text]
        assert await texts("Haus") == [german[1][1].text]
        assert await texts("wave breaks") == [unsaid[1][1].text]
        for nothing in ("", "the", "%", "' & | ! ( <->", "zebra"):
            assert await texts(nothing) == []
        # Half an operator, a quotation mark, an address: words like all others
        assert await texts("moon' | ! sun & http://a/?b=1&c=2") != []


async def test_the_same_source_twice_in_a_course_is_refused(
    database: Database, owner: UUID
) -> None:
    documents = [document(["a"])]
    async with database.as_service(owner) as conn:
        course_id = await new_course(conn, owner)
        await sources.insert(conn, course_id, documents)
        with pytest.raises(errors.UniqueViolation):
            await sources.insert(conn, course_id, documents)


# --- the whole


async def test_a_course_is_read_as_one_value(database: Database, owner: UUID) -> None:
    rejection = Rejection(kind=ItemKind.MCQ, item="Why?", rule="options", reason="two are alike")
    one_document = document(["Tides", "The moon pulls."])
    script = AudioScript(audio_type=AudioType.SHORT_PODCAST, title="T", paragraphs=chapter().blocks)
    article = Article(article_type=ArticleType.FAQ, title="T", sections=chapter().sections)
    term = GlossaryTerm(chapter=1, term="tide", definition="the rise of the sea")
    question = Mcq(chapter=1, stem="Why?", options=("a", "b"), key=1)
    first = chapter(1)
    planned = outline(1)
    async with database.as_service(owner) as conn:
        course_id = await new_course(conn, owner)
        await sources.insert(conn, course_id, [one_document])
        await courses.set_outline(conn, course_id, planned)
        await chapters.put(conn, course_id, first)
        await study_items.replace_flashcards(conn, course_id, 1, [card("a")])
        await study_items.replace_mcqs(conn, course_id, 1, [question])
        await study_items.replace_glossary(conn, course_id, 1, [term])
        await articles.put(conn, course_id, article)
        await audio.put_script(conn, course_id, script)
        await suggestions.replace(conn, course_id, [Suggestion(topic="Waves")])
        plans = [
            PiecePlan.of(PieceKind.MCQS, 1),
            PiecePlan.of(PieceKind.SUGGESTIONS),
            PiecePlan.of(PieceKind.WORD_GAMES),
        ]
        await pieces.insert(conn, course_id, plans)
        generation = await pieces.make_ready(conn, course_id, "mcqs/1")
        piece = await pieces.begin(conn, course_id, "mcqs/1", generation=generation, now=NOW)
        assert piece is not None
        outcome = Outcome(
            author="builtin", items=1, wanted=2, cost_usd=Decimal("0.1"), rejected=(rejection,)
        )
        await pieces.finish(conn, piece, outcome, now=NOW)
        await pieces.fail(conn, course_id, "suggestions", reason="nothing", hint="", now=NOW)
        await courses.set_status(conn, course_id, CourseStatus.INCOMPLETE)
    async with database.as_user(owner) as conn:
        course = await course_reader.read(conn, course_id)
        assert await course_reader.read(conn, uuid4()) is None
    assert course is not None
    assert course.outline == planned
    assert course.chapters == (first,)
    assert (course.mcqs, course.glossary, course.articles) == ((question,), (term,), (article,))
    assert (course.audio_scripts, course.sources) == ((script,), (one_document[0],))
    assert [each.front for each in course.flashcards] == ["a"]
    assert course.rejected == (rejection,)
    assert [(each.key, each.reason) for each in course.missing] == [("suggestions", "nothing")]
    assert (course.title, course.status) == ("The tides", CourseStatus.INCOMPLETE)


async def test_a_stranger_reads_no_course(
    database: Database,
    owner: UUID,
    make_user: MakeUser,
) -> None:
    async with database.as_service(owner) as conn:
        course_id = await new_course(conn, owner)
    async with database.as_user(await make_user()) as conn:
        assert await course_reader.read(conn, course_id) is None
        assert await courses.resolve_prefix(conn, str(course_id)) == []
        assert not await courses.delete(conn, course_id)
