import pytest

from coursewright.accounts.address import parse_origin
from coursewright.accounts.mode import Mode, mode_of
from coursewright.course.errors import NotConfigured


@pytest.mark.parametrize(
    ("wanted", "supabase", "accounts", "found"),
    [
        ("auto", False, False, Mode.LOCAL),
        ("auto", False, True, Mode.ACCOUNTS),
        ("auto", True, True, Mode.SUPABASE),
        ("local", True, True, Mode.LOCAL),
        ("accounts", True, False, Mode.ACCOUNTS),
        ("supabase", True, True, Mode.SUPABASE),
    ],
)
def test_what_is_configured_decides_and_what_is_wanted_wins(
    wanted: str,
    supabase: bool,  # noqa: FBT001 - a parameter of the test
    accounts: bool,  # noqa: FBT001 - the same
    found: Mode,
) -> None:
    assert mode_of(wanted, supabase=supabase, accounts=accounts) is found


def test_supabase_without_a_project_is_refused() -> None:
    with pytest.raises(NotConfigured, match="no project") as refused:
        mode_of("supabase", supabase=False, accounts=True)
    assert "COURSEWRIGHT_SUPABASE_URL" in refused.value.hint


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://Example.org", "https://example.org:443/"),
        ("http://example.org", "http://example.org:80"),
        ("http://[::1]:8008", "http://[::1]:8008/"),
    ],
)
def test_an_origin_is_the_same_however_it_is_written(one: str, other: str) -> None:
    assert parse_origin(one) == parse_origin(other) is not None


@pytest.mark.parametrize(
    "text",
    [
        *("", "null", "example.org", "ftp://example.org", "https://", "https://a/b", "https://u@a"),
        *("https://a?b", "https://a#b", "https://a:0", "https://a:99999", "https://a:x"),
        *("https://[::1", "javascript:alert(1)"),
    ],
)
def test_what_is_no_origin_is_none(text: str) -> None:
    assert parse_origin(text) is None


def test_origins_differ_by_scheme_and_port() -> None:
    found = [parse_origin(text) for text in ("http://a", "https://a", "https://a:444", "https://b")]
    assert len({str(each) for each in found}) == 4
