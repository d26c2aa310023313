"""Names of models as people write them, and which ones are used where nobody says."""

import re
from collections.abc import Mapping
from enum import StrEnum

from coursewright.course.base import Value

_NAME = re.compile(r"^(?P<provider>[a-z]+):(?P<model>[^\s,;]+)$")


class Provider(StrEnum):
    """Whose wire it is."""

    GEMINI = "gemini"
    GROQ = "groq"
    OPENAI = "openai"
    """Any server that speaks OpenAI's chat completions: its address is a setting."""


_PROVIDERS = {
    **{str(provider): provider for provider in Provider},
    "google": Provider.GEMINI,
    "google-gla": Provider.GEMINI,
}

AUDIO = "audio"
"""The service that writes audio scripts; the others are `keys.credentials.Service`."""
SERVICES = ("chapter", "quiz", "flashcard", "game", "article", AUDIO)


GEMINI_URL = "https://generativelanguage.googleapis.com"
GROQ_URL = "https://api.groq.com/openai/v1"


class UnusableModelName(ValueError):
    """A text that names no model."""


class ModelName(Value):
    """A model of a provider."""

    provider: Provider
    model: str

    def __str__(self) -> str:
        return f"{self.provider}:{self.model}"


Chain = tuple[ModelName, ...]
"""The models of a service: the first is asked; the others when those before it cannot answer."""


def parse_chain(text: str) -> Chain:
    """Reads `google:gemini-3.8-flash, groq:openai/gpt-oss-120b`.

    Raises `UnusableModelName`, which quotes what is wrong.
    """
    return tuple(_parse(part) for part in map(str.strip, text.split(",")) if part)


def _parse(text: str) -> ModelName:
    found = _NAME.match(text)
    provider = _PROVIDERS.get(found["provider"]) if found else None
    if found is None or provider is None:
        message = f"{text!r}: write a model like google:MODEL, groq:MODEL or openai:MODEL"
        raise UnusableModelName(message)
    return ModelName(provider=provider, model=found["model"])


_FLASH = "google:gemini-3.8-flash"
_LITE = "google:gemini-3.5-flash-lite"
_GROQ = "groq:openai/gpt-oss-120b, groq:openai/gpt-oss-20b"
DEFAULT_MODELS: Mapping[str, str] = {
    "chapter": f"{_FLASH}, {_LITE}, {_GROQ}",
    "quiz": f"{_LITE}, {_GROQ}, {_FLASH}",
    "flashcard": f"{_LITE}, {_GROQ}, {_FLASH}",
    "game": f"{_LITE}, {_GROQ}, {_FLASH}",
    "article": f"{_LITE}, {_GROQ}, {_FLASH}",
    AUDIO: f"{_GROQ}, {_LITE}, {_FLASH}",
}
"""Current models (November 2026). Chapters by the better one, of which a free project has some 20
requests a day; the many small calls by the one that has some 500.
"""

DEFAULT_LIMITS = (
    "gemini:gemini-3.8-flash rpm=5 tpm=250000 rpd=20;"
    "gemini:gemini-3.5-flash rpm=5 tpm=250000 rpd=20;"
    "gemini:gemini-3.5-flash-lite rpm=15 tpm=250000 rpd=500;"
    "gemini:gemini-3.1-flash-lite rpm=15 tpm=250000 rpd=500;"
    "gemini:* rpm=5 tpm=250000;"
    "groq:* rpm=30 tpm=8000 rpd=1000"
)
"""Free tiers as seen in November 2026, in the syntax of `keys.limits`. What is set in
`COURSEWRIGHT_LIMITS` comes first, and what a server states replaces both.
"""
