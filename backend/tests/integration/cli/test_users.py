"""`users`: accounts, made by the operator; and where `serve` refuses to let anybody in."""

import json
from collections.abc import Callable
from typing import Any

import pytest

Run = Callable[..., Any]
PASSWORD = "seven green umbrellas"
EMAIL = "ada@example.org"


def test_accounts_are_made_listed_and_removed(coursewright: Run) -> None:
    made = coursewright("users", "add", "Ada@Example.org", typed=f"{PASSWORD}\n")
    assert made.code == 0, made.err
    assert EMAIL in made.err
    assert PASSWORD not in made.out + made.err
    listed = json.loads(coursewright("users", "list", "--json").out)
    assert [each["email"] for each in listed] == [EMAIL]
    assert "hash" not in json.dumps(listed)
    assert EMAIL in coursewright("users", "list").out

    kept = coursewright("users", "remove", EMAIL, typed="n\n")
    assert kept.code == 2
    assert json.loads(coursewright("users", "list", "--json").out)
    gone = coursewright("users", "remove", EMAIL, "--yes")
    assert gone.code == 0, gone.err
    assert json.loads(coursewright("users", "list", "--json").out) == []


def test_the_same_address_makes_one_account(coursewright: Run) -> None:
    assert coursewright("users", "add", EMAIL, typed=PASSWORD).code == 0
    again = coursewright("users", "add", EMAIL.upper(), typed=PASSWORD)
    assert again.code == 2
    assert "already" in again.err
    assert "hint:" in again.err


@pytest.mark.parametrize(
    ("email", "typed", "said"),
    [
        (EMAIL, "", "no password"),
        (EMAIL, "short", "too short"),
        (EMAIL, "x" * 100_000, "too long"),
        ("nobody", PASSWORD, "not an e-mail"),
        ("' or true --", PASSWORD, "not an e-mail"),
    ],
)
def test_what_is_not_usable_is_named_and_makes_nothing(
    coursewright: Run, email: str, typed: str, said: str
) -> None:
    ran = coursewright("users", "add", email, typed=typed)
    assert ran.code == 2
    assert said in ran.err
    assert json.loads(coursewright("users", "list", "--json").out) == []


def test_a_password_on_the_command_line_is_a_usage_error(coursewright: Run) -> None:
    for words in ((PASSWORD,), ("--password", PASSWORD)):
        ran = coursewright("users", "add", EMAIL, *words)
        assert ran.code == 2
        assert "Usage" in ran.err


def test_a_new_password_is_set_for_an_account_that_is_there(coursewright: Run) -> None:
    assert coursewright("users", "password", EMAIL, typed=PASSWORD).code == 2
    coursewright("users", "add", EMAIL, typed=PASSWORD)
    ran = coursewright("users", "password", EMAIL, typed="other random words there\n")
    assert ran.code == 0, ran.err
    assert "all sessions have ended" in ran.err


def test_the_owners_account_has_the_courses_of_the_command_line(coursewright: Run) -> None:
    made = coursewright("users", "add", EMAIL, "--owner", "--json", typed=PASSWORD)
    assert json.loads(made.out)["user_id"] == "00000000-0000-4000-8000-000000000001"
    other = coursewright("users", "add", "eve@example.org", "--owner", typed=PASSWORD)
    assert other.code == 2


ANYWHERE = "0.0.0.0"  # noqa: S104 - that it is refused is what is tested


@pytest.mark.parametrize(
    ("settings", "host", "said"),
    [
        ({}, ANYWHERE, "COURSEWRIGHT_AUTH=accounts"),
        ({}, "192.0.2.1", "COURSEWRIGHT_AUTH=accounts"),
        ({}, "::", "COURSEWRIGHT_AUTH=accounts"),
        ({"AUTH": "local"}, ANYWHERE, "no sign-in"),
        ({"PUBLIC_URL": "https://learn.example.org"}, "127.0.0.1", "serving on learn.example.org"),
        ({"PUBLIC_URL": "https://learn.example.org", "AUTH": "local"}, "127.0.0.1", "no sign-in"),
        ({"AUTH": "accounts"}, ANYWHERE, "COURSEWRIGHT_PUBLIC_URL"),
        ({"SUPABASE_URL": "https://project.example"}, ANYWHERE, "COURSEWRIGHT_PUBLIC_URL"),
        ({"AUTH": "supabase"}, "127.0.0.1", "COURSEWRIGHT_SUPABASE_URL"),
        ({"AUTH": "everybody"}, "127.0.0.1", "auth"),
        ({"PUBLIC_URL": "learn.example.org"}, "127.0.0.1", "public_url"),
        ({"PUBLIC_URL": "https://learn.example.org/app"}, "127.0.0.1", "public_url"),
        ({"ALLOWED_ORIGINS": "https://a.example, *"}, "127.0.0.1", "allowed_origins"),
        ({"SUPABASE_JWT_SECRET": "made-up-but-short"}, "127.0.0.1", "32 characters"),
    ],
    ids=str,
)
def test_serving_is_refused_with_what_to_set(
    coursewright: Run,
    monkeypatch: pytest.MonkeyPatch,
    settings: dict[str, str],
    host: str,
    said: str,
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(f"COURSEWRIGHT_{name}", value)
    monkeypatch.setenv("COURSEWRIGHT_HOST", host)
    ran = coursewright("serve", "--port", "0")
    assert ran.code == 1, ran.err
    assert said in ran.err
    assert "made-up-but-short" not in ran.err


def test_with_accounts_all_addresses_still_need_a_name(coursewright: Run) -> None:
    coursewright("users", "add", EMAIL, typed=PASSWORD)
    ran = coursewright("serve", "--host", ANYWHERE, "--port", "0")
    assert ran.code == 1
    assert "COURSEWRIGHT_PUBLIC_URL" in ran.err


def test_run_lets_nobody_in_either(coursewright: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSEWRIGHT_HOST", ANYWHERE)
    ran = coursewright("run", "Machine Learning Basics", "--port", "0")
    assert ran.code == 1
    assert "no sign-in" in ran.err
