"""Limits for the emulator, as a person writes them down."""

from collections.abc import Mapping

from coursewright.course.errors import BadRequest
from coursewright.emulator.options import GEMINI_MODELS, GROQ_MODELS, ModelLimits
from coursewright.keys.limits import LimitTable, UnusableLimits, parse_limits

_KNOWN: Mapping[str, Mapping[str, ModelLimits]] = {"gemini": GEMINI_MODELS, "groq": GROQ_MODELS}


def limited(text: str) -> dict[str, Mapping[str, ModelLimits]]:
    """The options `gemini_models` and `groq_models` after a text in the syntax of `keys.limits`.

    Raises `BadRequest` for a text that says no limits, or those of another service.
    """
    try:
        table = parse_limits(text)
    except UnusableLimits as error:
        raise BadRequest(
            f"--limits: {error}", hint="For example: --limits 'gemini:* rpm=5 rpd=20'."
        ) from None
    for provider, _ in table.rows:
        if provider not in _KNOWN:
            raise BadRequest(
                f"--limits: there is no service called {provider!r} here",
                hint=f"It is one of {', '.join(_KNOWN)}.",
            )
    return {f"{provider}_models": _models(provider, table) for provider in _KNOWN}


def _models(provider: str, table: LimitTable) -> dict[str, ModelLimits]:
    known = _KNOWN[provider]
    named = [model for its, model in table.rows if its == provider and "*" not in model]
    found: dict[str, ModelLimits] = {}
    for model in (*known, *named):
        said = table.of(provider, model)
        changes = {
            name: value
            for name, value in (("rpm", said.rpm), ("tpm", said.tpm), ("rpd", said.rpd))
            if value is not None
        }
        found[model] = known.get(model, ModelLimits()).model_copy(update=changes)
    return found
