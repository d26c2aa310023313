"""What the clients send and how they read what comes back, against made-up servers."""

import inspect
import subprocess
import sys
from uuid import uuid4

import httpx2
import pytest

from coursewright import AsyncClient, Client
from coursewright.client import answers
from coursewright.client.files import AsyncFiles, Files
from coursewright.client.retries import Retries
from coursewright.client.study import AsyncStudy, Study
from coursewright.course.errors import (
    BadRequest,
    CoursewrightError,
    Defect,
    LimitReached,
    NotConfigured,
    NotFound,
    NotSignedIn,
    OverBudget,
    Refused,
    Stale,
    TooLittle,
    TooManyAttempts,
    Unavailable,
    UserError,
    WrongPassword,
)

PROBLEM = "application/problem+json"


def client(*responses: httpx2.Response | Exception, **options: object) -> tuple[Client, list[str]]:
    """A client whose server answers like that, and what it is sent."""
    sent: list[str] = []
    left = list(responses)

    def answer(request: httpx2.Request) -> httpx2.Response:
        sent.append(f"{request.method} {request.url.path}")
        found = left.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    return Client(transport=httpx2.MockTransport(answer), **options), sent  # pyright: ignore[reportArgumentType] - a test's own


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    def pause(_: float) -> None: ...

    monkeypatch.setattr("time.sleep", pause)


def test_importing_the_package_loads_no_client_and_the_client_loads_no_server() -> None:
    program = (
        "import sys, coursewright;"
        "assert not [n for n in sys.modules if n.startswith(('coursewright.', 'pydantic'))];"
        "coursewright.Client;"
        "names = {name.split('.')[0] for name in sys.modules};"
        "assert not names & {'fastapi', 'psycopg', 'structlog', 'typer', 'procrastinate'}, names"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_both_clients_have_the_same_methods_with_the_same_parameters() -> None:
    def shape(kind: type) -> dict[str, object]:
        return {
            name: inspect.signature(method).parameters
            for name, method in inspect.getmembers(kind, callable)
            if not name.startswith("_")
        }

    pairs = ((Client, AsyncClient), (Study, AsyncStudy), (Files, AsyncFiles))
    for waiting, other in pairs:
        assert shape(waiting) == shape(other)
        for name in shape(waiting):
            assert getattr(waiting, name).__doc__ == getattr(other, name).__doc__
    assert set(inspect.signature(Client).parameters) == set(
        inspect.signature(AsyncClient).parameters
    )


@pytest.mark.parametrize(
    ("status", "kind", "expected"),
    [
        (422, "too-little", TooLittle),
        (409, "over-budget", OverBudget),
        (404, "not-found", NotFound),
        (404, "about:blank", NotFound),
        (422, "made-up", BadRequest),
        (401, "not-signed-in", NotSignedIn),
        (403, "wrong-password", WrongPassword),
        (412, "stale", Stale),
        (422, "refused", Refused),
        (503, "not-configured", NotConfigured),
        (418, "about:blank", BadRequest),
        (401, "about:blank", NotConfigured),
        (500, "defect", Defect),
        (500, "user-error", Defect),
        (302, "about:blank", NotConfigured),
    ],
)
def test_problem_details_become_the_error_that_they_name(
    status: int, kind: str, expected: type[CoursewrightError]
) -> None:
    body = {"type": kind, "title": "what happened", "hint": "what to do"}
    asked, _ = client(httpx2.Response(status, json=body, headers={"content-type": PROBLEM}))
    with pytest.raises(expected) as told:
        asked.course(uuid4())
    assert type(told.value) is expected
    assert (told.value.message, told.value.hint) == ("what happened", "what to do")


def test_how_long_to_wait_comes_with_the_error_and_long_waits_are_left_to_the_caller() -> None:
    for kind, seconds in (("too-many-attempts", "300"), ("limit-reached", "7200")):
        body = {"type": kind, "title": "too often", "hint": "later"}
        answer = httpx2.Response(429, json=body, headers={"retry-after": seconds})
        asked, sent = client(answer)
        with pytest.raises(UserError) as told:
            asked.course(uuid4())
        assert len(sent) == 1
        found = told.value
        assert isinstance(found, TooManyAttempts | LimitReached)
        waits = found.seconds if isinstance(found, TooManyAttempts) else found.retry_after
        assert waits == int(seconds)


@pytest.mark.parametrize("errors", [[{"item": "1", "problem": "two keys"}], [3], None])
def test_what_the_gate_refuses_is_told_item_by_item(errors: object) -> None:
    body = {"type": "refused", "title": "refused", "hint": "mend it", "errors": errors}
    asked, _ = client(httpx2.Response(422, json=body))
    with pytest.raises(Refused) as told:
        asked.course(uuid4())
    whole = ({"item": "1", "problem": "two keys"},)
    assert told.value.problems == (whole if errors and errors != [3] else ())


def test_an_answer_that_cannot_be_unpacked_is_an_error_of_ours() -> None:
    broken = [httpx2.DecodingError("not gzip")] * 4
    asked, sent = client(*broken)
    with pytest.raises(Unavailable, match="not gzip"):
        asked.course(uuid4())
    assert len(sent) == 4


@pytest.mark.parametrize("token", ["two words", "line\nend", "ümlaut"])
def test_a_token_that_no_header_can_carry_is_refused_and_not_repeated(token: str) -> None:
    with pytest.raises(NotConfigured) as told:
        Client(token=token)
    assert token not in f"{told.value.message} {told.value.hint}"


@pytest.mark.parametrize(
    "body", [b"", b"<html>hello</html>", b"[]", b"{}", b'{"id": 3}', b"\xff\xfe", b"null"]
)
def test_another_program_at_the_address_is_told_from_ours(body: bytes) -> None:
    asked, _ = client(httpx2.Response(200, content=body))
    with pytest.raises(NotConfigured, match="does not answer like"):
        asked.course(uuid4())


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b'{"title": null}'])
def test_an_error_without_problem_details_is_an_error_all_the_same(body: bytes) -> None:
    asked, _ = client(httpx2.Response(500, content=body))
    with pytest.raises(Defect, match="500"):
        asked.courses()


