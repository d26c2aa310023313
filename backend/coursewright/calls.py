"""`call_gemini_with_retry` and `call_groq_with_retry`: one call through the same pools as courses.

    from coursewright.calls import call_gemini_with_retry

    text = await call_gemini_with_retry("Explain recursion to a child.", service="chapter")

They read the keys and the settings of the environment, wait for a place within all limits, try
again where that helps, and go to the next model of the service where it does not. Within one event
loop all calls share one pool. A program that serves courses has a pool of its own: pass its
`providers`, so that both keep the limits together.
"""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import TypeVar, overload
from uuid import UUID
from weakref import WeakKeyDictionary

from pydantic import BaseModel

from coursewright.bootstrap import load_credentials, models_config
from coursewright.course.errors import BadRequest, NotConfigured
from coursewright.providers.answers import NoAnswers
from coursewright.providers.ledger import Entry
from coursewright.providers.names import AUDIO, SERVICES, Provider
from coursewright.providers.opening import Providers, open_providers
from coursewright.providers.request import Request
from coursewright.settings import load_settings

T = TypeVar("T", bound=BaseModel)

_NOBODY = UUID(int=0)
_open: WeakKeyDictionary[asyncio.AbstractEventLoop, tuple[Providers, AsyncExitStack]] = (
    WeakKeyDictionary()
)


class Text(BaseModel):
    """An answer that is nothing but text."""

    text: str


@overload
async def call_gemini_with_retry(
    prompt: str,
    *,
    service: str,
    system: str = "",
    output: None = None,
    words: int = 1500,
    providers: Providers | None = None,
) -> str: ...


@overload
async def call_gemini_with_retry(
    prompt: str,
    *,
    service: str,
    system: str = "",
    output: type[T],
    words: int = 1500,
    providers: Providers | None = None,
) -> T: ...


async def call_gemini_with_retry(
    prompt: str,
    *,
    service: str,
    system: str = "",
    output: type[T] | None = None,
    words: int = 1500,
    providers: Providers | None = None,
) -> str | T:
    """Asks Gemini with the keys of a service.

    Args:
        prompt: what is asked.
        service: `chapter`, `quiz`, `flashcard`, `game` or `article`.
        system: what the model is told to be.
        output: the type of the answer; without one it is text.
        words: the most words that the answer is thought to have.
        providers: pools that are open already (`Application.providers`).

    Raises:
        BadRequest: there is no such service.
        NotConfigured: it has no Gemini model with a key.
        Unavailable: no model of it can be reached in time.
        Blocked: the model declines.
        Unusable: the answer does not fit `output`, after a repair.
    """
    if service == AUDIO or service not in SERVICES:
        known = ", ".join(name for name in SERVICES if name != AUDIO)
        raise BadRequest(f"there is no service {service!r}", hint=f"It is one of: {known}.")
    return await _call(prompt, service, Provider.GEMINI, system, output, words, providers)


@overload
async def call_groq_with_retry(
    prompt: str,
    *,
    system: str = "",
    output: None = None,
    words: int = 1500,
    providers: Providers | None = None,
) -> str: ...


@overload
async def call_groq_with_retry(
    prompt: str,
    *,
    system: str = "",
    output: type[T],
    words: int = 1500,
    providers: Providers | None = None,
) -> T: ...


async def call_groq_with_retry(
    prompt: str,
    *,
    system: str = "",
    output: type[T] | None = None,
    words: int = 1500,
    providers: Providers | None = None,
) -> str | T:
    """Asks Groq, for audio scripts. Arguments and errors as in `call_gemini_with_retry`; prompt
    and answer together must fit into the tokens of a minute (8,000 on the free tier).
    """
    return await _call(prompt, AUDIO, Provider.GROQ, system, output, words, providers)


async def close_calls() -> None:
    """Closes the connections of the event loop that runs; the next call opens new ones."""
    _, stack = _open.pop(asyncio.get_running_loop(), (None, None))
    if stack is not None:
        await stack.aclose()


async def _call(
    prompt: str,
    service: str,
    provider: Provider,
    system: str,
    output: type[T] | None,
    words: int,
    providers: Providers | None,
) -> str | T:
    opened = providers or await _opened()
    models = tuple(
        name for name in opened.asker.chains.get(service, ()) if name.provider is provider
    )
    if not models:
        raise NotConfigured(
            f"{service} has no model of {provider} with a key",
            hint="Set GEMINI_API_KEY or GROQ_API_KEY; `coursewright keys` shows what there is.",
        )
    asked = await opened.asker.ask(
        Request[T | Text](
            service=service,
            prompt="call@1",
            system=system or "Answer with JSON of the given schema, and nothing else.",
            user=prompt,
            output=output or Text,
            words=words,
            models=models,
        )
    )
    return asked.value.text if isinstance(asked.value, Text) else asked.value


async def _opened() -> Providers:
    loop = asyncio.get_running_loop()
    if loop not in _open:
        stack = AsyncExitStack()
        providers = await stack.enter_async_context(
            open_providers(
                models_config(load_settings()),
                load_credentials(),
                answers=NoAnswers(),
                write=_unwritten,
                owner=_NOBODY,
            )
        )
        _open[loop] = (providers, stack)
    return _open[loop][0]


async def _unwritten(entries: Sequence[Entry]) -> None:
    """There is no database here, so there is no ledger."""
    del entries
