"""API keys from the environment: which there are, and which services they serve.

The names are those of the contract: `GEMINI_CHAPTER_KEY_1..n`, `GEMINI_QUIZ_KEY`,
`GEMINI_FLASHCARD_KEY`, `GEMINI_GAME_KEY`, `GEMINI_ARTICLE_KEY` (each bare or numbered), the
fallback `GEMINI_API_KEY` (bare or numbered) and `GOOGLE_API_KEY`, and `GROQ_API_KEY` (bare or
numbered). A service without a key of its own is served by the fallback keys. `OPENAI_API_KEY`
(bare or numbered) is for any server that speaks OpenAI's wire.

Limits belong to projects (Gemini) and organizations (Groq), not to keys. `<NAME>_PROJECT` says
which one the key of that name belongs to, e.g. `GEMINI_CHAPTER_KEY_3_PROJECT=school`.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from pydantic import SecretStr

from coursewright.keys.redaction import remember

_FALLBACK = re.compile(r"^(GEMINI_API_KEY(_\d+)?|GOOGLE_API_KEY)$")
_GROQ = re.compile(r"^GROQ_API_KEY(_\d+)?$")
_OPENAI = re.compile(r"^OPENAI_API_KEY(_\d+)?$")
_KEY = re.compile(r"^(GEMINI_[A-Z]+_KEY|GOOGLE_API_KEY|GROQ_API_KEY|OPENAI_API_KEY)(_\d+)?$")
_NUMBER = re.compile(r"(\d+)$")


class Service(StrEnum):
    """What keys are dedicated to."""

    CHAPTER = "chapter"
    QUIZ = "quiz"
    FLASHCARD = "flashcard"
    GAME = "game"
    ARTICLE = "article"


@dataclass(frozen=True, kw_only=True)
class Credential:
    """One distinct key. The same key under two names is one credential."""

    secret: SecretStr
    names: tuple[str, ...] = field(compare=False)
    """The variables that hold it."""
    project: str | None = None
    """The project or organization that it was said to belong to; None where nobody said."""

    @property
    def fingerprint(self) -> str:
        """Eight hexadecimal digits of its SHA-256: all of it that is ever shown."""
        return hashlib.sha256(self.secret.get_secret_value().encode()).hexdigest()[:8]


class ConflictingProjects(ValueError):
    """One key is said to belong to two projects."""


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """All keys that were found."""

    services: Mapping[Service, tuple[Credential, ...]]
    """By service, the fallback keys included where they serve it."""
    groq: tuple[Credential, ...]
    openai: tuple[Credential, ...] = ()

    @property
    def any(self) -> bool:
        """Whether there is a key at all."""
        return bool(self.groq or self.openai) or any(self.services.values())

    @property
    def gemini(self) -> tuple[Credential, ...]:
        """All keys for Gemini, of whatever service."""
        return tuple(dict.fromkeys(key for found in self.services.values() for key in found))

    def counts(self) -> dict[str, int]:
        """Distinct keys by service, as `/health` shows them. Never a key or a piece of one."""
        counts = {f"{service}_keys": len(found) for service, found in self.services.items()}
        return {**counts, "groq_keys": len(self.groq)}


def from_environment(environment: Mapping[str, str]) -> Credentials:
    """The keys in `environment`. Blank ones are no keys; stray quotes and spaces are taken off.

    Raises `ConflictingProjects`, which names the variables, when they contradict each other.
    """
    fallback = _collect(environment, _FALLBACK)
    own = {
        service: _collect(environment, re.compile(rf"^GEMINI_{service.upper()}_KEY(_\d+)?$"))
        for service in Service
    }
    return Credentials(
        services={service: found or fallback for service, found in own.items()},
        groq=_collect(environment, _GROQ),
        openai=_collect(environment, _OPENAI),
    )


def _collect(environment: Mapping[str, str], pattern: re.Pattern[str]) -> tuple[Credential, ...]:
    names: dict[str, list[str]] = {}
    for name in sorted(filter(pattern.match, environment), key=_by_number):
        secret = _clean(environment[name])
        if secret:
            names.setdefault(secret, []).append(name)
    for secret in names:
        remember(secret)
    return tuple(
        Credential(
            secret=SecretStr(secret),
            names=tuple(found),
            project=_project(environment, secret),
        )
        for secret, found in names.items()
    )


def _project(environment: Mapping[str, str], secret: str) -> str | None:
    """What is said of the key under any of its names, those of other services included."""
    said = {
        f"{name}_PROJECT": project
        for name in sorted(environment)
        if _KEY.match(name)
        and _clean(environment[name]) == secret
        and (project := _clean(environment.get(f"{name}_PROJECT", "")))
    }
    if len(set(said.values())) > 1:
        message = f"one key cannot belong to several projects: {', '.join(said)}"
        raise ConflictingProjects(message)
    return next(iter(said.values()), None)


def _clean(value: str) -> str:
    return value.strip().strip("\"'").strip()


def _by_number(name: str) -> tuple[int, str]:
    match = _NUMBER.search(name)
    return (int(match.group(1)) if match else 0, name)
