"""Every route under /api, found in the OpenAPI document: nobody and a stranger are refused.

A new route is tried by itself. One with a parameter that is not listed here fails the test, and so
does one that answers whoever is not signed in.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest
from psycopg import sql
from psycopg.rows import DictRow, dict_row

from support.people import Person, person, sign_in
from support.service import Service, open_service, settings_for
from support.studied import have_studied

METHODS = ("get", "head", "post", "put", "patch", "delete")
OPEN = {("post", "/api/session"), ("get", "/api/shared/{token}")}
"""What whoever is not signed in may do: sign in, and read a course whose link they have.

That a token which is none opens nothing, and what one opens that is, is tested below.
"""
FILLED = {
    "key": "chapter/1",
    "name": "markdown",
    "number": "1",
    "game": "crossword",
    "token": "guessed",
}
"""For the parameters of paths that name nothing of a user's."""


@dataclass
class World:
    """Two people; what is Ada's is in `texts`, none of which Eve may ever read."""

    service: Service
    ada: Person
    eve: Person
    ids: dict[str, str]
    texts: list[str]
    question: str
    operations: list[tuple[str, str, dict[str, Any]]]
    document: dict[str, Any]
    admin_url: str

    async def rows(self) -> dict[str, list[str]]:
        """All that is stored of Ada's."""
        found: dict[str, list[str]] = {}
        async with await psycopg.AsyncConnection[DictRow].connect(
            self.admin_url, row_factory=dict_row
        ) as admin:
            tables = await admin.execute(
                "select table_name as name, array_agg(column_name::text) as columns"
                " from information_schema.columns where table_schema = 'public'"
                " and column_name in ('user_id', 'course_id') group by 1"
            )
            for table in await tables.fetchall():
                owned = {"user_id": str(self.ada.user_id), "course_id": self.ids["course_id"]}
                column = "user_id" if "user_id" in table["columns"] else "course_id"
                rows = await admin.execute(
                    sql.SQL("select to_jsonb(t)::text as row from {} t where {} = %s").format(
                        sql.Identifier(table["name"]), sql.Identifier(column)
                    ),
                    (owned[column],),
                )
                found[table["name"]] = sorted(row["row"] for row in await rows.fetchall())
        return found

    def path(self, template: str) -> str:
        """The path with Ada's ids in it."""
        values = {**FILLED, **self.ids}
        names = [part.partition("}")[0].partition(":")[0] for part in template.split("{")[1:]]
        unknown = [name for name in names if name not in values]
        assert not unknown, f"{template}: say in FILLED or `ids` what {unknown} is"
        return template.replace(":path}", "}").format(**values)

    def body(self, operation: dict[str, Any]) -> dict[str, Any]:
        """What the description gives as an example of the body."""
        content = operation.get("requestBody", {}).get("content", {})
        if not content:
            return {}
        kind, media = next(iter(content.items()))
        example = self._example(media["schema"])
        return {"json": example} if kind == "application/json" else {"data": example}

    def _example(self, schema: dict[str, Any]) -> Any:
        for part in ("anyOf", "allOf"):
            if part in schema:
                return self._example(schema[part][0])
        if "$ref" in schema:
            name = schema["$ref"].rsplit("/", 1)[-1]
            return self._example(self.document["components"]["schemas"][name])
        if "examples" in schema:
            return schema["examples"][0]
        if schema.get("type") == "object":
            required = schema.get("required", [])
            return {
                name: self._example(each)
                for name, each in schema.get("properties", {}).items()
                if name in required
            }
        return {"string": "x", "integer": 1, "number": 1, "boolean": False, "array": []}[
            schema.get("type", "string")
        ]

    async def sends(
        self, client: httpx2.AsyncClient, method: str, path: str, operation: dict[str, Any]
    ) -> httpx2.Response:
        """Sends one request with the body of the description."""
        return await client.request(method.upper(), self.path(path), **self.body(operation))


@pytest.fixture
async def world(database_url: str, admin_url: str, tmp_path: Path) -> AsyncIterator[World]:
    settings = settings_for(database_url, tmp_path, auth="accounts", keep_originals=True)
    async with (
        open_service(settings) as service,
        person(service, "ada@example.org") as ada,
        person(service, "eve@example.org") as eve,
    ):
        ordering = Service(service.application, ada.browser, service.address)
        course = await ordering.settled(await ordering.order(chapters=2))
        document = (await service.client.get("/openapi.json")).json()
        operations = [
            (method, path, operation)
            for path, methods in document["paths"].items()
            if path.startswith("/api")
            for method, operation in methods.items()
            if method in METHODS
        ]
        assert len(operations) > 15
        ids = {"course_id": course["id"], **await have_studied(ordering, course["id"])}
        texts = [course["id"], str(ada.user_id), ada.email]
        question = course["mcqs"][0]["stem"]
        yield World(service, ada, eve, ids, texts, question, operations, document, admin_url)


