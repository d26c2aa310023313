"""Tokens of sessions: random, and stored only as a SHA-256."""

import hashlib
import secrets
from collections.abc import Callable

_BYTES = 32
"""256 bits: guessing is out of the question, so a quick hash without a salt suffices."""
_LONGEST = 100


def new_token(random: Callable[[int], str] = secrets.token_urlsafe) -> str:
    """A token for a cookie: 43 characters of A-Z, a-z, 0-9, - and _."""
    return random(_BYTES)


def fingerprint(token: str) -> bytes | None:
    """What is stored of a token; None for what cannot be one."""
    if not token or len(token) > _LONGEST or not token.isascii():
        return None
    return hashlib.sha256(token.encode()).digest()
