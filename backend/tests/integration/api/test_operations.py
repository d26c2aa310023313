"""`/ready`, `/metrics`, and the id of a request from the log to the answer."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NoReturn
from uuid import UUID

import psycopg
import pytest
from prometheus_client.parser import text_string_to_metric_families

from coursewright import logs
from coursewright.bootstrap import open_application
from coursewright.course.errors import NotConfigured
from coursewright.database.outage import DatabaseGone
from coursewright.database.pool import Database
from support.service import Service, open_service, settings_for

TOKEN = "made-up-token-of-a-test"
LABELS = {
    "method", "route", "status", "kind", "outcome", "provider", "model", "direction", "state", "le",
}  # fmt: skip


async def measures(service: Service, **headers: str) -> dict[tuple[str, tuple[str, ...]], float]:
    """Every sample by its name and its labels' values."""
    answer = await service.client.get("/metrics", headers=headers)
    assert answer.status_code == 200, answer.text
    return {
        (sample.name, tuple(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


async def test_a_service_that_is_up_is_ready(service: Service) -> None:
    answer = await service.client.get("/ready")
    assert (answer.status_code, answer.json()) == (200, {"ready": True, "reasons": []})


async def test_a_database_that_lacks_a_migration_is_not_ready(
    service: Service, admin_url: str
) -> None:
    async with await psycopg.AsyncConnection.connect(admin_url, autocommit=True) as admin:
        await admin.execute("delete from coursewright_meta.coursewright_migrations where number=13")
    answer = await service.client.get("/ready")
    assert answer.status_code == 503
    assert "0013_quota.sql" in answer.json()["reasons"][0]
    assert answer.headers["retry-after"] == "5"


async def test_a_newer_database_is_borne_by_those_who_run_and_refused_by_those_who_start(
    service: Service, admin_url: str, database_url: str, tmp_path: Path
) -> None:
    async with await psycopg.AsyncConnection.connect(admin_url, autocommit=True) as admin:
        await admin.execute(
            "insert into coursewright_meta.coursewright_migrations (number, name, sha256)"
            " values (9999, '9999_later.sql', 'x')"
        )
    assert (await service.client.get("/ready")).status_code == 200
    with pytest.raises(NotConfigured, match=r"newer than this program: it has 9999_later\.sql"):
        await opened(database_url, tmp_path)


async def test_who_starts_on_an_older_database_is_told_to_migrate(
    admin_url: str, database_url: str, tmp_path: Path
) -> None:
    async with await psycopg.AsyncConnection.connect(admin_url, autocommit=True) as admin:
        await admin.execute("delete from coursewright_meta.coursewright_migrations where number>12")
    with pytest.raises(NotConfigured, match=r"older than this program: it lacks 0013") as caught:
        await opened(database_url, tmp_path)
    assert "coursewright migrate" in caught.value.hint


async def opened(database_url: str, folder: Path) -> None:
    settings = settings_for(database_url, folder)
    async with open_application(settings, working="never", command="test"):
        pass


async def test_strangers_are_not_told_where_the_database_is(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> NoReturn:
        raise DatabaseGone('The database does not answer: server at "10.0.0.5", user "postgres".')

    for role in ("as_system", "as_user"):
        monkeypatch.setattr(Database, role, gone)
    ready = await service.client.get("/ready")
    courses = await service.client.get("/api/courses")
    page = await service.client.get("/courses/any")

    assert ready.status_code == courses.status_code == page.status_code == 503
    assert "does not answer" in page.text
    assert "10.0.0.5" not in page.text
    assert ready.json()["reasons"] == ["The database does not answer."]
    assert courses.json()["title"] == "The database does not answer."


async def test_a_process_opens_no_more_connections_than_are_set(
    admin_url: str, database_url: str, tmp_path: Path
) -> None:
    few = settings_for(database_url, tmp_path, database_connections=4)
    async with open_service(few) as opened:
        course = await opened.order("Machine Learning Basics", chapters=3)
        most = 0
        async with await psycopg.AsyncConnection.connect(admin_url, autocommit=True) as admin:
            while (await opened.client.get(f"/api/courses/{course}")).json()[
                "status"
            ] == "generating":
                found = await admin.execute(
                    "select count(*) from pg_stat_activity where datname = current_database()"
                    " and usename = 'coursewright_app'"
                )
                row = await found.fetchone()
                most = max(most, row[0] if row else 0)
    assert 0 < most <= 4 + 5


async def test_a_worker_that_waits_for_its_database_is_not_ready(service: Service) -> None:
    assert service.application.work is not None
    service.application.work._running = False
    answer = await service.client.get("/ready")
    assert answer.status_code == 503
    assert answer.json()["reasons"] == ["the worker of this process does not work"]


async def test_measures_tell_what_was_made_and_name_nobody(service: Service) -> None:
    course = await service.order("Machine Learning Basics", chapters=2)
    await service.settled(course)
    await service.client.get("/api/courses/not-an-id")
    await service.client.get("/no/such/page/secret-words")
    await service.client.request("BREW", "/health")

    found = await measures(service)
    assert found["coursewright_piece_seconds_count", ("chapter", "done")] == 2
    assert found["coursewright_courses_total", ("completed",)] == 1
    assert found["coursewright_http_request_seconds_count", ("POST", "/api/courses", "202")] == 1
    read = ("GET", "/api/courses/{course_id}", "200")
    assert found["coursewright_http_request_seconds_count", read] >= 1
    assert found["coursewright_http_request_seconds_count", ("GET", "(none)", "404")] == 1
    assert found["coursewright_http_request_seconds_count", ("other", "/health", "405")] == 1
    assert found["coursewright_queue_jobs", ("todo",)] == 0
    assert found["coursewright_courses_generating", ()] == 0
    assert found["coursewright_workers_alive", ()] == 1
    assert found["coursewright_database_up", ()] == 1
    assert found["coursewright_database_connections", ("open",)] >= 1

    text = (await service.client.get("/metrics")).text
    names = {name for name, _ in re.findall(r'(\w+)="([^"]*)"', text)}
    assert names <= LABELS
    for secret in (course, str(service.application.owner), "Machine", "secret-words"):
        assert secret not in text


async def test_open_streams_are_counted(service: Service) -> None:
    course = await service.order(chapters=1)
    url = f"/api/courses/{course}/events"
    async with service.client.stream("GET", url) as stream:
        lines = stream.aiter_lines()
        await anext(lines)
        assert (await measures(service))["coursewright_event_streams_open", ()] == 1


@pytest.fixture
async def guarded(database_url: str, tmp_path: Path) -> AsyncIterator[Service]:
    async with open_service(settings_for(database_url, tmp_path, metrics_token=TOKEN)) as opened:
        yield opened


@pytest.mark.parametrize(
    "sent", [None, "", "Bearer", "Bearer wrong", "Basic xyz", f"Bearer {TOKEN}x"]
)
async def test_without_the_token_nothing_is_measured(guarded: Service, sent: str | None) -> None:
    headers = {} if sent is None else {"Authorization": sent}
    answer = await guarded.client.get("/metrics", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert TOKEN not in answer.text


async def test_with_the_token_it_is_measured(guarded: Service) -> None:
    assert await measures(guarded, Authorization=f"Bearer {TOKEN}")


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
async def test_what_a_proxy_passes_on_is_not_from_this_machine(
    service: Service, header: str
) -> None:
    answer = await service.client.get("/metrics", headers={header: "127.0.0.1"})
    assert answer.status_code == 403
    assert "COURSEWRIGHT_METRICS_TOKEN" in answer.json()["hint"]


async def test_an_id_is_taken_over_and_comes_back(service: Service) -> None:
    answer = await service.client.get("/health", headers={"X-Request-Id": "from-a-proxy.1"})
    assert answer.headers["x-request-id"] == "from-a-proxy.1"


@pytest.mark.parametrize("given", ["", "two words", "x" * 65, '"};forged', "-begins", "ümlaut"])
async def test_an_id_that_is_not_sane_is_made_anew(service: Service, given: str) -> None:
    answer = await service.client.get("/health", headers={"X-Request-Id": given.encode()})  # pyright: ignore[reportArgumentType] - raw bytes
    assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["x-request-id"])


@pytest.mark.parametrize(
    ("method", "path", "status", "headers"),
    [
        ("GET", f"/api/courses/{UUID(int=7)}", 404, {}),
        ("POST", "/api/courses", 422, {}),
        ("GET", "/nothing", 404, {}),
        ("GET", "/health", 421, {"Host": "evil.example"}),
        ("POST", "/api/courses", 403, {"Origin": "https://evil.example"}),
    ],
)
async def test_every_problem_carries_the_id(
    service: Service, method: str, path: str, status: int, headers: dict[str, str]
) -> None:
    answer = await service.client.request(
        method, path, headers={"X-Request-Id": "the-one", **headers}
    )
    assert answer.status_code == status
    assert answer.json()["request_id"] == "the-one"
    assert answer.headers.get_list("x-request-id") == ["the-one"]


async def test_a_fault_of_ours_is_logged_with_the_id_that_the_answer_has(
    service: Service, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(type(service.application.reading), "course", broken)
    logs.configure("info", "json")
    course = UUID(int=7)
    answer = await service.client.get(f"/api/courses/{course}")
    lines = [json.loads(each) for each in capsys.readouterr().err.splitlines() if each[:1] == "{"]

    assert answer.status_code == 500
    name = answer.json()["request_id"]
    assert answer.headers.get_list("x-request-id") == [name]
    [fault] = [line for line in lines if line["event"] == "a fault of ours"]
    assert fault["request_id"] == name
    assert fault["course_id"] == str(course)
    [request] = [line for line in lines if line["event"] == "request"]
    assert (request["request_id"], request["route"]) == (name, "/api/courses/{course_id}")


async def test_what_is_logged_of_a_piece_names_it(
    service: Service, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(type(service.application.author), "chapter", broken)
    logs.configure("info", "json")
    course = await service.order(chapters=1)
    await service.settled(course)
    lines = [json.loads(each) for each in capsys.readouterr().err.splitlines() if each[:1] == "{"]
    [fault] = [line for line in lines if line["event"].startswith("a piece failed by a fault")]
    assert (fault["course_id"], fault["piece"]) == (course, "chapter/1")


async def test_an_address_forges_no_line_of_the_log(
    service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure("info", "human")
    for address in ("x%0a12:00:00%20[info]%20forged", "forged%1b[2J", "forged%c2%85"):
        await service.client.get(f"/api/courses/{address}")
    said = capsys.readouterr().err
    lines = [each for each in said.splitlines() if "forged" in each]
    assert len(lines) == 3
    assert all("course_id" in each and each.isprintable() for each in lines), lines
