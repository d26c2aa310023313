"""The limits that are configured for a model, as a person writes them down."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_ENTRY = re.compile(r"^(?P<provider>[a-z]+):(?P<model>[\w./*-]+)$")
_NAMES = ("rpm", "tpm", "rpd")


class UnusableLimits(ValueError):
    """A text that does not say limits."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one project may send to one model. None is a limit that is not known."""

    rpm: int | None = None
    """Requests in any 60 seconds."""
    tpm: int | None = None
    """Tokens in any 60 seconds: for Gemini of the prompts, for Groq of prompts and answers."""
    rpd: int | None = None
    """Requests a day."""


class LimitTable:
    """Limits by provider and model; `*` stands for every model that is not named."""

    def __init__(self, rows: Mapping[tuple[str, str], Limits] | None = None) -> None:
        """`rows`: by provider and model."""
        self.rows = dict(rows or {})

    def of(self, provider: str, model: str) -> Limits:
        """The limits of a model; nothing is known of those that are not in the table."""
        rows = self.rows
        return rows.get((provider, model)) or rows.get((provider, "*")) or Limits()

    def over(self, other: "LimitTable") -> "LimitTable":
        """These rows, and those of `other` that they do not replace; `*` replaces a provider's."""
        rows = {
            name: limits for name, limits in other.rows.items() if (name[0], "*") not in self.rows
        }
        return LimitTable({**rows, **self.rows})


def parse_limits(text: str) -> LimitTable:
    """Reads `gemini:gemini-2.5-flash rpm=10 rpd=250; groq:* rpm=30 tpm=8000`.

    Raises `UnusableLimits`, which quotes what is wrong.
    """
    rows: dict[tuple[str, str], Limits] = {}
    text = text.replace("google:", "gemini:")  # people name models so
    for part in filter(None, (each.strip() for each in text.split(";"))):
        name, *values = part.split()
        found = _ENTRY.match(name)
        if found is None or not values:
            message = f"{part!r}: write it like `gemini:MODEL rpm=10 tpm=250000 rpd=250`"
            raise UnusableLimits(message)
        rows[found["provider"], found["model"]] = Limits(**dict(map(_value, values)))
    return LimitTable(rows)


def _value(text: str) -> tuple[str, int]:
    name, _, number = text.partition("=")
    if name not in _NAMES or not (number.isascii() and number.isdigit()) or int(number) < 1:
        message = f"{text!r}: a limit is one of {', '.join(_NAMES)}, `=` and a number above 0"
        raise UnusableLimits(message)
    return name, int(number)
