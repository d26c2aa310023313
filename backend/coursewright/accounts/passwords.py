"""Passwords: which are taken, and how they are hashed (Argon2id by pwdlib)."""

import unicodedata
from functools import cache

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher

from coursewright.course.errors import BadRequest

SHORTEST, LONGEST = 12, 256
"""Characters. Length is what counts, not kinds of characters (NIST SP 800-63B-4, 3.1.1.2, asks
for 15 where nothing else is asked, for 8 beside a second factor); attempts are throttled here."""
_FEWEST = 5
"""Different characters, so that `aaaaaaaaaaaa` and `121212121212` are refused."""
_COMMON = ("password", "passwort", "qwertz", "qwerty", "123456", "coursewright", "letmein")

_hasher = PasswordHash((Argon2Hasher(),))


def check(password: str, *, email: str) -> None:
    """Raises `BadRequest` for a password that is too easily guessed, or too long to be one."""
    password = _canonical(password)
    if len(password) < SHORTEST:
        raise BadRequest(
            f"the password is too short: it needs {SHORTEST} characters",
            hint="Four or five random words are easy to remember and hard to guess.",
        )
    if len(password) > LONGEST:
        raise BadRequest(
            f"the password is too long: at most {LONGEST} characters", hint="Take a shorter one."
        )
    rest = password.lower()
    for known in (*_COMMON, email, *email.split("@")):
        rest = rest.replace(known, "")
    if len(set(password)) < _FEWEST or len(rest) < SHORTEST // 2:
        raise BadRequest(
            "the password is too easily guessed",
            hint="Take one that is not made of the address, of common words or of repetition.",
        )


def hashed(password: str) -> str:
    """The password's hash with a salt of its own. Takes 64 MiB and some 50 ms of a processor."""
    return _hasher.hash(_canonical(password))


def verified(password: str, known: str | None) -> tuple[bool, str | None]:
    """Whether it is the password, and its hash by today's measure where that has changed.

    Without a known hash (there is no such account) it takes just as long.
    """
    if len(password) > 4 * LONGEST:
        password, known = "", None
    try:
        same, renewed = _hasher.verify_and_update(_canonical(password), known or _dummy())
    except UnknownHashError:
        return False, None
    return (same, renewed) if known is not None else (False, None)


def _canonical(password: str) -> str:
    """Composed, so that an accent typed on another keyboard is the same (NIST SP 800-63B-4)."""
    return unicodedata.normalize("NFKC", password)


@cache
def _dummy() -> str:
    return _hasher.hash("nobody has this password")
