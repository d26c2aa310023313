"""Links to a course over HTTP, and what row-level security lets their readers see."""

import json
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import errors, sql

from coursewright.database.pool import Database
from support.problems import problem
from support.service import Service

READABLE = {
    "courses",
    "course_sources",
    "course_chapters",
    "course_flashcards",
    "course_mcqs",
    "course_glossary_terms",
    "course_articles",
    "course_word_games",
    "course_suggestions",
    "course_audio_scripts",
}


@pytest.fixture
async def path(service: Service) -> str:
    course_id = await service.order(chapters=2)
    await service.settled(course_id)
    return f"/api/courses/{course_id}"


async def share(service: Service, path: str, **order: object) -> dict[str, Any]:
    answer = await service.client.post(f"{path}/shares", json=order)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_whoever_has_the_link_reads_the_course(service: Service, path: str) -> None:
    made = await share(service, path)
    whole = (await service.client.get(path)).json()

    answer = await service.client.get(f"/api/shared/{made['token']}")
    assert answer.status_code == 200
    shared = answer.json()
    for name in ("chapters", "flashcards", "mcqs", "glossary", "articles", "word_games"):
        assert shared[name] == whole[name]
    assert [each["title"] for each in shared["sources"]] == [
        each["title"] for each in whole["sources"]
    ]
    assert set(shared["sources"][0]) == {"id", "title", "origin", "licence", "attribution"}

    page = await service.client.get(f"/shared/{made['token']}")
    assert page.status_code == 200
    assert whole["chapters"][0]["title"] in page.text
    assert whole["sources"][0]["title"] in page.text
    for said in (answer, page):
        assert said.headers["referrer-policy"] == "no-referrer"
        assert said.headers["x-robots-tag"] == "noindex, nofollow"
        assert said.headers["cache-control"] == "private, no-store"
        assert "default-src 'self'" in said.headers["content-security-policy"]


async def test_nothing_private_is_shown(service: Service) -> None:
    answer = await service.client.post(
        "/api/courses/from-files",
        data={"topic": "Quanta"},
        files=[("files", ("salary-of-anna.md", _DOCUMENT.encode(), "text/markdown"))],
    )
    course_id = answer.json()["id"]
    course = await service.settled(course_id)
    made = await share(service, f"/api/courses/{course_id}")
    owner = str(service.application.owner)

    cited = {
        each["passage_id"]
        for chapter in course["chapters"]
        for section in chapter["sections"]
        for block in section["blocks"]
        for each in block["citations"]
    }
    planned = {
        passage for chapter in course["outline"]["chapters"] for passage in chapter["passages"]
    }
    for url in (f"/api/shared/{made['token']}", f"/shared/{made['token']}"):
        text = (await service.client.get(url)).text
        for private in (
            owner, course_id, "salary-of-anna.md", *(planned - cited),
            "rejected", "cost_usd", "data-post", "/api/courses", "course-generator",
        ):  # fmt: skip
            assert private not in text, private


async def test_a_document_without_a_title_is_not_named_by_its_file(service: Service) -> None:
    text = _DOCUMENT.split("\n\n", 2)[2]
    answer = await service.client.post(
        "/api/courses/from-files",
        data={"topic": "Quanta", "chapters": "1"},
        files=[("files", ("salary-of-anna.txt", text.encode(), "text/plain"))],
    )
    course_id = answer.json()["id"]
    course = await service.settled(course_id)
    assert [each["title"] for each in course["sources"]] == ["salary-of-anna.txt"]
    made = await share(service, f"/api/courses/{course_id}")
    shared = (await service.client.get(f"/api/shared/{made['token']}")).json()
    assert [each["title"] for each in shared["sources"]] == ["A document without a title"]
    for url in (f"/api/shared/{made['token']}", f"/shared/{made['token']}"):
        assert "salary-of-anna" not in (await service.client.get(url)).text


async def test_what_the_gate_said_of_an_item_is_its_authors(service: Service, path: str) -> None:
    card = {"front": "Mine", "back": "word " * 70}
    answer = await service.client.put(
        f"{path}/chapters/1/flashcards", json={"items": [card], "version": 1, "overrule": True}
    )
    assert answer.json()["overruled"]
    made = await share(service, path)
    shown = (await service.client.get(f"/api/shared/{made['token']}")).json()["flashcards"][0]
    assert (shown["front"], shown["overruled"]) == ("Mine", [])
    assert "against the question gate" not in (await service.client.get(made["path"])).text


