"""Limits of one user: answered with 429, and not to be slipped past by two orders at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from coursewright.bootstrap import LOCAL_OWNER
from support.service import Service, open_service, settings_for

ORDER = {"topic": "Machine Learning Basics", "chapters": 1}
TEXT = b"# Bread\n\nSourdough is bread that rises by wild yeast and by bacteria.\n" * 400


@pytest.fixture
async def limited(database_url: str, tmp_path: Path) -> AsyncIterator[Any]:
    """`await limited(courses_a_day=1)`: a service with these limits."""
    async with AsyncExitStack() as stack:

        async def opened(**limits: object) -> Service:
            settings = settings_for(database_url, tmp_path, **limits)
            return await stack.enter_async_context(open_service(settings))

        yield opened


async def statuses(service: Service, count: int, **more: Any) -> list[int]:
    answers = await asyncio.gather(
        *(service.client.post("/api/courses", json=ORDER, **more) for _ in range(count))
    )
    return sorted(answer.status_code for answer in answers)


async def courses(service: Service) -> int:
    return len((await service.client.get("/api/courses?limit=200")).json())


async def test_orders_at_once_do_not_slip_past_the_days_limit(limited: Any) -> None:
    service = await limited(courses_a_day=3)
    assert await statuses(service, 12) == [202] * 3 + [429] * 9
    assert await courses(service) == 3


async def test_a_refusal_says_when_and_what(limited: Any) -> None:
    service = await limited(courses_a_day=0)
    answer = await service.client.post("/api/courses", json=ORDER)
    now = datetime.now(UTC)
    left = 86400 - (now.hour * 3600 + now.minute * 60 + now.second)
    assert answer.status_code == 429
    assert answer.headers["content-type"] == "application/problem+json"
    assert abs(int(answer.headers["retry-after"]) - left) < 60 or left < 60
    problem = answer.json()
    assert problem["type"] == "limit-reached"
    assert "0 courses a day" in problem["title"]
    assert "COURSEWRIGHT_COURSES_A_DAY" in problem["hint"]


async def test_deleting_a_course_does_not_give_its_place_back(limited: Any) -> None:
    service = await limited(courses_a_day=1)
    course = await service.order()
    await service.settled(course)
    assert (await service.client.delete(f"/api/courses/{course}")).status_code == 204
    assert await statuses(service, 1) == [429]


async def test_the_same_order_sent_again_is_not_counted(limited: Any) -> None:
    service = await limited(courses_a_day=1)
    headers = {"Idempotency-Key": "one"}
    assert await statuses(service, 1, headers=headers) == [202]
    assert await statuses(service, 3, headers=headers) == [202] * 3


async def test_an_order_that_is_refused_is_not_counted(limited: Any) -> None:
    service = await limited(courses_a_day=1)
    nothing = await service.client.post("/api/courses", json={"topic": "Zxqwv"})
    assert nothing.status_code == 422
    assert await statuses(service, 1) == [202]


async def test_only_so_many_courses_are_made_at_once(limited: Any) -> None:
    service = await limited(courses_at_once=2)
    found = await statuses(service, 8)
    # Some may be complete before the last one is ordered.
    assert found.count(202) >= 2
    listed = (await service.client.get("/api/courses?limit=200")).json()
    for course in listed:
        await service.settled(course["id"])
    assert await statuses(service, 1) == [202]


async def test_going_on_with_a_course_counts_among_those_at_once(
    limited: Any, admin_url: str
) -> None:
    service = await limited(courses_at_once=1)
    course = await service.order()
    await service.settled(course)
    async with await psycopg.AsyncConnection.connect(admin_url) as admin:
        await admin.execute(
            "insert into courses (user_id, title, topic, level, language, brief, author)"
            " values (%s, 't', 't', 'beginner', 'en', '{}', 'builtin')",
            (LOCAL_OWNER,),
        )
    again = await service.client.post(f"/api/courses/{course}/pieces/chapter/1/regenerate", json={})
    assert again.status_code == 429, again.text
    assert again.headers["retry-after"] == "60"
    assert (await service.client.get(f"/api/courses/{course}")).json()["status"] == "completed"


async def test_files_are_added_up_over_the_day(limited: Any) -> None:
    service = await limited(upload_mb_a_day=1, max_source_mb=2)
    body = TEXT + b" " * (600_000 - len(TEXT))

    async def send() -> int:
        answer = await service.client.post(
            "/api/courses/from-files",
            data={"topic": "Bread", "chapters": "1"},
            files=[("files", ("bread.md", body, "text/markdown"))],
        )
        return answer.status_code

    assert sorted(await asyncio.gather(send(), send(), send())) == [202, 429, 429]


async def test_what_was_spent_today_counts_and_yesterday_does_not(
    limited: Any, admin_url: str
) -> None:
    service = await limited(usd_a_day=2)
    spent = (
        "insert into model_calls (user_id, service, provider, model, outcome, cost_usd, created_at)"
        " values (%s, 'chapter', 'p', 'm', 'ok', 1.5, now() - %s * interval '1 day')"
    )
    async with await psycopg.AsyncConnection.connect(admin_url, autocommit=True) as admin:
        await admin.execute(spent, (LOCAL_OWNER, 1))
        await admin.execute(spent, (LOCAL_OWNER, 0))
        assert await statuses(service, 1) == [202]
        await admin.execute(spent, (LOCAL_OWNER, 0))
        assert await statuses(service, 1) == [429]
