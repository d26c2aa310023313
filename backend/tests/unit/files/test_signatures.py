"""Links that expire: what lets in, and all that does not."""

import base64
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursewright.files.signatures import LONGEST, SigningKey, expiry, owner_of, sign

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
FILE, OWNER = UUID(int=1), UUID(int=2)
KEY = SigningKey(3, b"k" * 32)
KEYS = {3: b"k" * 32, 4: b"l" * 32}


def ticket(*, until: datetime = NOW + timedelta(hours=1), key: SigningKey = KEY) -> str:
    return sign(key, FILE, OWNER, until=until)


def test_a_ticket_lets_in_to_its_file_until_it_ends() -> None:
    assert owner_of(ticket(), FILE, KEYS, now=NOW) == OWNER
    assert owner_of(ticket(), FILE, KEYS, now=NOW + timedelta(minutes=59)) == OWNER
    assert owner_of(ticket(), FILE, KEYS, now=NOW + timedelta(hours=1)) is None


def test_a_ticket_lets_in_to_no_other_file() -> None:
    assert owner_of(ticket(), uuid4(), KEYS, now=NOW) is None


def test_a_ticket_ends_with_its_key() -> None:
    assert owner_of(ticket(), FILE, {4: KEYS[4]}, now=NOW) is None
    assert owner_of(ticket(), FILE, {3: KEYS[4]}, now=NOW) is None


def test_no_byte_of_a_ticket_can_be_changed() -> None:
    raw = bytearray(base64.urlsafe_b64decode(ticket() + "=="))
    for at in range(len(raw)):
        changed = raw.copy()
        changed[at] ^= 1
        text = base64.urlsafe_b64encode(changed).decode().rstrip("=")
        assert owner_of(text, FILE, KEYS, now=NOW) is None


@pytest.mark.parametrize(
    "text", ["", "=", "A" * 82, "A" * 200, "A" * 10_000, "é", "\x00", "..", "a b", "A" * 81 + "+"]
)
def test_what_is_no_ticket_lets_nobody_in(text: str) -> None:
    assert owner_of(text, FILE, KEYS, now=NOW) is None


@given(st.text(max_size=120))
def test_whatever_is_sent_is_refused_without_a_fault(text: str) -> None:
    assert owner_of(text, FILE, KEYS, now=NOW) is None


def test_a_ticket_that_is_valid_for_too_long_is_none_even_when_it_is_signed() -> None:
    assert owner_of(ticket(until=NOW + timedelta(days=365)), FILE, KEYS, now=NOW) is None
    assert expiry(NOW, 10**9) == NOW + LONGEST
    longest = ticket(until=expiry(NOW, 10**9))
    assert owner_of(longest, FILE, KEYS, now=NOW) == OWNER


def test_a_ticket_fits_an_address_and_a_key_does_not_show_itself() -> None:
    assert ticket().replace("-", "a").replace("_", "a").isalnum()
    assert "kkk" not in repr(KEY)
