import pytest

from coursewright.keys.limits import Limits, UnusableLimits, parse_limits


def test_limits_are_read_by_provider_and_model() -> None:
    table = parse_limits(
        "gemini:gemini-2.5-flash rpm=10 tpm=250000 rpd=250; groq:* rpm=30 tpm=8000;"
    )

    assert table.of("gemini", "gemini-2.5-flash") == Limits(rpm=10, tpm=250_000, rpd=250)
    assert table.of("groq", "openai/gpt-oss-120b") == Limits(rpm=30, tpm=8000)
    assert table.of("gemini", "another") == Limits()


def test_nothing_is_known_without_a_table() -> None:
    assert parse_limits("  ").of("gemini", "m") == Limits()


@pytest.mark.parametrize(
    "text",
    [
        "gemini",
        "gemini:m",
        "gemini:m rpm",
        "gemini:m rpm=0",
        "gemini:m rpm=-5",
        "gemini:m rpm=ten",
        "gemini:m rpm=\u0665",
        "gemini:m words=3",
        "rpm=3 gemini:m",
        "\x00:m rpm=1",
    ],
)
def test_what_is_no_limit_is_quoted(text: str) -> None:
    with pytest.raises(UnusableLimits, match="'"):
        parse_limits(text)
