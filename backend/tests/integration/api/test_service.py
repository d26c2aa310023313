"""Health, guard, pages and the description of the service."""

import asyncio
import re

import psycopg
import pytest
from psycopg import sql

from support.service import Service, open_service, settings_for

CONTRACT = {
    "status",
    "chapter_keys",
    "quiz_keys",
    "flashcard_keys",
    "game_keys",
    "article_keys",
    "groq_keys",
}


async def test_health_has_the_fields_of_the_contract(service: Service) -> None:
    answer = await service.client.get("/health")

    found = answer.json()
    assert answer.status_code == 200
    assert found["status"] == "healthy"
    assert set(found) >= CONTRACT
    assert all(type(found[name]) is int for name in CONTRACT - {"status"})
    assert found["author"] == "builtin"
    assert found["database"] == "up"


async def test_health_counts_keys_and_shows_none(
    database_url: str, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEMINI_CHAPTER_KEY_1", "made-up-chapter-key")
    monkeypatch.setenv("GROQ_API_KEY_1", "made-up-groq-key")
    settings = settings_for(database_url, tmp_path)  # pyright: ignore[reportArgumentType] - a Path

    async with open_service(settings) as service:
        answer = await service.client.get("/health")

    assert answer.json()["chapter_keys"] == 1
    assert answer.json()["groq_keys"] == 1
    assert "made-up" not in answer.text


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", ""])
async def test_a_foreign_host_name_is_refused(service: Service, host: str) -> None:
    """DNS rebinding: a name of somebody else's that leads to this machine."""
    answer = await service.client.get("/health", headers={"Host": host})
    assert answer.status_code == 421


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_a_foreign_page_cannot_order(service: Service, headers: dict[str, str]) -> None:
    answer = await service.client.post(
        "/api/courses", json={"topic": "Machine Learning Basics"}, headers=headers
    )

    assert answer.status_code == 403
    assert (await service.client.get("/api/courses")).json() == []


async def test_every_answer_carries_the_security_headers(service: Service) -> None:
    for path in ("/", "/course-generator", "/static/style.css", "/health", "/nothing"):
        answer = await service.client.get(path)
        assert "script-src 'self'" in answer.headers["content-security-policy"], path
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/static/../app.py", "/static/%2e%2e/app.py", "/static//etc/x"])
async def test_no_path_leads_out_of_the_static_files(service: Service, path: str) -> None:
    answer = await service.client.get(path)
    assert answer.status_code in {400, 404}


async def test_the_generator_has_the_field_and_the_button_of_the_contract(service: Service) -> None:
    page = (await service.client.get("/course-generator")).text

    assert re.search(r"<input[^>]*id=\"topic\"", page)
    assert re.search(r"<button[^>]*>\s*Create Course\s*</button>", page)
    assert "Machine Learning Basics" in page


async def test_the_reader_shows_all_parts_of_the_course(service: Service) -> None:
    course = await service.settled(await service.order(chapters=2))

    page = (await service.client.get(f"/courses/{course['id']}")).text

    for title in ("Learn", "Listen", "Quiz", "Flashcards", "Game", "Articles"):
        assert f">{title}</button>" in page
    assert course["chapters"][1]["title"] in page
    assert "word for word from its sources" in page
    # Formulas are MathML, not source text.
    assert "<math" in page


async def test_a_page_that_is_not_there_says_what_to_do(service: Service) -> None:
    answer = await service.client.get("/courses/00000000-0000-4000-8000-00000000dead")

    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "there is no course" in answer.text


async def test_the_description_covers_every_route_with_words_and_examples(service: Service) -> None:
    document = (await service.client.get("/openapi.json")).json()

    operations = [operation for path in document["paths"].values() for operation in path.values()]
    assert len(operations) >= 15
    assert all(operation["summary"] and operation["description"] for operation in operations)
    assert "examples" in document["components"]["schemas"]["CourseOrder"]
    page = (await service.client.get("/docs")).text
    assert "/api/courses" in page
    assert not re.search(r"<script[^>]*src=\"http", page)


async def test_without_its_database_it_says_so_and_comes_back(
    service: Service, admin_url: str
) -> None:
    name = admin_url.rsplit("/", 1)[-1].split("?", maxsplit=1)[0]
    admin = admin_url.replace(f"/{name}", "/postgres", 1)

    async with await psycopg.AsyncConnection.connect(admin, autocommit=True) as connection:
        close = sql.SQL("alter database {} allow_connections {}")
        await connection.execute(close.format(sql.Identifier(name), sql.SQL("false")))
        await connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (name,)
        )
        answer = await service.client.get("/health")
        courses = await service.client.get("/api/courses")
        await connection.execute(close.format(sql.Identifier(name), sql.SQL("true")))

    assert answer.status_code == 503
    assert answer.json()["status"] == "unhealthy"
    assert answer.json()["database"] == "down"
    assert courses.status_code == 503
    assert courses.headers["content-type"] == "application/problem+json"
    assert courses.json()["hint"]
    async with asyncio.timeout(20):
        while (await service.client.get("/health")).status_code != 200:  # noqa: ASYNC110 - over HTTP
            await asyncio.sleep(0.2)
    course = await service.settled(await service.order(chapters=2))
    assert course["status"] == "completed"