async def test_a_link_is_listed_used_and_revoked(service: Service, path: str) -> None:
    first, second = await share(service, path), await share(service, path, days=1)
    assert first["token"] != second["token"]
    assert len(first["token"]) >= 43  # 256 bits in base64
    assert first["path"] == f"/shared/{first['token']}"
    listed = (await service.client.get(f"{path}/shares")).json()
    assert {each["id"] for each in listed} == {first["id"], second["id"]}
    assert all(each["last_used_at"] is None for each in listed)
    assert first["token"] not in json.dumps(listed)

    await service.client.get(first["path"])
    listed = {each["id"]: each for each in (await service.client.get(f"{path}/shares")).json()}
    assert listed[first["id"]]["last_used_at"]
    assert listed[second["id"]]["last_used_at"] is None

    for _ in range(2):
        answer = await service.client.delete(f"{path}/shares/{first['id']}")
        assert answer.status_code == 204
    problem(await service.client.get(f"/api/shared/{first['token']}"), 404)
    assert (await service.client.get(first["path"])).status_code == 404
    assert (await service.client.get(second["path"])).status_code == 200
    problem(await service.client.delete(f"{path}/shares/{uuid4()}"), 404)


async def test_what_opens_nothing_looks_all_the_same(
    service: Service, path: str, admin_url: str
) -> None:
    made = await share(service, path)
    with psycopg.connect(admin_url) as admin:
        admin.execute("update course_shares set expires_at = now() - interval '1 second'")
    answers = [
        await service.client.get(f"/api/shared/{token}")
        for token in (made["token"], "x", "a" * 43, "%00", "%ff%fe", "é" * 500, "'; drop table--")
    ]
    told = [problem(answer, 404) | {"request_id": ""} for answer in answers]
    assert all(each == told[0] for each in told)
    assert all(answer.headers["referrer-policy"] == "no-referrer" for answer in answers)


async def test_only_a_digest_is_kept(service: Service, path: str, admin_url: str) -> None:
    made = await share(service, path)
    with psycopg.connect(admin_url) as admin:
        rows = admin.execute("select course_shares::text, token_sha256 from course_shares")
        text, digest = rows.fetchall()[0]
    assert made["token"] not in text
    assert bytes(digest) == sha256(made["token"].encode()).digest()
    # Whoever reads the digest opens nothing by it.
    problem(await service.client.get(f"/api/shared/{bytes(digest).hex()}"), 404)


async def test_bad_orders_are_refused(service: Service, path: str) -> None:
    for order in ({"days": 0}, {"days": 367}, {"days": "x"}, {"token": "mine"}):
        problem(await service.client.post(f"{path}/shares", json=order), 422)
    problem(await service.client.post(f"/api/courses/{uuid4()}/shares"), 404)
    problem(await service.client.get(f"/api/courses/{uuid4()}/shares"), 404)
    for _ in range(50):
        await share(service, path)
    assert "50 links" in problem(await service.client.post(f"{path}/shares"), 409)["title"]


async def test_a_link_goes_with_its_course(service: Service, path: str) -> None:
    made = await share(service, path)
    await service.client.delete(path)
    problem(await service.client.get(f"/api/shared/{made['token']}"), 404)


async def test_another_user_can_neither_share_nor_see_links(service: Service, path: str) -> None:
    sharing = service.application.sharing
    made = await share(service, path)
    course_id, stranger = UUID(path.rsplit("/", 1)[-1]), uuid4()
    for attempt in (
        sharing.create(stranger, course_id),
        sharing.list_all(stranger, course_id),
        sharing.revoke(stranger, course_id, UUID(made["id"])),
    ):
        with pytest.raises(Exception, match=r"there is no course|has no link"):
            await attempt
    assert (await service.client.get(made["path"])).status_code == 200


class Link:
    """A database with two courses, and the digest of a link to one of them."""

    def __init__(self, database: Database, admin_url: str, digest: bytes, mine: UUID) -> None:
        self.database = database
        self.admin_url = admin_url
        self.digest = digest
        self.mine = mine


@pytest.fixture
async def link(service: Service, path: str, admin_url: str) -> Link:
    await service.settled(await service.order(chapters=1))
    made = await share(service, path)
    digest = sha256(made["token"].encode()).digest()
    course_id = UUID(path.rsplit("/", 1)[-1])
    return Link(service.application.database, admin_url, digest, course_id)


def tables(link: Link) -> dict[str, str]:
    """Each table's name with a column of it."""
    with psycopg.connect(link.admin_url) as admin:
        rows = admin.execute(
            "select relname, max(attname) from pg_class"
            " join pg_attribute on attrelid = pg_class.oid"
            " where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace"
            " and attnum > 0 and attidentity = '' and attgenerated = '' and not attisdropped"
            " group by relname"
        )
        return dict(rows.fetchall())


