import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursewright.keys.redaction import SHOWN, redact
from coursewright.logs import configure

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
MADE_UP = {prefix: prefix + "madeUp" * 6 for prefix in ("AI" + "za", "AQ" + ".", "gsk" + "_")}


@pytest.mark.parametrize("key", MADE_UP.values(), ids=["gemini", "gemini-new", "groq"])
@pytest.mark.parametrize(
    "text",
    ["{}", "key={}&x=1", "x-goog-api-key: {}\n", "Bearer {},", '{{"k": "{}"}}', "…{}…"],
)
def test_a_key_is_taken_out_wherever_it_stands(text: str, key: str) -> None:
    found = redact(text.format(key))
    assert key[6:20] not in found
    assert found == text.format(SHOWN)


@given(st.text(), st.text(alphabet=LETTERS, min_size=24, max_size=60))
def test_nothing_of_a_key_is_left(around: str, rest: str) -> None:
    assert rest not in redact(f"{around} {'gsk' + '_'}{rest} {around}").replace(around, "")


def test_ordinary_words_stay() -> None:
    text = "AIzawa said gsk_ and AQ. twice, see https://example.org/AQ.html"
    assert redact(text) == text


def test_logs_hold_no_key_not_even_in_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    for form in ("json", "human"):
        configure("info", form)
        key = MADE_UP["gsk" + "_"]
        try:
            refuse(key)
        except ValueError:
            logging.getLogger("a.library").exception("sent %s", key)
        said = capsys.readouterr().err
        assert SHOWN in said
        assert key[6:] not in said


def refuse(key: str) -> None:
    raise ValueError(f"the provider said {key}")
