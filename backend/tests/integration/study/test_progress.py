"""Quizzes, completion, reading, word games and the dashboard on a real database."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg import AsyncConnection

from coursewright.course.errors import BadRequest, Conflict, NotFound
from coursewright.course.games import GameKind
from coursewright.course.memory import CardState, Rating
from coursewright.database import chapters
from coursewright.database.study_settings import StudySettings
from coursewright.study.deck import Review
from coursewright.study.progress import Sitting
from coursewright.study.quizzes import Marked
from coursewright.study.scoring import Answer
from support.desk import Desk, OpenDesk

RIGHT, WRONG = 1, 0


async def take(
    desk: Desk, course: UUID, chosen: Sequence[int | None], number: int | None = 1
) -> Any:
    """An attempt at the quiz, one answer for each question."""
    attempt = await desk.study.quizzes.start(desk.user, course, number)
    answers = [
        Answer(item=item.id, chosen=choice)
        for item, choice in zip(attempt.items, chosen, strict=True)
    ]
    return await desk.study.quizzes.finish(desk.user, attempt.id, answers)


async def test_what_was_missed_becomes_a_card_once(desk: Desk) -> None:
    course = await desk.write(cards=0, questions=4)

    first = await take(desk, course, [RIGHT, WRONG, WRONG, None])
    second = await take(desk, course, [WRONG, WRONG, RIGHT, RIGHT])

    assert (first.attempt.score, first.attempt.total) == (1, 4)
    assert len(first.new_cards) == 2
    assert len(second.new_cards) == 1
    assert len(await desk.next()) == 3


async def test_handing_in_twice_is_once_and_other_answers_are_refused(desk: Desk) -> None:
    course = await desk.write(cards=0, questions=2)
    attempt = await desk.study.quizzes.start(desk.user, course, 1)
    one, two = (item.id for item in attempt.items)
    answers = [Answer(item=one, chosen=WRONG), Answer(item=two, chosen=RIGHT)]

    desk.wait(seconds=90)
    done = await desk.study.quizzes.finish(desk.user, attempt.id, answers)
    desk.wait(seconds=90)
    again = await desk.study.quizzes.finish(desk.user, attempt.id, answers)

    assert done.attempt.milliseconds == 90_000
    assert again.attempt == done.attempt
    assert again.new_cards == ()
    with pytest.raises(Conflict):
        await desk.study.quizzes.finish(desk.user, attempt.id, answers[1:])
    summary = await desk.study.dashboard.summary(desk.user)
    assert summary.seconds_studied.ever == 90


async def test_answers_that_come_one_by_one_are_recorded_at_once(desk: Desk) -> None:
    course = await desk.write(cards=0, questions=3)
    attempt = await desk.study.quizzes.start(desk.user, course, 1)
    one, two, three = (item.id for item in attempt.items)

    async def answer(item: UUID, chosen: int | None) -> Marked:
        desk.wait(seconds=10)
        return await desk.study.quizzes.answer(
            desk.user, attempt.id, Answer(item=item, chosen=chosen)
        )

    missed = await answer(two, WRONG)
    assert (missed.tried.correct, missed.recorded, missed.new_card) == (False, True, True)
    assert [card.id for card in await desk.next()] == [two]
    assert (await desk.study.dashboard.summary(desk.user)).streak.studied_today
    again = await answer(two, WRONG)
    assert (again.recorded, again.new_card) == (False, False)
    assert again.tried == missed.tried
    retried = await answer(two, RIGHT)
    assert (retried.tried.chosen, retried.tried.right_on_retry) == ((WRONG, RIGHT), True)
    first = await answer(one, RIGHT)
    assert (first.attempt.score, first.attempt.finished_at) == (1, None)

    desk.wait(days=40)  # what was answered is kept, though nobody goes on
    await desk.study.quizzes.start(desk.user, course, 1)
    last = await answer(three, RIGHT)
    assert (last.attempt.score, last.attempt.total) == (2, 3)
    assert last.attempt.finished_at == desk.now
    assert last.attempt.milliseconds == 3 * 5 * 60 * 1000
    after = await answer(one, WRONG)
    assert (after.tried.chosen, after.recorded) == ((RIGHT, WRONG), False)
    assert after.attempt == last.attempt
    assert len(await desk.next()) == 1
    history = await desk.study.quizzes.history(desk.user, course, number=None, limit=9, offset=0)
    assert [(best.attempts, best.best) for best in history.quizzes] == [(1, 66)]


async def test_what_was_answered_one_by_one_is_handed_in_with_the_rest(desk: Desk) -> None:
    course = await desk.write(cards=0, questions=3)
    attempt = await desk.study.quizzes.start(desk.user, course, 1)
    one, two, _ = (item.id for item in attempt.items)
    await desk.study.quizzes.answer(desk.user, attempt.id, Answer(item=one, chosen=WRONG))

    done = await desk.study.quizzes.finish(desk.user, attempt.id, [Answer(item=two, chosen=WRONG)])

    assert [each.chosen for each in done.attempt.answers] == [(WRONG,), (WRONG,), ()]
    assert done.new_cards == (two,)
    again = await desk.study.quizzes.finish(
        desk.user,
        attempt.id,
        [Answer(item=one, chosen=WRONG), Answer(item=two, chosen=WRONG)],
    )
    assert again.attempt == done.attempt


async def test_an_answer_that_cannot_be_is_refused_and_changes_nothing(desk: Desk) -> None:
    course = await desk.write(cards=0, questions=1)
    attempt = await desk.study.quizzes.start(desk.user, course, 1)
    (item,) = (each.id for each in attempt.items)
    for answer in (
        Answer(item=uuid4(), chosen=RIGHT),
        Answer(item=item, chosen=3),
        Answer(item=item),
    ):
        with pytest.raises(BadRequest):
            await desk.study.quizzes.answer(desk.user, attempt.id, answer)
    with pytest.raises(NotFound):
        await desk.study.quizzes.answer(desk.user, uuid4(), Answer(item=item, chosen=RIGHT))
    assert await desk.study.quizzes.attempt(desk.user, attempt.id) == attempt


async def test_a_quiz_takes_no_longer_than_has_passed(desk: Desk) -> None:
    course = await desk.write(cards=0, questions=1)
    attempt = await desk.study.quizzes.start(desk.user, course, 1)
    desk.wait(seconds=10)

    done = await desk.study.quizzes.finish(desk.user, attempt.id, [], elapsed_ms=86_400_000)

    assert done.attempt.milliseconds == 10_000
    assert done.new_cards == ()


async def test_missing_what_was_learned_brings_it_back(desk: Desk) -> None:
    course = await desk.write(cards=0, questions=1)
    missed = await take(desk, course, [WRONG])
    (card,) = missed.new_cards
    await desk.study.reviews.rate(desk.user, Review(id=uuid4(), card_id=card, rating=Rating.EASY))
    desk.wait(days=1)
    assert await desk.next() == []

    await take(desk, course, [RIGHT])
    assert (await desk.study.reviews.card(desk.user, card)).memory.state is CardState.REVIEW
    await take(desk, course, [WRONG])

    forgotten = await desk.study.reviews.card(desk.user, card)
    assert (forgotten.memory.state, forgotten.lapses) == (CardState.RELEARNING, 1)
    log = await desk.study.reviews.log(desk.user, limit=9)
    assert [each.origin for each in log] == ["quiz", "review"]


async def test_questions_that_are_made_anew_break_no_attempt(desk: Desk) -> None:
    course = await desk.write(cards=0, questions=2)
    old = await take(desk, course, [RIGHT, WRONG])
    open_one = await desk.study.quizzes.start(desk.user, course, 1)

    await desk.put_questions(course, ["Another question?"])
    answers = [Answer(item=item.id, chosen=WRONG) for item in open_one.items]
    done = await desk.study.quizzes.finish(desk.user, open_one.id, answers)

    assert (done.attempt.score, done.attempt.total) == (0, 2)
    assert done.new_cards == ()  # there is nothing left to make cards of
    kept = await desk.study.quizzes.attempt(desk.user, old.attempt.id)
    assert [item.stem for item in kept.items] == ["T question 1.0?", "T question 1.1?"]
    assert [each.correct for each in kept.answers] == [True, False]


async def test_attempts_outlive_their_chapter(desk: Desk, admin_url: str) -> None:
    course = await desk.write(cards=0, questions=1, number_of_chapters=2)
    await take(desk, course, [RIGHT], number=2)
    async with await AsyncConnection.connect(admin_url) as conn:
        await conn.execute("delete from course_chapters where chapter_number = 2")

    history = await desk.study.quizzes.history(desk.user, course, number=2, limit=9, offset=0)

    assert [(each.score, each.chapter_number) for each in history.attempts] == [(1, 2)]


async def test_the_history_of_quizzes(desk: Desk) -> None:
    course = await desk.write(cards=0, questions=2, number_of_chapters=2)
    for chosen in ([WRONG, RIGHT], [RIGHT, RIGHT], [WRONG, WRONG]):
        await take(desk, course, chosen)
        desk.wait(minutes=1)
    await take(desk, course, [RIGHT, RIGHT, RIGHT, WRONG], number=None)
    await desk.study.quizzes.start(desk.user, course, 2)

    history = await desk.study.quizzes.history(desk.user, course, number=None, limit=9, offset=0)
    first = await desk.study.quizzes.history(desk.user, course, number=1, limit=2, offset=1)

    assert [(q.chapter_number, q.attempts, q.best, q.last) for q in history.quizzes] == [
        (1, 3, 100, 0),
        (None, 1, 75, 75),
    ]
    assert len(history.attempts) == 5
    assert [each.score for each in first.attempts] == [2, 1]
    desk.wait(days=31)
    await desk.study.quizzes.start(desk.user, course, 1)
    later = await desk.study.quizzes.history(desk.user, course, number=None, limit=9, offset=0)
    assert len(later.attempts) == 5  # the one that was never finished is gone


async def test_there_is_no_quiz_without_questions(desk: Desk) -> None:
    course = await desk.write(cards=1, questions=0)

    for number in (1, None):
        with pytest.raises(Conflict):
            await desk.study.quizzes.start(desk.user, course, number)
    with pytest.raises(NotFound):
        await desk.study.quizzes.start(desk.user, course, 2)


async def test_completing_and_reopening_chapters(desk: Desk) -> None:
    course = await desk.write(number_of_chapters=3)
    first = desk.now

    await desk.study.progress.complete(desk.user, course, 2)
    desk.wait(hours=1)
    done = await desk.study.progress.complete(desk.user, course, 2)

    assert [chapter.completed_at for chapter in done.chapters] == [None, first, None]
    assert (done.completed, done.total, done.percent) == (1, 3, 33)
    assert (await desk.study.dashboard.summary(desk.user)).streak.current == 1
    for _ in range(2):
        reopened = await desk.study.progress.reopen(desk.user, course, 2)
        assert reopened.completed == 0
    assert (await desk.study.dashboard.summary(desk.user)).streak.current == 0
    with pytest.raises(NotFound):
        await desk.study.progress.complete(desk.user, course, 4)


async def test_a_chapter_that_is_written_anew_stays_completed(desk: Desk) -> None:
    course = await desk.write()
    await desk.study.progress.complete(desk.user, course, 1)
    async with desk.database.as_service(desk.user) as conn:
        chapter = await chapters.get(conn, course, 1)
        assert chapter
        await chapters.put(conn, course, chapter.model_copy(update={"title": "Anew"}))

    (chapter,) = (await desk.study.progress.of(desk.user, course)).chapters

    assert chapter.title == "Anew"
    assert chapter.completed_at


async def test_going_on_where_one_was(desk: Desk) -> None:
    one = await desk.write(number_of_chapters=2, title="One")
    two = await desk.write(title="Two")
    await desk.study.progress.read_on(desk.user, one, 2, position=0.4)
    desk.wait(minutes=1)
    await desk.study.progress.read_on(desk.user, two, 1, position=0.1)

    # A phone that was offline tells of yesterday.
    late = desk.now - timedelta(days=1)
    await desk.study.progress.read_on(desk.user, one, 1, position=0.9, at=late)

    place = (await desk.study.progress.of(desk.user, one)).place
    assert place
    assert (place.chapter, place.position) == (2, 0.4)
    summary = await desk.study.dashboard.summary(desk.user)
    assert summary.go_on
    assert (summary.go_on.course_title, summary.go_on.chapter) == ("Two", 1)
    assert [course.title for course in summary.courses] == ["Two", "One"]
    with pytest.raises(BadRequest):
        await desk.study.progress.read_on(
            desk.user, one, 1, position=0, at=desk.now + timedelta(days=1)
        )


async def test_a_sitting_counts_once_however_often_it_is_sent(desk: Desk) -> None:
    course = await desk.write()
    sitting = uuid4()
    for seconds in (30, 60, 60, 45, 90):
        await desk.study.progress.read_on(
            desk.user,
            course,
            1,
            position=0.5,
            sitting=Sitting(id=sitting, milliseconds=seconds * 1000),
        )

    studied = (await desk.study.dashboard.summary(desk.user)).seconds_studied

    assert (studied.today, studied.last_7_days, studied.ever) == (90, 90, 90)
    await desk.study.progress.read_on(
        desk.user, course, 1, position=0.5, sitting=Sitting(id=uuid4(), milliseconds=86_400_000)
    )
    studied = (await desk.study.dashboard.summary(desk.user)).seconds_studied
    assert studied.today == 90 + 4 * 3600  # a page that was left open


async def test_the_best_result_of_a_game(desk: Desk) -> None:
    course = await desk.write()
    results = [(3, 8, 50), (8, 8, 90), (8, 8, 60), (1, 1, 100), (7, 8, 10)]
    for score, total, seconds in results:
        await desk.study.games.add(
            desk.user,
            course,
            GameKind.SCRAMBLE,
            uuid4(),
            score=score,
            total=total,
            elapsed_ms=seconds * 1000,
        )
        desk.wait(minutes=1)

    (record,) = await desk.study.games.records(desk.user, course)
    assert record.plays == 5
    assert (record.best.score, record.best.milliseconds) == (8, 60_000)
    assert record.last.score == 7


async def test_a_result_is_recorded_once(desk: Desk) -> None:
    course = await desk.write()
    result: dict[str, Any] = {"score": 3, "total": 8, "elapsed_ms": 1000}
    better: dict[str, Any] = {**result, "score": 8}
    too_many: dict[str, Any] = {**result, "score": 9}
    add, result_id = desk.study.games.add, uuid4()

    await add(desk.user, course, GameKind.SCRAMBLE, result_id, **result)
    desk.wait(minutes=1)
    record = await add(desk.user, course, GameKind.SCRAMBLE, result_id, **result)

    assert record.plays == 1
    with pytest.raises(Conflict):
        await add(desk.user, course, GameKind.SCRAMBLE, result_id, **better)
    with pytest.raises(NotFound):
        await add(desk.user, course, GameKind.HANGMAN, uuid4(), **result)
    with pytest.raises(BadRequest):
        await add(desk.user, course, GameKind.SCRAMBLE, uuid4(), **too_many)


async def test_the_dashboard(desk: Desk) -> None:
    await desk.study.preferences.put(desk.user, StudySettings(time_zone="Europe/Berlin"))
    course = await desk.write(cards=5, number_of_chapters=2)
    fresh = [card.id for card in await desk.next()]
    for card in fresh[:3]:
        await desk.study.reviews.rate(
            desk.user, Review(id=uuid4(), card_id=card, rating=Rating.EASY, elapsed_ms=4000)
        )
    await desk.study.progress.complete(desk.user, course, 1)
    desk.wait(days=1)
    await desk.study.progress.complete(desk.user, course, 2)

    summary = await desk.study.dashboard.summary(desk.user)
    assert summary.today == date(2026, 11, 26)
    assert [(c.chapters, c.completed) for c in summary.courses] == [(2, 2)]
    assert (summary.due_today.review, summary.due_today.new) == (0, 7)
    assert [day.due for day in summary.forecast] == [0] * 7
    assert summary.forecast[0].day == summary.today
    assert (summary.streak.current, summary.streak.longest) == (2, 2)
    assert summary.seconds_studied.today == 0
    assert summary.seconds_studied.last_7_days == 12
    assert summary.go_on is None

    desk.wait(days=1)
    assert [day.due for day in (await desk.study.dashboard.summary(desk.user)).forecast] == [
        0, 0, 0, 0, 0, 0, 3,
    ]  # fmt: skip
    desk.wait(days=20)
    late = await desk.study.dashboard.summary(desk.user)
    assert [day.due for day in late.forecast] == [3, 0, 0, 0, 0, 0, 0]
    assert (late.streak.current, late.streak.longest) == (0, 2)
    assert late.seconds_studied.last_7_days == 0


async def test_an_empty_dashboard(desk: Desk) -> None:
    summary = await desk.study.dashboard.summary(desk.user)

    assert summary.courses == ()
    assert summary.due_today.total == 0
    assert summary.streak.longest == 0


async def test_settings_are_kept_and_a_zone_that_is_none_changes_nothing(desk: Desk) -> None:
    wanted = StudySettings(time_zone="Asia/Tokyo", day_starts_at=0, new_per_day=0)
    await desk.study.preferences.put(desk.user, StudySettings(reviews_per_day=7))
    await desk.study.preferences.put(desk.user, wanted)

    with pytest.raises(BadRequest):
        await desk.study.preferences.put(desk.user, StudySettings(time_zone="Mars/Base"))

    assert await desk.study.preferences.get(desk.user) == wanted


async def test_a_zone_that_this_machine_does_not_know_is_no_obstacle(
    desk: Desk, admin_url: str
) -> None:
    await desk.study.preferences.put(desk.user, StudySettings())
    async with await AsyncConnection.connect(admin_url) as conn:
        await conn.execute("update study_settings set time_zone = 'Elsewhere/New'")

    assert (await desk.study.dashboard.summary(desk.user)).today == datetime(
        2026, 11, 25, tzinfo=UTC
    ).date()


async def test_nobody_reaches_what_others_do(desk: Desk, open_desk: OpenDesk) -> None:
    course = await desk.write()
    done = await take(desk, course, [RIGHT, WRONG, RIGHT])
    await desk.study.progress.complete(desk.user, course, 1)
    await desk.study.progress.read_on(desk.user, course, 1, position=0.5)
    game: dict[str, Any] = {"score": 1, "total": 1, "elapsed_ms": 1}
    await desk.study.games.add(desk.user, course, GameKind.SCRAMBLE, uuid4(), **game)
    stranger = await open_desk()
    study, user = stranger.study, stranger.user

    for attempt in (
        lambda: study.progress.of(user, course),
        lambda: study.progress.complete(user, course, 1),
        lambda: study.progress.reopen(user, course, 1),
        lambda: study.progress.read_on(user, course, 1, position=0.1),
        lambda: study.quizzes.start(user, course, 1),
        lambda: study.quizzes.attempt(user, done.attempt.id),
        lambda: study.quizzes.finish(user, done.attempt.id, []),
        lambda: study.quizzes.history(user, course, number=None, limit=9, offset=0),
        lambda: study.games.records(user, course),
        lambda: study.games.add(user, course, GameKind.SCRAMBLE, uuid4(), **game),
    ):
        with pytest.raises(NotFound):
            await attempt()
    summary = await study.dashboard.summary(user)
    assert (summary.courses, summary.go_on, summary.streak.longest) == ((), None, 0)
    assert (await desk.study.progress.of(desk.user, course)).completed == 1
