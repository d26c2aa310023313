"""Local accounts over HTTP: signing in and out, sessions, passwords, data."""

import asyncio
import io
import json
import statistics
import time
import zipfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx2
import psycopg
import pytest

from coursewright.accounts import throttle
from coursewright.accounts.directory import Directory
from support.people import PASSWORD, Person, browser, person, sign_in
from support.service import Service, open_service, settings_for

OTHER = "other random words there"


@pytest.fixture
async def accounts(database_url: str, tmp_path: Path) -> AsyncIterator[Service]:
    settings = settings_for(database_url, tmp_path, auth="accounts", max_source_mb=2)
    async with open_service(settings) as opened:
        yield opened


@pytest.fixture
async def ada(accounts: Service) -> AsyncIterator[Person]:
    async with person(accounts, "ada@example.org") as found:
        yield found


async def failing(client: httpx2.AsyncClient, email: str, password: str) -> httpx2.Response:
    return await client.post("/api/session", json={"email": email, "password": password})


async def test_whoever_has_the_password_signs_in_and_out(accounts: Service) -> None:
    await accounts.application.accounts.add("Ada@Example.org", PASSWORD)
    async with browser(accounts) as client:
        assert (await client.get("/api/account")).status_code == 401

        await sign_in(client, " ADA@example.org ")

        assert (await client.get("/api/account")).json()["email"] == "ada@example.org"
        assert (await client.delete("/api/session")).status_code == 204
        answer = await client.get("/api/account")
        assert answer.status_code == 401
        assert answer.json()["hint"]


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(accounts: Service) -> None:
    await accounts.application.accounts.add("ada@example.org", PASSWORD)

    answer = await failing(accounts.client, "ada@example.org", PASSWORD)

    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith("coursewright=")
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/" in cookie
    assert "domain" not in cookie
    assert answer.headers["cache-control"] == "no-store"


async def test_with_https_the_cookie_is_bound_to_this_host(
    database_url: str, tmp_path: Path
) -> None:
    settings = settings_for(
        database_url, tmp_path, auth="accounts", public_url="https://learn.example.org"
    )
    async with open_service(settings) as service:
        await service.application.accounts.add("ada@example.org", PASSWORD)
        answer = await service.client.post(
            "/api/session",
            json={"email": "ada@example.org", "password": PASSWORD},
            headers={"Host": "learn.example.org", "Origin": "https://learn.example.org"},
        )

    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-coursewright=")
    assert "Secure" in cookie
    assert "Domain" not in cookie
    assert answer.headers["strict-transport-security"]


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("https://learn.example.org", 401),
        ("https://learn.example.org:443", 401),
        ("http://learn.example.org", 403),
        ("https://learn.example.org:8443", 403),
        ("https://learn.example.org.evil.example", 403),
        ("https://evil.example", 403),
        ("http://127.0.0.1:8008", 403),
        ("null", 403),
        ("", 403),
    ],
)
async def test_only_pages_of_the_public_address_may_change_anything(
    database_url: str, tmp_path: Path, origin: str, status: int
) -> None:
    settings = settings_for(
        database_url, tmp_path, auth="accounts", public_url="https://learn.example.org"
    )
    async with open_service(settings) as service:
        answer = await service.client.post(
            "/api/session",
            json={"email": "ada@example.org", "password": "x"},
            headers={"Host": "learn.example.org", "Origin": origin},
        )
    assert answer.status_code == status


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Referer": "https://evil.example/page?http://127.0.0.1"},
        {"Authorization": "Bearer x", "Origin": "https://evil.example"},
    ],
)
async def test_a_foreign_page_cannot_use_the_cookie(ada: Person, headers: dict[str, str]) -> None:
    for method, path in (
        ("DELETE", "/api/session"),
        ("POST", "/api/account/delete"),
        ("POST", "/sign-out"),
        ("POST", "/account/delete"),
        ("POST", "/sign-in"),
    ):
        answer = await ada.browser.request(method, path, headers=headers)
        assert answer.status_code == 403, (path, headers)
    assert (await ada.browser.get("/api/account")).status_code == 200


