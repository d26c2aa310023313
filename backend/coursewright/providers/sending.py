"""One call of one model: from a request to the raw answer, or to an error that says who acts."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, cast

import structlog
from pydantic import BaseModel
from pydantic_core import from_json

from coursewright.keys.attempts import Tokens
from coursewright.keys.pool import PoolError
from coursewright.keys.redaction import redact
from coursewright.keys.transport import Caller, calling
from coursewright.providers.models import Models
from coursewright.providers.names import ModelName, Provider
from coursewright.providers.prices import cost_usd
from coursewright.providers.request import LEAST, MOST, Answer, Request
from coursewright.providers.scope import current_scope

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelMessage, ModelResponse

log = structlog.get_logger()

Exchange = Sequence[tuple[str, str]]
"""What was answered before and what was said to that: pairs, for a repair."""
OnPartial = Callable[[dict[str, Any]], None]
"""Is given what is there of an answer while it comes."""

SECONDS_A_TOKEN = 1 / 150
"""Of an answer, as the faster models write them (November 2026); and before the first one: """
FIRST_TOKEN = 0.7
_THOUGHTS = 4_000
"""Tokens beside the answer: Gemini counts thoughts as answer, some of its models always think, and
its limits do not count what may be answered.
"""
_MOST_ITEMS, _MOST_CHARACTERS = 40, 600
"""Of lists and texts that name no bounds. (llama.cpp takes at most 2,000.)"""
_SHOWN = 300


class NoAnswer(Exception):
    """The model did not answer. `hint` says what to do; `lasting` that trying again is no cure."""

    def __init__(self, message: str, *, hint: str, lasting: bool) -> None:
        super().__init__(message)
        self.hint = hint
        self.lasting = lasting


async def send(
    models: Models,
    name: ModelName,
    request: Request[Any],
    *,
    before: Exchange = (),
    max_tokens: int | None = None,
    deadline: float | None = None,
    on_partial: OnPartial | None = None,
) -> Answer:
    """Asks one model once, as soon as its keys have room.

    Args:
        models: by name.
        name: the model.
        request: what is asked.
        before: the rounds of the same conversation that went before.
        max_tokens: instead of the request's.
        deadline: on the clock of the event loop.
        on_partial: asks for the answer as a stream, and is told what is there of it.

    Raises:
        NoAnswer: the pool has no place, the provider refused, or the connection broke.
    """
    from pydantic_ai.direct import model_request, model_request_stream  # noqa: PLC0415 - slow
    from pydantic_ai.exceptions import AgentRunError, UserError  # noqa: PLC0415 - slow

    most = max_tokens or request.max_tokens
    if name.provider is Provider.GEMINI:
        most += _THOUGHTS
    arguments: dict[str, Any] = {
        "model_settings": {"max_tokens": most, "thinking": False},
        "model_request_parameters": _parameters(request.output, name.provider),
    }
    expected = FIRST_TOKEN + request.max_tokens * SECONDS_A_TOKEN / 2
    scope = current_scope()
    caller = Caller(
        service=request.service,
        expected=expected + request.rank,
        deadline=deadline,
        share=scope.user_id if scope else None,
    )
    messages = _messages(request, before)
    try:
        model = models.get(name)
        with calling(caller):
            if on_partial is None:
                response = await model_request(model, messages, **arguments)
            else:
                async with model_request_stream(model, messages, **arguments) as stream:
                    async for _ in stream:
                        _tell(on_partial, stream.get().text or "")
                response = stream.get()
    except (AttributeError, IndexError, RecursionError, TypeError) as error:
        # Pydantic AI 2 takes for granted that an OpenAI answer holds a choice; google-genai reads
        # JSON for us, which may be a thousand brackets, or a number.
        log.warning("an answer was not of its provider's form", model=str(name), exc_info=error)
        return Answer(text="", model=str(name))
    except (AgentRunError, UserError, PoolError, ValueError, OSError) as error:
        broken = _broken_json(error)
        if broken is not None:
            return Answer(text=broken, model=str(name))
        raise _no_answer(name, error) from error
    return _answer(name, response)


@cache
def _parameters(output: type[BaseModel], provider: Provider) -> Any:
    from pydantic_ai.models import ModelRequestParameters  # noqa: PLC0415 - slow to load
    from pydantic_ai.output import OutputObjectDefinition  # noqa: PLC0415 - slow to load

    own = provider is Provider.OPENAI
    schema = OutputObjectDefinition(
        json_schema=cast("dict[str, Any]", _bounded(output.model_json_schema(), own=own)),
        name=output.__name__,
        # Strict schemas know no bounds; llama.cpp and its like keep to them all the same.
        strict=not own,
    )
    return ModelRequestParameters(
        output_mode="native", output_object=schema, allow_text_output=True
    )


def _bounded(schema: object, *, own: bool) -> object:
    """The schema with bounds for a server of one's own, without any for others."""
    if isinstance(schema, list):
        return [_bounded(each, own=own) for each in cast("list[object]", schema)]
    if not isinstance(schema, dict):
        return schema
    found = {
        name: _bounded(value, own=own) for name, value in cast("dict[str, object]", schema).items()
    }
    least, most = found.pop(LEAST, 0), found.pop(MOST, None)
    if own and found.get("type") == "array":
        found |= {"minItems": least, "maxItems": most or _MOST_ITEMS}
    elif own and found.get("type") == "string":
        found |= {"minLength": least, "maxLength": most or _MOST_CHARACTERS}
    return found


