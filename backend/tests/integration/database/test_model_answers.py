"""Answers are kept by piece; one that another process is being given is waited for."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

import psycopg
import pytest

from coursewright.course.brief import Brief
from coursewright.database import courses
from coursewright.database.model_answers import KeptAnswers
from coursewright.database.pool import Database
from coursewright.providers.request import Answer
from coursewright.providers.scope import Scope

ANSWER = Answer(text="{}", model="gemini:test")


@pytest.fixture
async def scope(database: Database, make_user: Callable[..., Awaitable[UUID]]) -> Scope:
    user, course = await make_user(), uuid4()
    async with database.as_service(user) as conn:
        await courses.insert(
            conn,
            course_id=course,
            user_id=user,
            brief=Brief(topic="Tides"),
            author="model",
            title="Tides",
        )
    return Scope(user_id=user, course_id=course, piece_key="chapter/1")


@pytest.fixture
def asking(database: Database) -> KeptAnswers:
    return KeptAnswers(database, me=uuid4())


@pytest.fixture
def other(database: Database) -> KeptAnswers:
    return KeptAnswers(database, me=uuid4())


async def test_an_answer_is_found_until_it_is_dropped(asking: KeptAnswers, scope: Scope) -> None:
    assert await asking.find(scope, "q") is None
    await asking.keep(scope, "q", ANSWER)
    await asking.keep(scope, "q", ANSWER.model_copy(update={"text": "later"}))
    assert await asking.find(scope, "q") == ANSWER
    await asking.drop(scope, ["q"])
    assert await asking.find(scope, "q") is None


async def test_another_process_waits_for_an_answer_that_is_under_way(
    asking: KeptAnswers, other: KeptAnswers, scope: Scope
) -> None:
    async with asking.asking(scope, "q"):
        assert await asking.find(scope, "q") is None, "whoever asks does not wait for itself"
        waiting = asyncio.create_task(other.find(scope, "q"))
        await asyncio.sleep(0.2)
        assert not waiting.done()
        await asking.keep(scope, "q", ANSWER)
        assert await waiting == ANSWER
    assert await other.find(scope, "q") == ANSWER, "what was answered stays"


async def test_a_question_that_comes_to_nothing_is_free_again(
    asking: KeptAnswers, other: KeptAnswers, scope: Scope
) -> None:
    async with asyncio.timeout(10):
        async with asking.asking(scope, "q"):
            waiting = asyncio.create_task(other.find(scope, "q"))
            await asyncio.sleep(0.2)
        assert await waiting is None


async def test_a_process_that_died_is_not_waited_for(
    asking: KeptAnswers, other: KeptAnswers, scope: Scope, admin_url: str
) -> None:
    async with asking.asking(scope, "q"):
        async with await psycopg.AsyncConnection.connect(admin_url) as admin:
            await admin.execute("update model_answers set asked_until = now()")
        async with asyncio.timeout(10):
            assert await other.find(scope, "q") is None


async def test_of_a_course_that_is_gone_nothing_is_kept(asking: KeptAnswers, scope: Scope) -> None:
    gone = scope.model_copy(update={"course_id": uuid4()})
    async with asking.asking(gone, "q"):
        await asking.keep(gone, "q", ANSWER)
    assert await asking.find(gone, "q") is None
