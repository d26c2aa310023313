"""What the emulator is to be like: limits, windows, projects, faults, latency."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from coursewright.emulator.writing.planting import Planting

Provider = Literal["gemini", "groq"]
WindowKind = Literal["sliding", "calendar", "bucket"]
Rate = Annotated[float, Field(ge=0, le=1)]
_Amount = Annotated[int, Field(ge=0)]


class ModelLimits(BaseModel):
    """What one project may send to one model. None is no limit; 0 is a model that is not for it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rpm: _Amount | None = None
    """Requests a minute."""
    tpm: _Amount | None = None
    """Tokens a minute: Gemini counts those of prompts, Groq prompt and the answer's limit."""
    rpd: _Amount | None = None
    """Requests a day."""
    tpd: _Amount | None = None
    """Tokens a day."""


_FLASH = ModelLimits(rpm=5, tpm=250_000, rpd=20)
_FLASH_LITE = ModelLimits(rpm=15, tpm=250_000, rpd=500)
_FREE_GROQ = ModelLimits(rpm=30, tpm=8_000, rpd=1_000)
GEMINI_MODELS: Mapping[str, ModelLimits] = {
    "gemini-2.5-flash": _FLASH,
    "gemini-2.5-flash-lite": _FLASH_LITE,
    "gemini-2.5-pro": _FLASH,
    "gemini-3-flash-preview": _FLASH,
    "gemini-3.1-flash-lite": _FLASH_LITE,
    "gemini-3.5-flash": _FLASH,
    "gemini-3.5-flash-lite": _FLASH_LITE,
    "gemini-3.8-flash": _FLASH,
    "gemini-flash-latest": _FLASH,
    "gemini-flash-lite-latest": _FLASH_LITE,
}
"""Free tiers as seen in November 2026; they differ by account and change often."""
GROQ_MODELS: Mapping[str, ModelLimits] = {
    "openai/gpt-oss-120b": _FREE_GROQ,
    "openai/gpt-oss-20b": _FREE_GROQ,
    "qwen/qwen3.8-27b": _FREE_GROQ,
    "llama-3.3-70b-versatile": _FREE_GROQ,
    "llama-3.1-8b-instant": _FREE_GROQ,
}
"""Free tiers as seen in November 2026."""


class EmulatorOptions(BaseModel):
    """All options; the defaults are free tiers, no faults, and the latency of the real services."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    gemini: ModelLimits | None = None
    """Limits of every Gemini model, in place of those in `gemini_models`."""
    groq: ModelLimits | None = None
    """The same for Groq."""
    gemini_models: Mapping[str, ModelLimits] = GEMINI_MODELS
    """The models that exist; any other one is answered with 404."""
    groq_models: Mapping[str, ModelLimits] = GROQ_MODELS
    project_limits: Mapping[tuple[str, str] | str, ModelLimits] = {}
    """Limits of one project, by project and model or by project alone; they go before all others.
    A key without a project goes by `alone-` and the first 8 hexadecimal digits of its SHA-256."""
    window: WindowKind = "sliding"
    day_seconds: Annotated[float, Field(gt=0)] = 86_400.0
    """Length of a day, which begins when the emulator starts or is reset."""
    settles: bool = True
    """Groq: whether tokens that were reserved but not used are given back with the answer."""

    projects: Mapping[str, str] = {}
    """By key: the project (at Groq: organization) whose quota it spends. A key that is not named
    is a project of its own. Never told to clients."""
    dead_keys: frozenset[str] = frozenset()
    leaked_keys: frozenset[str] = frozenset()
    barred_keys: frozenset[str] = frozenset()
    """Keys whose region or billing is not allowed (Gemini: FAILED_PRECONDITION)."""

    overloaded: Rate = 0.0
    """Share of calls that are answered with 503; they come in bursts."""
    burst_seconds: Annotated[float, Field(gt=0)] = 4.0
    """Length of such a burst."""
    stall: Rate = 0.0
    """Share of calls that hang."""
    stall_seconds: Annotated[float, Field(ge=0)] | None = None
    """How long they hang before the answer comes after all; None: until the client hangs up."""
    reset: Rate = 0.0
    """Share of calls whose connection breaks in the middle of the answer."""
    malformed: Rate = 0.0
    """Share of calls with text that is cut or is no JSON."""
    empty: Rate = 0.0
    """Share of calls without a candidate."""
    blocked: Rate = 0.0
    """Share of calls that a safety filter refuses."""
    unsafe: re.Pattern[str] | None = None
    """What the safety filter refuses in any case: calls in whose texts this is found."""
    errors: Rate = 0.0
    """Share of calls that are answered with 500."""
    wrong_keys: Rate = 0.0
    """Share of questions whose right answer and a wrong one have changed places."""
    double_keys: Rate = 0.0
    """Share of questions of which two options are right."""
    duplicate_questions: Rate = 0.0
    """Share of questions that are asked a second time, in other words."""
    terse_429: Rate = 0.0
    """Share of the 429s that say nothing but their status."""
    seed: int = 0

    latency_scale: Annotated[float, Field(ge=0)] = 1.0
    """0: answers at once; 1: as long as the real thing."""

    @property
    def planting(self) -> Planting:
        """The faults in questions."""
        return Planting(self.wrong_keys, self.double_keys, self.duplicate_questions)

    def limits(self, provider: Provider, model: str, project: str = "") -> ModelLimits | None:
        """The limits of a model for a project; None when there is no such model."""
        models = self.gemini_models if provider == "gemini" else self.groq_models
        override = self.gemini if provider == "gemini" else self.groq
        if (found := models.get(model)) is None:
            return None
        own = self.project_limits.get((project, model)) or self.project_limits.get(project)
        return own or override or found
