"""Sign-in by tokens of Supabase over HTTP; the project's server is a real one on loopback."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import jwt
import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from support.service import Service, open_service, settings_for

KEY = ec.generate_private_key(ec.SECP256R1())
SECRET = "made-up-secret-of-more-than-32-characters"


class Project:
    """A server that has nothing but the keys."""

    def __init__(self) -> None:
        public = ECAlgorithm.to_jwk(KEY.public_key(), as_dict=True)
        self.body = json.dumps({"keys": [{**public, "kid": "one", "alg": "ES256"}]}).encode()
        self.status = "200 OK"
        self.asked: list[str] = []
        self.url = ""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.asked.append(request.split()[1])
        head = f"HTTP/1.1 {self.status}\r\nContent-Length: {len(self.body)}\r\n"
        writer.write(f"{head}Connection: close\r\n\r\n".encode() + self.body)
        with contextlib.suppress(ConnectionError):
            await writer.drain()
        writer.close()

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncGenerator[None]:
        server = await asyncio.start_server(self.answer, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with server:
            yield


@pytest.fixture
async def project() -> AsyncIterator[Project]:
    made = Project()
    async with made.open():
        yield made


@pytest.fixture
async def supabased(project: Project, database_url: str, tmp_path: Path) -> AsyncIterator[Service]:
    settings = settings_for(
        database_url,
        tmp_path,
        supabase_url=project.url,
        allowed_origins="https://app.example.org",
    )
    async with open_service(settings) as opened:
        yield opened


def bearer(url: str, user: UUID, **changes: Any) -> dict[str, str]:
    claims = {
        "sub": str(user),
        "aud": "authenticated",
        "role": "authenticated",
        "iss": f"{url}/auth/v1",
        "exp": time.time() + 600,
        "email": "ada@example.org",
        **changes,
    }
    token = jwt.encode(claims, KEY, "ES256", headers={"kid": "one"})
    return {"Authorization": f"Bearer {token}"}


async def test_whoever_has_a_token_of_the_project_has_courses_of_their_own(
    supabased: Service, project: Project
) -> None:
    ada, eve = (bearer(project.url, uuid4()) for _ in range(2))
    ordered = await supabased.client.post(
        "/api/courses",
        json={"topic": "Machine Learning Basics"},
        headers={**ada, "Origin": "https://app.example.org"},
    )
    assert ordered.status_code == 202, ordered.text
    course = f"/api/courses/{ordered.json()['id']}"

    assert (await supabased.client.get(course, headers=ada)).status_code == 200
    assert (await supabased.client.get(course, headers=eve)).status_code == 404
    assert (await supabased.client.get(course)).status_code == 401
    assert (await supabased.client.get("/api/courses", headers=eve)).json() == []
    account = (await supabased.client.get("/api/account", headers=ada)).json()
    assert (account["mode"], account["email"]) == ("supabase", "ada@example.org")
    assert project.asked == ["/auth/v1/.well-known/jwks.json"]


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Basic eDp5", "Bearer x", "Bearer a.b.c", "bearer " + "x" * 20_000],
)
async def test_without_a_good_token_nobody_is_signed_in(supabased: Service, header: str) -> None:
    answer = await supabased.client.get("/api/courses", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["hint"]


async def test_a_token_in_a_cookie_or_in_the_address_does_not_count(
    supabased: Service, project: Project
) -> None:
    token = bearer(project.url, uuid4())["Authorization"].removeprefix("Bearer ")
    requests: list[dict[str, Any]] = [
        {"headers": {"Cookie": f"coursewright={token}; sb-access-token={token}"}},
        {"params": {"access_token": token, "token": token}},
    ]
    for request in requests:
        answer = await supabased.client.get("/api/courses", **request)
        assert answer.status_code == 401


async def test_other_tokens_of_the_project_are_refused(
    supabased: Service, project: Project
) -> None:
    for changes in (
        {"exp": time.time() - 60},
        {"role": "service_role"},
        {"aud": "anon"},
        {"iss": "https://evil.example/auth/v1"},
        {"sub": "x"},
    ):
        headers = bearer(project.url, uuid4(), **changes)
        answer = await supabased.client.get("/api/courses", headers=headers)
        assert answer.status_code == 401, changes


@pytest.mark.parametrize(
    ("status", "body"),
    [
        ("500 Oh", b"{}"),
        ("404 Not Found", b"{}"),
        ("200 OK", b"<html>"),
        ("200 OK", b"[]"),
        ("200 OK", b"\xff\xfe"),
        ("200 OK", b"[" * 100_000),
        ("200 OK", b'{"keys": "' + b"x" * 1_000_000 + b'"}'),
        ("302 Found", b""),
    ],
    ids=lambda value: str(value)[:20],
)
async def test_a_project_that_does_not_answer_is_a_503_with_a_hint(
    supabased: Service, project: Project, status: str, body: bytes
) -> None:
    project.status, project.body = status, body
    answer = await supabased.client.get("/api/courses", headers=bearer(project.url, uuid4()))
    assert answer.status_code == 503, answer.text
    assert "COURSEWRIGHT_SUPABASE_URL" in answer.json()["hint"]
    assert answer.headers["retry-after"]


async def test_a_project_that_cannot_be_reached_is_a_503_with_a_hint(
    database_url: str, tmp_path: Path
) -> None:
    url = "http://127.0.0.1:9"
    async with open_service(settings_for(database_url, tmp_path, supabase_url=url)) as service:
        answer = await service.client.get("/api/courses", headers=bearer(url, uuid4()))
        assert answer.status_code == 503
        assert (await service.client.get("/health")).status_code == 200


async def test_only_the_allowed_origins_may_read_and_without_cookies(supabased: Service) -> None:
    for origin, allowed in (
        ("https://app.example.org", True),
        ("https://app.example.org.evil.example", False),
        ("http://app.example.org", False),
        ("null", False),
    ):
        preflight = await supabased.client.options(
            "/api/courses",
            headers={
                "Origin": origin,
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "authorization,content-type",
            },
        )
        found = preflight.headers.get("access-control-allow-origin")
        assert found == (origin if allowed else None)
        assert "access-control-allow-credentials" not in preflight.headers


async def test_without_a_token_a_foreign_page_changes_nothing(supabased: Service) -> None:
    answer = await supabased.client.post(
        "/api/courses", json={"topic": "x"}, headers={"Origin": "https://evil.example"}
    )
    assert answer.status_code == 403


async def test_there_are_no_passwords_here(supabased: Service) -> None:
    signing = await supabased.client.post(
        "/api/session", json={"email": "a@example.org", "password": "x"}
    )
    assert signing.status_code == 409
    page = await supabased.client.get("/")
    assert page.headers["location"].startswith("/sign-in")
    assert "Authorization: Bearer" in (await supabased.client.get("/sign-in")).text


async def test_deleting_takes_all_rows_and_another_start_is_empty(
    supabased: Service, project: Project, admin_url: str
) -> None:
    user = uuid4()
    headers = bearer(project.url, user)
    await supabased.client.post("/api/courses", json={"topic": "SQL"}, headers=headers)
    answer = await supabased.client.post(
        "/api/account/delete", json={"confirm": "delete everything"}, headers=headers
    )
    assert answer.status_code == 204, answer.text
    async with await psycopg.AsyncConnection.connect(admin_url) as admin:
        rows = await admin.execute("select id from auth.users where id = %s", (user,))
        assert await rows.fetchall() == []
    assert (await supabased.client.get("/api/courses", headers=headers)).json() == []


async def test_a_shared_secret_signs_in_as_well(database_url: str, tmp_path: Path) -> None:
    settings = settings_for(database_url, tmp_path, supabase_jwt_secret=SECRET)
    claims = {"sub": str(uuid4()), "aud": "authenticated", "exp": time.time() + 60}
    token = jwt.encode(claims, SECRET, "HS256")
    async with open_service(settings) as service:
        headers = {"Authorization": f"Bearer {token}"}
        assert (await service.client.get("/api/courses", headers=headers)).status_code == 200
        wrong = jwt.encode(claims, SECRET + "x", "HS256")
        headers = {"Authorization": f"Bearer {wrong}"}
        assert (await service.client.get("/api/courses", headers=headers)).status_code == 401