async def test_other_origins_get_no_leave_to_read_by_default(ada: Person) -> None:
    answer = await ada.browser.get("/api/account", headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in answer.headers
    preflight = await ada.browser.options(
        "/api/courses",
        headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"},
    )
    assert "access-control-allow-origin" not in preflight.headers


async def test_only_a_hash_of_the_token_is_stored(ada: Person, admin_url: str) -> None:
    token = ada.browser.cookies["coursewright"]
    async with await psycopg.AsyncConnection.connect(admin_url) as admin:
        rows = await admin.execute(
            "select row_to_json(s)::text || row_to_json(a)::text from coursewright_meta.sessions s"
            " join coursewright_meta.accounts a using (user_id)"
        )
        stored = str(await rows.fetchall())
    assert "ada@example.org" in stored
    assert "$argon2id$" in stored
    assert token not in stored
    assert PASSWORD not in stored


@pytest.mark.parametrize(
    "order",
    [
        {},
        {"email": "ada@example.org"},
        {"email": "ada@example.org", "password": 7},
        {"email": ["ada@example.org"], "password": PASSWORD},
        {"email": "x" * 10_000, "password": "x"},
        {"email": "ada@example.org", "password": "x" * 10_000},
        {"email": "ada@example.org", "password": PASSWORD, "user_id": "x"},
    ],
    ids=lambda order: str(order)[:40],
)
@pytest.mark.usefixtures("ada")
async def test_an_order_to_sign_in_that_is_none_is_refused(
    accounts: Service, order: dict[str, Any]
) -> None:
    async with browser(accounts) as client:
        answer = await client.post("/api/session", json=order)
    assert answer.status_code == 422
    assert PASSWORD not in answer.text


@pytest.mark.parametrize(
    "email",
    ["ada@example.org", "nobody@example.org", "", "' or true --", "a@b\x00", "\U0001f40e@x"],
)
@pytest.mark.usefixtures("ada")
async def test_wrong_words_are_refused_alike(accounts: Service, email: str) -> None:
    async with browser(accounts) as client:
        answer = await failing(client, email, "wrong words altogether")
        assert answer.status_code == 401
        assert answer.json()["title"] == "the e-mail address or the password is not right"
        assert "set-cookie" not in answer.headers


@pytest.mark.usefixtures("ada")
async def test_an_unknown_address_takes_as_long_as_a_known_one(accounts: Service) -> None:
    async def seconds(email: str) -> float:
        began = time.perf_counter()
        answer = await failing(accounts.client, email, "wrong words altogether")
        assert answer.status_code == 401
        return time.perf_counter() - began

    await seconds("warm@example.org")
    known = [await seconds("ada@example.org") for _ in range(5)]
    unknown = [await seconds(f"nobody{number}@example.org") for number in range(5)]
    # Hashing takes far longer than all the rest; without it the ratio is beyond 5.
    assert 1 / 3 < statistics.median(known) / statistics.median(unknown) < 3


@pytest.mark.parametrize("cookie", ["", "x", "x" * 5000, "' or true --", "\\x00", "a" * 43])
async def test_a_cookie_that_was_not_given_out_is_nobody(accounts: Service, cookie: str) -> None:
    answer = await accounts.client.get("/api/account", headers={"Cookie": f"coursewright={cookie}"})
    assert answer.status_code == 401


async def test_signing_in_again_ends_the_browsers_session_before(
    accounts: Service, ada: Person
) -> None:
    before = ada.browser.cookies["coursewright"]
    await sign_in(ada.browser, ada.email)
    assert ada.browser.cookies["coursewright"] != before
    answer = await accounts.client.get("/api/account", headers={"Cookie": f"coursewright={before}"})
    assert answer.status_code == 401


async def test_many_guesses_are_slowed_down_whatever_the_password(
    accounts: Service, ada: Person
) -> None:
    async with browser(accounts) as client:
        found = [
            await failing(client, ada.email, f"guess number {number}")
            for number in range(throttle.ACCOUNT.free)
        ]
        assert {each.status_code for each in found} == {401}
        # At once, so that none of them can hide behind another.
        burst = await asyncio.gather(*(failing(client, ada.email, PASSWORD) for _ in range(5)))
        assert sorted(each.status_code for each in burst) == [200, *[429] * 4] or {
            each.status_code for each in burst
        } == {429}
        late = next(each for each in burst if each.status_code == 429)
        assert int(late.headers["retry-after"]) >= 1
        assert late.json()["type"] == "too-many-attempts"


async def test_attempts_are_counted_for_all_processes_together(
    accounts: Service, ada: Person, database_url: str
) -> None:
    """Two directories on one database, as in two processes."""
    from coursewright.course.errors import NotSignedIn, TooManyAttempts
    from coursewright.database.pool import Database

    first = accounts.application.accounts
    async with await Database.open(database_url) as other:
        second = Directory(
            other, times=first.times, now=lambda: datetime.now(UTC), new_id=lambda: ada.user_id
        )
        outcomes: list[type[BaseException]] = []
        for number in range(throttle.ACCOUNT.free + 4):
            try:
                await (first, second)[number % 2].sign_in(ada.email, "wrong", address="192.0.2.1")
            except (NotSignedIn, TooManyAttempts) as error:
                outcomes.append(type(error))
        assert outcomes.count(NotSignedIn) in {throttle.ACCOUNT.free, throttle.ACCOUNT.free + 1}
        assert TooManyAttempts in outcomes
        # From elsewhere as well: it is the account that is guarded.
        with pytest.raises(TooManyAttempts):
            await second.sign_in(ada.email, PASSWORD, address="198.51.100.7")


async def test_guesses_at_many_accounts_from_one_place_are_slowed_down(accounts: Service) -> None:
    from coursewright.course.errors import TooManyAttempts

    directory = accounts.application.accounts
    for number in range(throttle.NETWORK.free):
        await directory._count(f"nobody{number}@example.org", "192.0.2.1")
    with pytest.raises(TooManyAttempts):
        await directory._count("one.more@example.org", "192.0.2.1")
    await directory._count("one.more@example.org", "192.0.2.2")


async def test_a_session_ends_when_it_is_idle_and_in_any_case(
    accounts: Service, ada: Person
) -> None:
    token = ada.browser.cookies["coursewright"]
    directory = accounts.application.accounts
    began = datetime.now(UTC)

    def after(**ago: float) -> Directory:
        return Directory(
            accounts.application.database,
            times=directory.times,
            now=lambda: began + timedelta(**ago),
            new_id=lambda: ada.user_id,
        )

    assert await after(days=6).whose(token) is not None
    assert await after(days=12).whose(token) is not None, "use keeps it alive"
    assert await after(days=19.5).whose(token) is None, "idle for a week"
    for day in range(12, 30, 6):
        await after(days=day).whose(token)
    assert await after(days=30.1).whose(token) is None, "used all the time, but old"


async def test_a_changed_password_ends_the_other_sessions(accounts: Service, ada: Person) -> None:
    async with browser(accounts) as other:
        await sign_in(other, ada.email)

        answer = await ada.browser.put(
            "/api/account/password", json={"old": PASSWORD, "new": OTHER}
        )

        assert answer.status_code == 204, answer.text
        assert (await ada.browser.get("/api/account")).status_code == 200
        assert (await other.get("/api/account")).status_code == 401
        assert (await failing(other, ada.email, PASSWORD)).status_code == 401
        await sign_in(other, ada.email, OTHER)


@pytest.mark.parametrize(
    ("old", "new", "status"),
    [("wrong", OTHER, 403), (PASSWORD, "short", 422), (PASSWORD, "ada@example.org", 422)],
)
async def test_a_password_is_changed_only_by_who_knows_it_and_to_a_good_one(
    accounts: Service, ada: Person, old: str, new: str, status: int
) -> None:
    answer = await ada.browser.put("/api/account/password", json={"old": old, "new": new})
    assert answer.status_code == status
    async with browser(accounts) as other:
        await sign_in(other, ada.email)


async def test_sign_out_everywhere(accounts: Service, ada: Person) -> None:
    async with browser(accounts) as other:
        await sign_in(other, ada.email)
        assert (await other.delete("/api/sessions")).json() == {"sessions": 2}
        assert (await other.get("/api/account")).status_code == 401
        assert (await ada.browser.get("/api/account")).status_code == 401


async def test_deleting_my_account_asks_and_leaves_nothing(
    accounts: Service, ada: Person, admin_url: str
) -> None:
    ordered = await ada.browser.post("/api/courses", json={"topic": "Machine Learning Basics"})
    assert ordered.status_code == 202
    for order, status in (
        ({"password": PASSWORD, "confirm": "no"}, 422),
        ({"password": "wrong", "confirm": "delete everything"}, 403),
        ({"confirm": "delete everything"}, 403),
    ):
        answer = await ada.browser.post("/api/account/delete", json=order)
        assert answer.status_code == status, answer.text
    assert len((await ada.browser.get("/api/courses")).json()) == 1

    answer = await ada.browser.post(
        "/api/account/delete", json={"password": PASSWORD, "confirm": "delete everything"}
    )

    assert answer.status_code == 204, answer.text
    assert (await ada.browser.get("/api/account")).status_code == 401
    assert (await failing(accounts.client, ada.email, PASSWORD)).status_code == 401
    async with await psycopg.AsyncConnection.connect(admin_url) as admin:
        for table in ("auth.users where id", "public.courses where user_id"):
            rows = await admin.execute(f"select 1 from {table} = %s".encode(), (ada.user_id,))  # noqa: S608 - of this test
            assert await rows.fetchall() == [], table


async def test_my_data_comes_as_json_and_is_only_mine(accounts: Service, ada: Person) -> None:
    await ada.browser.post("/api/courses", json={"topic": "Machine Learning Basics"})
    async with person(accounts, "eve@example.org") as eve:
        mine = await _export(ada.browser)
        hers = await _export(eve.browser)

    assert mine["account.json"]["email"] == "ada@example.org"
    assert [row["user_id"] for row in mine["courses.json"]] == [str(ada.user_id)]
    assert mine["course_pieces.json"]
    assert hers["account.json"]["email"] == "eve@example.org"
    assert {name: rows for name, rows in hers.items() if rows} == {
        "account.json": hers["account.json"]
    }
    assert "argon2" not in json.dumps(mine)


async def _export(client: httpx2.AsyncClient) -> dict[str, Any]:
    answer = await client.get("/api/account/export")
    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        return {
            name: json.loads(archive.read(name)) if name.endswith(".json") else archive.read(name)
            for name in archive.namelist()
        }


async def _study(person: Person) -> str:
    """A course with something in every table that a person fills; its id."""
    course = (
        await person.browser.post(
            "/api/courses", json={"topic": "Machine Learning Basics", "chapters": 1}
        )
    ).json()["id"]
    path = f"/api/courses/{course}"
    async with asyncio.timeout(60):
        while (await person.browser.get(path)).json()["status"] == "generating":  # noqa: ASYNC110 - of another program, in effect
            await asyncio.sleep(0.05)
    quiz = (await person.browser.post(f"{path}/quiz-attempts", json={"chapter": 1})).json()
    for question in quiz["questions"]:
        await person.browser.post(
            f"/api/quiz-attempts/{quiz['id']}/answers", json={"item": question["id"], "chosen": 0}
        )
    (card, *_) = (await person.browser.get("/api/study/due")).json()["cards"]
    for method, where, body in (
        ("PUT", f"/api/study/reviews/{uuid4()}", {"card_id": card["id"], "rating": 3}),
        ("PUT", f"{path}/chapters/1/completion", {}),
        ("PUT", f"{path}/position", {"chapter": 1, "sitting": str(uuid4()), "elapsed_ms": 9000}),
        ("PUT", "/api/study/settings", {"new_per_day": 3}),
        ("POST", f"{path}/shares", {}),
    ):
        answer = await person.browser.request(method, where, json=body)
        assert answer.is_success, (where, answer.text)
    games = (await person.browser.get(path)).json()["word_games"]
    kind = games[0]["kind"]
    answer = await person.browser.put(
        f"{path}/word-games/{kind}/results/{uuid4()}",
        json={"score": 1, "total": 2, "elapsed_ms": 9},
    )
    assert answer.is_success, answer.text
    return course


async def _chunks(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def test_what_i_take_with_me_has_my_study_and_my_files_in_it(
    accounts: Service, ada: Person, tmp_path: Path
) -> None:
    course = UUID(await _study(ada))
    files = accounts.application.files
    kept = [
        await files.keep(
            ada.user_id, course, purpose="audio", name=f"{n}.ogg", chunks=_chunks(b"OggS" * n)
        )
        for n in (1, 2)
    ]
    (tmp_path / "files" / kept[1].stored_as).unlink()

    mine = await _export(ada.browser)

    assert mine[f"files/{kept[0].id}/1.ogg"] == b"OggS"
    assert mine["files/missing.json"] == [f"{kept[1].id}/2.ogg"]
    filled = {name.removesuffix(".json") for name, rows in mine.items() if rows}
    assert filled >= {
        "chapter_completion",
        "course_files",
        "course_shares",
        "quiz_attempts",
        "reading_positions",
        "reading_sittings",
        "review_cards",
        "review_log",
        "study_days",
        "study_settings",
        "word_game_results",
    }


async def test_nothing_is_left_of_a_deleted_account_in_any_table(
    accounts: Service, ada: Person, admin_url: str, tmp_path: Path
) -> None:
    """The tables are those of the catalog, so that a new one that keeps something fails here."""
    course = await _study(ada)
    files = accounts.application.files
    kept = await files.keep(
        ada.user_id, UUID(course), purpose="audio", name="1.ogg", chunks=_chunks(b"OggS")
    )
    traces = (str(ada.user_id), course, ada.email)
    async with await psycopg.AsyncConnection.connect(admin_url, autocommit=True) as admin:
        assert len(await _tables_with(admin, traces)) > 20

        answer = await ada.browser.post(
            "/api/account/delete", json={"password": PASSWORD, "confirm": "delete everything"}
        )
        assert answer.status_code == 204, answer.text
        await files.sweep()

        assert await _tables_with(admin, traces) == []
    assert not (tmp_path / "files" / kept.stored_as).exists()


async def _tables_with(admin: psycopg.AsyncConnection[Any], traces: tuple[str, ...]) -> list[str]:
    rows = await admin.execute(
        "select format('%I.%I', schemaname, tablename) from pg_catalog.pg_tables"
        " where schemaname not in ('pg_catalog', 'information_schema') order by 1"
    )
    found: list[str] = []
    for (table,) in await rows.fetchall():
        query = f"select 1 from {table} t where t::text like any(%s) limit 1"  # noqa: S608 - of the catalog
        likes = [f"%{trace}%" for trace in traces]
        if await (await admin.execute(query.encode(), (likes,))).fetchone():
            found.append(table)
    return found


async def test_pages_send_to_the_sign_in_and_back(accounts: Service) -> None:
    await accounts.application.accounts.add("ada@example.org", PASSWORD)
    async with browser(accounts) as client:
        for path in ("/", "/course-generator?topic=a%26b", "/account", "/courses/x"):
            sent = await client.get(path)
            assert sent.status_code == 303, path
        sent = await client.get("/course-generator?topic=a%26b")
        form = await client.get(sent.headers["location"])
        assert form.status_code == 200
        assert 'name="next" value="/course-generator?topic=a%26b"' in form.text
        assert "<script" not in form.text

        wrong = await client.post("/sign-in", data={"email": "ada@example.org", "password": "x"})
        assert wrong.status_code == 401
        assert 'role="alert"' in wrong.text
        assert 'value="ada@example.org"' in wrong.text

        right = await client.post(
            "/sign-in",
            data={
                "email": "ada@example.org",
                "password": PASSWORD,
                "next": "/course-generator?topic=a%26b",
            },
        )
        assert right.status_code == 303
        assert right.headers["location"] == "/course-generator?topic=a%26b"
        page = await client.get("/")
        assert "Sign out" in page.text
        assert 'title="ada@example.org"' in page.text

        left = await client.post("/sign-out")
        assert left.headers["location"] == "/sign-in"
        assert (await client.get("/")).status_code == 303


@pytest.mark.parametrize(
    "path",
    [
        *(
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "javascript:1",
        ),
        *("/\t/evil.example", "/\n", "", "evil", "/" + "x" * 600),
    ],
)
async def test_signing_in_leads_nowhere_else(accounts: Service, path: str) -> None:
    await accounts.application.accounts.add("ada@example.org", PASSWORD)
    answer = await accounts.client.post(
        "/sign-in", data={"email": "ada@example.org", "password": PASSWORD, "next": path}
    )
    assert answer.status_code == 303
    assert answer.headers["location"] == "/"


async def test_what_was_typed_is_never_markup(accounts: Service) -> None:
    answer = await accounts.client.post(
        "/sign-in",
        data={"email": '"><script>alert(1)</script>', "password": "x", "next": '"><b>'},
    )
    assert "<script>" not in answer.text
    assert '"><b>' not in answer.text


async def test_the_account_page_changes_the_password_and_deletes(
    accounts: Service, ada: Person
) -> None:
    page = await ada.browser.get("/account")
    assert page.status_code == 200
    assert "delete everything" in page.text
    for data, status in (
        ({"old": PASSWORD, "new": OTHER, "again": "not the same"}, 422),
        ({"old": "wrong", "new": OTHER, "again": OTHER}, 403),
        ({"old": PASSWORD, "new": "short", "again": "short"}, 422),
    ):
        answer = await ada.browser.post("/account/password", data=data)
        assert answer.status_code == status
        assert 'role="alert"' in answer.text
        assert PASSWORD not in answer.text
    changed = await ada.browser.post(
        "/account/password", data={"old": PASSWORD, "new": OTHER, "again": OTHER}
    )
    assert changed.headers["location"] == "/account?said=changed"
    assert "is changed" in (await ada.browser.get("/account?said=changed")).text
    kept = await ada.browser.post("/account/delete", data={"password": OTHER, "confirm": "no"})
    assert kept.status_code == 422
    gone = await ada.browser.post(
        "/account/delete", data={"password": OTHER, "confirm": "Delete everything"}
    )
    assert gone.headers["location"] == "/sign-in"
    assert (await failing(accounts.client, ada.email, OTHER)).status_code == 401


async def test_on_this_machine_alone_nobody_has_to_sign_in(service: Service) -> None:
    answer = await service.client.get("/api/account")
    assert answer.json()["mode"] == "local"
    assert "Sign out" not in (await service.client.get("/")).text
    assert (await service.client.get("/sign-in")).status_code == 303
    signing = await failing(service.client, "ada@example.org", PASSWORD)
    assert signing.status_code == 409
    deleting = await service.client.post(
        "/api/account/delete", json={"confirm": "delete everything"}
    )
    assert deleting.status_code == 409


@pytest.mark.parametrize(
    "header", ["X-Forwarded-For", "X-Forwarded-Host", "Forwarded", "X-Real-IP"]
)
async def test_whoever_comes_by_a_proxy_is_not_the_owner_of_this_machine(
    service: Service, header: str
) -> None:
    for path in ("/api/courses", "/api/account/export", "/"):
        answer = await service.client.get(path, headers={header: "192.0.2.7"})
        assert answer.status_code == 503
        assert "users add" in answer.json()["hint"]
    refused = await service.client.post(
        "/api/courses", json={"topic": "SQL"}, headers={header: "127.0.0.1"}
    )
    assert refused.status_code == 503
    assert (await service.client.get("/api/courses")).json() == []


async def test_once_there_is_an_account_everybody_has_to_sign_in(
    database_url: str, tmp_path: Path
) -> None:
    settings = settings_for(database_url, tmp_path)
    async with open_service(settings) as service:
        assert (await service.client.get("/api/courses")).status_code == 200
        await service.application.accounts.add("ada@example.org", PASSWORD)
    async with open_service(settings) as service:
        assert (await service.client.get("/api/courses")).status_code == 401