def _messages(request: Request[Any], before: Exchange) -> "list[ModelMessage]":
    from pydantic_ai.messages import (  # noqa: PLC0415 - slow to load
        ModelRequest,
        ModelResponse,
        SystemPromptPart,
        TextPart,
        UserPromptPart,
    )

    found: list[ModelMessage] = [
        ModelRequest(parts=[SystemPromptPart(request.system), UserPromptPart(request.user)])
    ]
    for answered, said in before:
        found.append(ModelResponse(parts=[TextPart(answered)]))
        found.append(ModelRequest(parts=[UserPromptPart(said)]))
    return found


def _tell(on_partial: OnPartial, text: str) -> None:
    try:
        partial: object = from_json(text, allow_partial="trailing-strings")
    except ValueError:
        return  # what does not begin like JSON is judged when it is complete
    if isinstance(partial, dict):
        on_partial(partial)  # pyright: ignore[reportUnknownArgumentType] - JSON's keys are strings


def _answer(name: ModelName, response: "ModelResponse") -> Answer:
    usage = response.usage
    tokens = Tokens(
        prompt=usage.input_tokens, answer=usage.output_tokens, cached=usage.cache_read_tokens
    )
    return Answer(
        text=response.text or "",
        model=str(name),
        tokens_in=tokens.prompt,
        tokens_out=tokens.answer,
        cost_usd=cost_usd(name.provider, name.model, tokens),
        cut=response.finish_reason == "length",
        blocked=response.finish_reason == "content_filter",
    )


def _broken_json(error: BaseException) -> str | None:
    """What a model wrote that Groq holds back with 400, because it is not the JSON that was asked
    for (console.groq.com/docs/structured-outputs): it can be mended like any other. None for all
    other errors.
    """
    body: object = getattr(error, "body", None)
    if not isinstance(body, dict):
        return None
    said = cast("dict[str, object]", body)
    if said.get("code") != "json_validate_failed":
        return None
    return str(said.get("failed_generation") or "")


def _no_answer(name: ModelName, error: BaseException) -> NoAnswer:
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, PoolError):
        cause = cause.__cause__ or cause.__context__
    if isinstance(cause, PoolError):
        return NoAnswer(redact(str(cause)), hint=cause.hint, lasting=cause.lasting)
    status = getattr(error, "status_code", None)
    said = redact(str(error)).strip()[:_SHOWN]
    lasting = isinstance(status, int) and 400 <= status < 500 and status not in {408, 429}  # noqa: PLR2004 - RFC 9110
    return NoAnswer(
        f"{name} did not answer: {said or type(error).__name__}",
        hint="Check the model's name and its settings with `coursewright doctor`."
        if lasting
        else "Retry it: `coursewright keys` shows how its keys stand.",
        lasting=lasting,
    )
