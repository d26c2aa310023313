"""One question to a model: the prompt, the type of the answer, and what it is worth waiting for."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Generic, TypeVar

from pydantic import BaseModel

from coursewright.course.base import Value
from coursewright.providers.names import Chain

T = TypeVar("T", bound=BaseModel)

_LEAST_TOKENS = 400
LEAST, MOST = "x-least", "x-most"
"""In a schema: characters of a text, items of a list. Only servers of one's own are told."""


def _fine(_: object) -> Sequence[str]:
    return ()


@dataclass(frozen=True, kw_only=True)
class Request(Generic[T]):
    """What is asked."""

    service: str
    """Whose keys are used."""
    prompt: str
    """The prompt's name and version, e.g. `chapter@1`."""
    system: str
    user: str
    output: type[T]
    words: int
    """The most words that the answer is thought to have."""
    tokens_a_word: float = 2.5
    """Of the answer, markup and JSON included; English needs fewer than most languages."""
    rank: float = 0.0
    """Seconds of work that can only begin when the answer is there: what holds up most goes
    first.
    """
    models: Chain | None = None
    """Instead of the models of the service."""
    check: Callable[[T], Sequence[str]] = _fine
    """What is wrong with an answer of the right form, in sentences for the model."""

    @property
    def max_tokens(self) -> int:
        """The most that may be answered; Groq counts it when it admits the call."""
        return max(_LEAST_TOKENS, round(self.words * self.tokens_a_word))

    @property
    def hash(self) -> str:
        """The same question has the same one, whichever model answers."""
        schema = _schema(self.output)
        text = f"{self.prompt}\x00{self.system}\x00{self.user}\x00{schema}"
        return hashlib.sha256(text.encode()).hexdigest()


@cache
def _schema(output: type[BaseModel]) -> str:
    return json.dumps(output.model_json_schema(), sort_keys=True)


class Answer(Value):
    """What a model wrote, as it wrote it."""

    text: str
    model: str
    """Provider and model, e.g. `gemini:gemini-3.8-flash`."""
    tokens_in: int = 0
    tokens_out: int = 0
    cost_usd: Decimal = Decimal(0)
    cut: bool = False
    """It was as long as it may be."""
    blocked: bool = False
    """A safety filter or a filter for quotations took it away."""


@dataclass(frozen=True, kw_only=True)
class Asked(Generic[T]):
    """A usable answer, and what it took: all models that were asked, and all that they counted."""

    value: T
    model: str
    prompt: str
    tokens_in: int
    tokens_out: int
    cost_usd: Decimal