async def test_nobody_gets_anything(world: World) -> None:
    before = await world.rows()
    for method, path, operation in world.operations:
        if (method, path) in OPEN:
            continue
        for headers in (
            {},
            {"Cookie": "coursewright=guessed"},
            {"Authorization": "Bearer e30.e30.e30"},
            {"X-User-Id": str(world.ada.user_id), "X-Forwarded-User": world.ada.email},
        ):
            world.service.client.headers.update(headers)
            answer = await world.sends(world.service.client, method, path, operation)
            for name in headers:
                del world.service.client.headers[name]
            # A body that is not usable may be said first; it tells nothing.
            assert answer.status_code == 401, (method, path, answer.status_code)
            assert not [text for text in world.texts if text in answer.text], (method, path)
    assert await world.rows() == before


async def test_a_stranger_gets_nothing_of_mine(world: World) -> None:
    before = await world.rows()
    assert before["courses"]
    assert before["course_mcqs"]
    for method, path, operation in world.operations:
        if (await world.eve.browser.get("/api/account")).status_code == 401:
            await sign_in(world.eve.browser, world.eve.email)
        answer = await world.sends(world.eve.browser, method, path, operation)
        hers = not any(f"{{{name}}}" in path for name in world.ids)
        assert answer.status_code < 500, (method, path, answer.text)
        if not hers:
            # A body that is not usable may be said first; it tells nothing.
            assert answer.status_code in {404, 422}, (method, path, answer.status_code, answer.text)
        told = [text for text in world.texts if text in answer.text and text not in path]
        if not hers:
            told = [text for text in told if text != world.ids["course_id"]]
        assert told == [], (method, path)
    assert await world.rows() == before


async def test_a_stranger_sees_none_of_my_pages(world: World) -> None:
    for path in (f"/courses/{world.ids['course_id']}", f"/courses/{world.ids['course_id'][:8]}"):
        answer = await world.eve.browser.get(path)
        assert answer.status_code == 404
        assert world.question not in answer.text
    assert world.ids["course_id"] not in (await world.eve.browser.get("/")).text
    for path in ("/", "/course-generator", f"/courses/{world.ids['course_id']}", "/account"):
        answer = await world.service.client.get(path)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in?next=/")


async def test_an_id_in_the_request_makes_nobody_somebody_else(world: World) -> None:
    user = str(world.ada.user_id)
    for extra in ({"user_id": user}, {"owner": user}, {"sub": user}):
        answer = await world.eve.browser.post(
            "/api/courses", json={"topic": "Machine Learning Basics", **extra}
        )
        assert answer.status_code == 422
        answer = await world.eve.browser.get("/api/courses", params=extra)
        assert answer.json() == []


async def test_a_stranger_changes_nothing_of_mine_with_a_body_that_is_usable(world: World) -> None:
    course = f"/api/courses/{world.ids['course_id']}"
    read = f"{course}/chapters/1"
    chapter = (await world.ada.browser.get(read)).json()
    cards = (await world.ada.browser.get(f"{read}/flashcards")).json()
    before = await world.rows()
    changed = {
        "title": "Eve's",
        "objectives": chapter["objectives"],
        "sections": [{"heading": "H", "markdown": "Eve was here."}],
    }
    undo = f"{course}/revisions/{world.ids['revision_id']}/undo"
    orders: list[tuple[str, str, dict[str, Any]]] = [
        ("PUT", read, {"chapter": changed, "version": chapter["version"]}),
        ("PUT", f"{read}/flashcards", {"items": [], "version": cards["version"]}),
        ("POST", undo, {"version": chapter["version"]}),
        ("POST", f"{course}/shares", {"days": 1}),
    ]
    for method, path, body in orders:
        answer = await world.service.client.request(method, path, json=body)
        assert answer.status_code == 401, (method, path, answer.text)
        answer = await world.eve.browser.request(method, path, json=body)
        assert answer.status_code == 404, (method, path, answer.text)
    assert await world.rows() == before
    for method, path, body in orders:
        answer = await world.ada.browser.request(method, path, json=body)
        stale = path == undo  # the first order has changed the chapter
        assert answer.is_success != stale, (method, path, answer.text)


async def test_a_link_opens_one_course_to_whoever_has_it_and_nothing_else(world: World) -> None:
    course = f"/api/courses/{world.ids['course_id']}"
    made = (await world.ada.browser.post(f"{course}/shares")).json()
    for client in (world.service.client, world.eve.browser):
        for path in (f"/api/shared/{made['token']}", made["path"]):
            answer = await client.get(path)
            assert answer.status_code == 200, path
            assert world.question in answer.text or "Changed by hand" in answer.text
            assert not [text for text in world.texts if text in answer.text], path
            assert world.eve.email not in answer.text
            assert answer.headers["cache-control"] == "private, no-store"
            assert answer.headers["referrer-policy"] == "no-referrer"
        for path in ("/api/shared/guessed", "/shared/guessed"):
            assert (await client.get(path)).status_code == 404
    bearer = {"Authorization": f"Bearer {made['token']}"}
    assert (await world.service.client.get(course, headers=bearer)).status_code == 401
    revoked = await world.ada.browser.delete(f"{course}/shares/{made['id']}")
    assert revoked.status_code == 204
    for client in (world.service.client, world.eve.browser):
        for path in (f"/api/shared/{made['token']}", made["path"]):
            assert (await client.get(path)).status_code == 404
