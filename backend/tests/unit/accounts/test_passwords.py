import pytest

from coursewright.accounts import passwords
from coursewright.accounts.emails import normalise
from coursewright.course.errors import BadRequest

EMAIL = "ada@example.org"
GOOD = "seven green umbrellas"


@pytest.mark.parametrize(
    "password",
    [
        "",
        "short",
        "a" * 12,
        "121212121212",
        "passwordpassword",
        "Password123456",
        EMAIL,
        f"{EMAIL}1",
        "qwerty123456!",
        "x" * 257,
        "ab " * 90,
    ],
)
def test_a_password_that_is_easily_guessed_or_none_is_refused(password: str) -> None:
    with pytest.raises(BadRequest) as refused:
        passwords.check(password, email=EMAIL)
    assert refused.value.hint


@pytest.mark.parametrize(
    "password", [GOOD, "пароль из слов", "correct horse battery", "🐎🔋📎🎩🌧🍋🚲🪁🧵🎻🐢🧊"]
)
def test_length_is_what_counts_in_any_script(password: str) -> None:
    passwords.check(password, email=EMAIL)


def test_only_the_password_itself_matches_its_hash() -> None:
    known = passwords.hashed(GOOD)
    assert known.startswith("$argon2id$")
    assert GOOD not in known
    assert passwords.verified(GOOD, known) == (True, None)
    assert passwords.verified(GOOD + " ", known)[0] is False
    assert passwords.verified("", known)[0] is False
    assert passwords.hashed(GOOD) != known


def test_the_same_letters_match_however_they_were_composed() -> None:
    known = passwords.hashed("caf\u00e9 au lait noir")
    assert passwords.verified("cafe\u0301 au lait noir", known)[0]


def test_nobody_signs_in_without_an_account_not_even_with_the_stand_in() -> None:
    assert passwords.verified("nobody has this password", None) == (False, None)


@pytest.mark.parametrize("known", ["", "plain text", "$argon2id$broken", "$2b$12$bcrypt"])
def test_a_hash_that_is_none_lets_nobody_in(known: str) -> None:
    assert passwords.verified(GOOD, known)[0] is False


def test_a_huge_password_is_no_work() -> None:
    assert passwords.verified("x" * 10_000_000, passwords.hashed(GOOD))[0] is False


def test_a_hash_by_an_older_measure_is_renewed() -> None:
    from pwdlib import PasswordHash
    from pwdlib.hashers.argon2 import Argon2Hasher

    weak = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=1024),)).hash(GOOD)
    same, renewed = passwords.verified(GOOD, weak)
    assert same
    assert renewed is not None
    assert passwords.verified(GOOD, renewed) == (True, None)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [(" Ada@Example.ORG ", "ada@example.org"), ("a+b@sub.example.org", "a+b@sub.example.org")],
)
def test_an_address_is_the_same_however_it_is_typed(typed: str, kept: str) -> None:
    assert normalise(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        *("", "ada", "@", "a@", "@b", "a b@c", "a@b@c", "a@b\nx", "a@b,c@d", "<a@b>"),
        *("a\x00@b", "\u202ea@b", "a" * 250 + "@b.cd"),
    ],
)
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(BadRequest):
        normalise(typed)
