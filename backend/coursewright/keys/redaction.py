"""Taking keys out of texts that leave the program: logs, errors, answers."""

import re

_KEYS = re.compile(r"AIza[0-9A-Za-z_-]{20,}|AQ\.[0-9A-Za-z_-]{20,}|gsk_[0-9A-Za-z]{16,}")
"""What keys of Gemini and of Groq begin with (November 2026)."""
SHOWN = "[key]"


def redact(text: str) -> str:
    """The text without anything that looks like a key."""
    return _KEYS.sub(SHOWN, text)
