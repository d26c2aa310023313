"""Taking keys out of texts that leave the program: logs, errors, answers."""

import re

_KEYS = re.compile(
    r"AIza[0-9A-Za-z_-]{20,}|AQ\.[0-9A-Za-z_-]{20,}|gsk_[0-9A-Za-z]{16,}|sk-[0-9A-Za-z_-]{20,}"
)
"""What keys of Gemini, Groq and OpenAI begin with (November 2026)."""
_LEAST = 8
"""Characters. A shorter word that stands in for a key of a local server may be any word."""
SHOWN = "[key]"

_known: set[str] = set()


def remember(secret: str) -> None:
    """From now on this very text is taken out as well, whatever it looks like."""
    if len(secret) >= _LEAST:
        _known.add(secret)


def redact(text: str) -> str:
    """The text without anything that looks like a key, or is one of ours."""
    for secret in _known:
        text = text.replace(secret, SHOWN)
    return _KEYS.sub(SHOWN, text)