def test_a_busy_service_is_asked_again_and_then_given_up() -> None:
    busy = httpx2.Response(503, json={"type": "unavailable", "title": "the database is away"})
    asked, sent = client(busy, busy, httpx2.Response(200, json=[]))
    assert asked.courses() == []
    assert len(sent) == 3

    asked, sent = client(*[busy] * 9, retries=2)
    with pytest.raises(Unavailable, match="the database is away"):
        asked.courses()
    assert len(sent) == 3


def test_what_is_not_configured_is_not_asked_again() -> None:
    asked, sent = client(httpx2.Response(503, json={"type": "not-configured", "title": "no key"}))
    with pytest.raises(NotConfigured, match="no key"):
        asked.create_course("SQL")
    assert len(sent) == 1


def test_what_never_arrived_is_sent_again_whatever_it_is() -> None:
    refused = httpx2.ConnectError("refused")
    asked, sent = client(refused, refused, httpx2.Response(204))
    asked.delete(uuid4())
    assert len(sent) == 3

    asked, sent = client(httpx2.ReadTimeout("slow"), httpx2.Response(204))
    with pytest.raises(Unavailable, match="too long"):
        asked.delete(uuid4())
    assert len(sent) == 1


def test_nobody_at_the_address_is_told_with_the_command_that_helps() -> None:
    with Client("http://127.0.0.1:1", retries=0) as asked, pytest.raises(Unavailable) as told:
        asked.health()
    assert "127.0.0.1:1" in told.value.message
    assert "coursewright serve" in told.value.hint


@pytest.mark.parametrize(
    "address", ["", "8008", "ftp://x", "http://", "http://me:secret@host", "http://[::1", "file:/x"]
)
def test_an_address_that_is_none_is_refused_and_not_repeated(address: str) -> None:
    with pytest.raises(NotConfigured) as told:
        Client(address)
    assert "secret" not in told.value.message + told.value.hint


def test_a_token_is_sent_and_never_shown() -> None:
    seen: list[httpx2.Headers] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request.headers)
        return httpx2.Response(401, json={"title": "sign in"})

    asked = Client(
        token="made-up-token",
        cookies={"session": "made-up"},
        transport=httpx2.MockTransport(answer),
    )
    with pytest.raises(NotConfigured) as told:
        asked.courses()
    assert seen[0]["authorization"] == "Bearer made-up-token"
    assert seen[0]["cookie"] == "session=made-up"
    assert "token" in told.value.hint
    assert "made-up" not in f"{told.value!r} {asked._connection!r} {vars(asked)}"


def test_a_redirect_is_not_followed_with_the_token() -> None:
    asked, sent = client(
        httpx2.Response(302, headers={"location": "http://elsewhere.example/"}), token="made-up"
    )
    with pytest.raises(NotConfigured):
        asked.courses()
    assert sent == ["GET /api/courses"]


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ("attachment; filename*=UTF-8''Caf%C3%A9.md", "Café.md"),
        ("attachment; filename*=UTF-8''..%2F..%2Fetc%2Fpasswd", "passwd"),
        ("attachment; filename*=UTF-8''..%5Cwin.ini", "win.ini"),
        ("attachment; filename*=UTF-8''.bashrc", "bashrc"),
        ("attachment; filename*=UTF-8''..", "course"),
        ("", "course"),
    ],
)
def test_the_name_of_an_export_holds_no_folder(disposition: str, name: str) -> None:
    response = httpx2.Response(200, content=b"x", headers={"content-disposition": disposition})
    assert answers.read_export(response).file_name == name


def test_waits_double_are_spread_and_end() -> None:
    retries = Retries(most=3)
    assert [retries.wait(failed, 0.5) for failed in (1, 2, 3, 4)] == [0.25, 0.5, 1.0, None]
    assert retries.wait(1, 0) == 0.125
    assert retries.wait(1, 0.5, asked=5) == 5
    assert retries.wait(1, 0.5, asked=86_400) is None
    assert Retries(most=0).wait(1, 0.5) is None


@pytest.mark.parametrize("said", ["", "soon", "Wed, 21 Oct 2026 07:28:00 GMT", "-5", "٣"])
def test_a_retry_after_that_is_no_number_is_passed_over(said: str) -> None:
    response = httpx2.Response(503, headers=[(b"retry-after", said.encode())])
    assert answers.asked_to_wait(response) is None