async def test_a_reader_sees_one_course_and_of_it_what_may_be_read(link: Link) -> None:
    for table, column in tables(link).items():
        if table in READABLE:
            column = "id" if table == "courses" else "course_id"  # noqa: PLW2901 - what to compare
        query = sql.SQL("select distinct {} as course from {}").format(
            sql.Identifier(column), sql.Identifier(table)
        )
        async with link.database.as_reader(link.digest) as conn:
            if table not in READABLE:
                with pytest.raises(errors.InsufficientPrivilege):
                    async with conn.transaction():
                        await conn.execute(query)
                continue
            rows = await (await conn.execute(query)).fetchall()
            assert [row["course"] for row in rows] == [link.mine], table


async def test_a_reader_does_not_see_whose_the_course_is_or_what_was_ordered(link: Link) -> None:
    for column in ("user_id", "brief", "topic", "request_key", "status"):
        async with link.database.as_reader(link.digest) as conn:
            with pytest.raises(errors.InsufficientPrivilege):
                await conn.execute(sql.SQL("select {} from courses").format(sql.Identifier(column)))
    for column in ("sha256", "media_type"):
        async with link.database.as_reader(link.digest) as conn:
            with pytest.raises(errors.InsufficientPrivilege):
                await conn.execute(
                    sql.SQL("select {} from course_sources").format(sql.Identifier(column))
                )


async def test_a_reader_writes_nothing(link: Link) -> None:
    for table, column in tables(link).items():
        for statement in (
            sql.SQL("delete from {table}"),
            sql.SQL("update {table} set {column} = {column}"),
            sql.SQL("insert into {table} ({column}) values (null)"),
        ):
            async with link.database.as_reader(link.digest) as conn:
                with pytest.raises(errors.InsufficientPrivilege):
                    await conn.execute(
                        statement.format(table=sql.Identifier(table), column=sql.Identifier(column))
                    )
    with psycopg.connect(link.admin_url) as admin:
        granted = admin.execute(
            "select privilege_type from information_schema.role_table_grants"
            " where grantee = 'coursewright_reader' and privilege_type <> 'SELECT'"
        ).fetchall()
    assert granted == []


@pytest.mark.parametrize("ended", ["expires_at = now()", "revoked_at = now()"])
async def test_a_link_that_ends_while_somebody_reads_opens_nothing_more(
    link: Link, ended: str
) -> None:
    async with link.database.as_reader(link.digest) as conn:
        assert await (await conn.execute("select id from courses")).fetchone()
        with psycopg.connect(link.admin_url) as admin:
            admin.execute(f"update course_shares set {ended}".encode())  # noqa: S608 - see above
        for table in READABLE:
            column = "id" if table == "courses" else "course_id"
            query = sql.SQL("select {} from {}").format(
                sql.Identifier(column), sql.Identifier(table)
            )
            assert await (await conn.execute(query)).fetchall() == [], table


async def test_claims_that_are_no_digest_open_nothing(link: Link) -> None:
    for claims in ({}, {"share": None}, {"share": ""}, {"share": "00"}, {"share": "00" * 32}):
        async with link.database.as_reader(link.digest) as conn:
            await conn.execute(
                "select set_config('request.jwt.claims', %s, true)", (json.dumps(claims),)
            )
            assert await (await conn.execute("select id from courses")).fetchall() == []


async def test_the_claim_of_a_link_gives_a_user_nothing(link: Link) -> None:
    for transaction in (link.database.as_user, link.database.as_service):
        async with transaction(uuid4()) as conn:
            claims = json.dumps({"sub": str(uuid4()), "share": link.digest.hex()})
            await conn.execute("select set_config('request.jwt.claims', %s, true)", (claims,))
            assert await (await conn.execute("select id from courses")).fetchall() == []
            with pytest.raises(errors.InsufficientPrivilege):
                await conn.execute("select coursewright_meta.shared_course()")


async def test_a_reader_cannot_become_anybody_else(link: Link) -> None:
    with psycopg.connect(link.admin_url) as admin:
        rows = admin.execute(
            "select r.rolname from pg_auth_members m join pg_roles r on r.oid = m.roleid"
            " join pg_roles u on u.oid = m.member where u.rolname = 'coursewright_reader'"
        ).fetchall()
        owned = admin.execute(
            "select count(*) from pg_shdepend d join pg_roles r on r.oid = d.refobjid"
            " where r.rolname = 'coursewright_reader' and d.deptype = 'o'"
        ).fetchone()
    assert rows == []
    assert owned == (0,)


_DOCUMENT = "# Tides\n\n## What they are\n\n" + " ".join(
    f"A **quant{letter}** is a made-up thing of kind {letter} that stands in this text alone."
    for letter in "abcdefghijklmnopqrst"
)
