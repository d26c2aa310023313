"""Strings within the bounds of a schema."""

import re
from uuid import UUID

from coursewright.emulator.chance import Dice

_UUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE)
_FORMATS = {
    "date": "2026-11-23",
    "date-time": "2026-11-23T09:00:00Z",
    "time": "09:00:00Z",
    "duration": "PT5M",
    "email": "reader@example.org",
    "uri": "https://example.org/reading",
    "hostname": "example.org",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
}


def formatted(name: object, prompt: str, dice: Dice) -> str | None:
    """A value of that format; for a UUID one that the prompt names. None: any text will do."""
    if name == "uuid":
        named = _UUID.findall(prompt)
        return dice.pick(named) if named else str(UUID(int=dice.below(1 << 52), version=4))
    return _FORMATS.get(str(name))


def fit(text: str, least: int, most: int | None) -> str:
    """Cut at a word, or repeated, to a length. Raises ValueError when no length is allowed."""
    if most is not None and most < least:
        if most == 0:
            return ""
        least = most
    text = text or "-"
    while len(text) < least:
        text = f"{text} {text}"
    if most is None or len(text) <= most:
        return text
    cut = text[:most]
    word = cut.rpartition(" ")[0].rstrip(" ,;:")
    return word if len(word) >= least and word else cut
