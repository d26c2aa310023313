"""Groq's interface, which is OpenAI's chat completions (console.groq.com/docs, November 2026)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from coursewright.emulator import openai_errors as errors
from coursewright.emulator.bodies import Bad, read_object
from coursewright.emulator.connections import Connections
from coursewright.emulator.delivery import Delivery, Sleep
from coursewright.emulator.desk import Desk, KeyState, Visit, count_tokens
from coursewright.emulator.faults import Fault
from coursewright.emulator.openai_errors import Refusal
from coursewright.emulator.openai_request import MOST_OUTPUT, ChatRequest, read_request
from coursewright.emulator.replies import Reply, reply
from coursewright.emulator.spoiling import cut, pieces, spoil

_CREATED = 1_795_392_000
"""23 November 2026: answers are the same in every run."""
_BEARER = "bearer "


@dataclass
class OpenAiWire:
    """The endpoints, under Groq's paths and under the plain ones."""

    desk: Desk
    sleep: Sleep
    connections: Connections

    def routes(self) -> list[BaseRoute]:
        """Their paths."""
        return [
            route
            for prefix in ("/openai/v1", "/v1")
            for route in (
                Route(f"{prefix}/models", self.models),
                Route(f"{prefix}/chat/completions", self.call, methods=["POST"]),
            )
        ]

    async def models(self, request: Request) -> Response:
        """GET models."""
        if _key(request, self.desk) is None:
            return _error(errors.bad_key())
        found = [
            {"id": name, "object": "model", "created": _CREATED, "owned_by": "emulator"}
            for name in self.desk.options.groq_models
        ]
        return JSONResponse({"object": "list", "data": found})

    async def call(self, request: Request) -> Response:
        """POST chat/completions."""
        body = await read_object(request)
        asked: Mapping[str, Any] = {} if isinstance(body, Bad) else body
        model = asked.get("model")
        named = model if isinstance(model, str) else ""
        visit = self.desk.open("groq", _sent_key(request), named, asked)
        if _key(request, self.desk) is None:
            found = errors.bad_key()
        elif isinstance(body, Bad):
            found = errors.too_many_bytes() if body.too_large else errors.invalid(body.message)
        elif not named:
            found = errors.invalid("'model' : a string is wanted")
        else:
            found = self._answer(visit, body)
        if isinstance(found, Delivery):
            return found
        self.desk.close(visit, found.status)
        return _error(found)

    def _answer(self, visit: Visit, body: Mapping[str, Any]) -> Delivery | Refusal:
        call = visit.call
        limits = self.desk.options.limits("groq", call.model, call.project)
        if limits is None:
            return errors.unknown_model(call.model)
        try:
            request = read_request(body)
            text = reply(
                request.prompt,
                request.schema,
                call.call_id,
                self.desk.options.planting,
                json_wanted=request.json_wanted,
            )
        except ValueError as error:
            return errors.invalid(str(error))
        call.prompt_tokens = count_tokens(request.counted)
        admitted = self.desk.admit(visit, limits, call.prompt_tokens + (request.most_tokens or 0))
        domain = self.desk.domain(call, limits)
        if not admitted:
            violations, terse = visit.violations, visit.terse
            refused = errors.limited(violations, call.model, call.project, terse=terse)
            headers = {} if terse else errors.limit_headers(domain, call.at)
            return Refusal(refused.status, refused.body, {**headers, **refused.headers})
        if visit.fault in {Fault.OVERLOADED, Fault.ERROR}:
            overloaded = visit.fault is Fault.OVERLOADED
            return errors.overloaded(call.model) if overloaded else errors.broken()
        choices = _choices(visit, request, text)
        if isinstance(choices, Refusal):
            return choices
        made = _stream(visit, request, choices) if request.stream else [_whole(visit, choices)]
        encoded = [json.dumps(each, ensure_ascii=False).encode() for each in made]
        if request.stream:
            encoded = [b"data: " + each + b"\n\n" for each in encoded] + [b"data: [DONE]\n\n"]
        return Delivery(
            desk=self.desk,
            visit=visit,
            sleep=self.sleep,
            connections=self.connections,
            chunks=encoded,
            content_type="text/event-stream" if request.stream else "application/json",
            extra=lambda: errors.limit_headers(domain, self.desk.clock()),
            streams=request.stream,
        )


@dataclass(frozen=True)
class _Choice:
    text: str
    finish: str


def _choices(visit: Visit, request: ChatRequest, text: Reply) -> list[_Choice] | Refusal:
    """The one choice; none when that is the fault."""
    call = visit.call
    if visit.fault is Fault.EMPTY:
        return []
    if visit.fault is Fault.BLOCKED:
        return [_Choice("", "content_filter")]
    most = request.most_tokens or MOST_OUTPUT
    whole = cut(text.text, most)
    finish = "stop" if whole == text.text else "length"
    if visit.fault is Fault.MALFORMED:
        whole, finish = spoil(whole, call.call_id), "stop"
        if request.schema is not None and not request.stream:
            call.answer_tokens = count_tokens(whole)
            return errors.no_json(whole)
    elif finish == "stop":
        call.planted = text.planted
    call.answer_tokens = count_tokens(whole)
    return [_Choice(whole, finish)]


def _whole(visit: Visit, choices: list[_Choice]) -> Mapping[str, Any]:
    made = [
        {
            "index": 0,
            "message": {"role": "assistant", "content": choice.text},
            "logprobs": None,
            "finish_reason": choice.finish,
        }
        for choice in choices
    ]
    usage = _usage(visit)
    end = {"usage": usage, "x_groq": {"id": _identity(visit)}}
    return {**_frame(visit, "chat.completion"), "choices": made, **end}


def _stream(visit: Visit, request: ChatRequest, choices: list[_Choice]) -> list[Mapping[str, Any]]:
    frame = _frame(visit, "chat.completion.chunk")

    def chunk(delta: Mapping[str, str], finish: str | None = None) -> Mapping[str, Any]:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return {**frame, "choices": [choice]}

    made: list[Mapping[str, Any]] = []
    for choice in choices:
        made.append(chunk({"role": "assistant", "content": ""}))
        made += [chunk({"content": part}) for part in pieces(choice.text) if part]
        ended = {"id": _identity(visit), "usage": _usage(visit)}
        made.append({**chunk({}, choice.finish), "x_groq": ended})
    if request.include_usage or not made:
        made.append({**frame, "choices": [], "usage": _usage(visit)})
    return made


def _frame(visit: Visit, kind: str) -> Mapping[str, Any]:
    return {
        "id": f"chatcmpl-{visit.call.call_id[:20]}-{visit.call.attempt}",
        "object": kind,
        "created": _CREATED,
        "model": visit.call.model,
        "system_fingerprint": "fp_emulator",
    }


def _identity(visit: Visit) -> str:
    return f"req_{visit.call.call_id[:20]}"


def _usage(visit: Visit) -> Mapping[str, int]:
    call = visit.call
    return {
        "prompt_tokens": call.prompt_tokens,
        "completion_tokens": call.answer_tokens,
        "total_tokens": call.prompt_tokens + call.answer_tokens,
    }


def _sent_key(request: Request) -> str:
    header = request.headers.get("authorization", "")
    return header[len(_BEARER) :] if header.lower().startswith(_BEARER) else ""


def _key(request: Request, desk: Desk) -> str | None:
    key = _sent_key(request)
    return key if key and desk.key_state("groq", key) is KeyState.GOOD else None


def _error(found: Refusal) -> Response:
    return JSONResponse(found.body, status_code=found.status, headers=dict(found.headers))
