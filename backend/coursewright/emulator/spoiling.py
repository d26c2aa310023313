"""Making text as models make it when they fail: cut in the middle, or no JSON."""

from coursewright.emulator.chance import unit
from coursewright.emulator.desk import count_tokens


def cut(text: str, most_tokens: int) -> str:
    """What fits into so many tokens."""
    return text[: most_tokens * 4] if count_tokens(text) > most_tokens else text


def spoil(text: str, call_id: str) -> str:
    """Never valid JSON, never empty."""
    at = unit("spoil", call_id)
    if at < 0.5 or ":" not in text:  # noqa: PLR2004 - one half is cut, the other broken
        return text[: max(1, int(len(text) * (0.3 + 1.2 * min(at, 0.5))))].rstrip("}] \n") or "{"
    return text.replace(":", "=", 1)


def pieces(text: str, size: int = 160) -> list[str]:
    """The pieces in which a stream delivers it; at least one."""
    return [text[at : at + size] for at in range(0, len(text), size)] or [""]
