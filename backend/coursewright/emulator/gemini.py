"""Gemini's REST interface, versions v1beta and v1 (ai.google.dev/api, November 2026).

google-genai 3 calls v1 unless it is told otherwise. `GET /v1/models` is in `app`, because OpenAI's
interface has the same path.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from coursewright.emulator import gemini_errors as errors
from coursewright.emulator.bodies import MOST_BYTES, Bad, mapping, read_object
from coursewright.emulator.connections import Connections
from coursewright.emulator.delivery import Delivery, Sleep
from coursewright.emulator.desk import Desk, KeyState, Visit, count_tokens
from coursewright.emulator.faults import Fault
from coursewright.emulator.gemini_errors import Body
from coursewright.emulator.gemini_request import MOST_OUTPUT, GeminiRequest, read_request
from coursewright.emulator.options import ModelLimits
from coursewright.emulator.replies import Reply, reply
from coursewright.emulator.spoiling import cut, pieces, spoil
from coursewright.emulator.writing.planting import Planting


@dataclass(frozen=True)
class Answer:
    """What is sent with 200: one part, or those of a stream."""

    parts: list[Body]


@dataclass
class Gemini:
    """The endpoints."""

    desk: Desk
    sleep: Sleep
    connections: Connections

    def routes(self) -> list[BaseRoute]:
        """Their paths, without the one that both interfaces have."""
        found: list[BaseRoute] = [Route("/v1beta/models", self.models)]
        for version in ("v1beta", "v1"):
            found += [
                Route(f"/{version}/models/{{name}}", self.model),
                Route(f"/{version}/models/{{name:path}}", self.call, methods=["POST"]),
            ]
        return found

    async def models(self, request: Request) -> Response:
        """GET models."""
        refused = self._refused_key(request)
        found = [_described(name) for name in self.desk.options.gemini_models]
        return _error(refused) if refused else JSONResponse({"models": found})

    async def model(self, request: Request) -> Response:
        """GET models/{name}."""
        name = str(request.path_params["name"])
        if (refused := self._refused_key(request)) is not None:
            return _error(refused)
        if name not in self.desk.options.gemini_models:
            return _error(errors.unknown_model(name, "getModel"))
        return JSONResponse(_described(name))

    async def call(self, request: Request) -> Response:
        """POST models/{name}:{method}."""
        model, _, method = str(request.path_params["name"]).partition(":")
        stream = method == "streamGenerateContent"
        sse = request.query_params.get("alt") == "sse"
        body = await read_object(request)
        key = request.headers.get("x-goog-api-key", "")
        visit = None
        if stream or method == "generateContent":
            visit = self.desk.open("gemini", key, model, {} if isinstance(body, Bad) else body)
        found = self._refused_key(request) or self._respond(visit, model, method, body)
        if not isinstance(found, Answer):
            if visit is not None:
                self.desk.close(visit, int(found["error"]["code"]))
            return _error(found, wrapped=stream and not sse)
        if visit is None:
            return JSONResponse(found.parts[0])
        encoded = [json.dumps(each, ensure_ascii=False).encode() for each in found.parts]
        if stream and sse:
            encoded = [b"data: " + each + b"\r\n\r\n" for each in encoded]
        elif stream:
            encoded = [b"[" * (not at) + each + b",\n" for at, each in enumerate(encoded)]
            encoded[-1] = encoded[-1][:-2] + b"]"
        return Delivery(
            desk=self.desk,
            visit=visit,
            sleep=self.sleep,
            connections=self.connections,
            chunks=encoded,
            content_type="text/event-stream" if stream and sse else "application/json",
            streams=stream,
        )

    def _respond(
        self, visit: Visit | None, model: str, method: str, body: Mapping[str, Any] | Bad
    ) -> Answer | Body:
        if isinstance(body, Bad):
            return errors.invalid(_unreadable(body))
        project = visit.call.project if visit else ""
        limits = self.desk.options.limits("gemini", model, project)
        if limits is None or (visit is None and method != "countTokens"):
            return errors.unknown_model(model, method or "this method")
        try:
            if visit is None:
                return Answer([_counted(body)])
            request = read_request(body)
            text = _reply(request, visit.call.call_id, self.desk.options.planting)
        except ValueError as error:
            return errors.invalid(str(error))
        return self._generate(visit, limits, request, text, stream=method.startswith("stream"))

    def _generate(
        self,
        visit: Visit,
        limits: ModelLimits,
        request: GeminiRequest,
        text: Reply,
        *,
        stream: bool,
    ) -> Answer | Body:
        model = visit.call.model
        visit.call.prompt_tokens = count_tokens(request.counted)
        if not self.desk.admit(visit, limits, visit.call.prompt_tokens):
            return errors.exhausted(visit.violations, model, terse=visit.terse)
        if visit.fault is Fault.OVERLOADED:
            return errors.overloaded()
        if visit.fault is Fault.ERROR:
            return errors.broken()
        return Answer(_responses(visit, request, text, stream=stream))

    def _refused_key(self, request: Request) -> Body | None:
        if "key" in request.query_params:
            message = (
                "The emulator takes no key in a URL, because URLs stand in logs: send it as the "
                "header x-goog-api-key."
            )
            return errors.invalid(message)
        key = request.headers.get("x-goog-api-key", "")
        if not key:
            bearer = "authorization" in request.headers
            return errors.no_key(bearer=bearer)
        state = self.desk.key_state("gemini", key)
        return None if state is KeyState.GOOD else errors.bad_key(state)


def _reply(request: GeminiRequest, call_id: str, planting: Planting) -> Reply:
    prompt = f"{request.system}\n\n{request.prompt}"
    return reply(prompt, request.schema, call_id, planting, json_wanted=request.json_wanted)


def _responses(visit: Visit, request: GeminiRequest, text: Reply, *, stream: bool) -> list[Body]:
    """One answer, or the answers of a stream, of which only the last says how it ended."""
    call = visit.call
    if visit.fault in {Fault.EMPTY, Fault.BLOCKED}:
        blocked = {"promptFeedback": {"blockReason": "SAFETY"}}
        return [{**(blocked if visit.fault is Fault.BLOCKED else {}), **_frame(visit, 0)}]
    whole = cut(text.text, request.most_tokens)
    finish = "STOP" if whole == text.text else "MAX_TOKENS"
    if visit.fault is Fault.MALFORMED:
        whole, finish = spoil(whole, call.call_id), "STOP"
    elif finish == "STOP":
        call.planted = text.planted
    call.answer_tokens = count_tokens(whole)
    parts = pieces(whole) if stream else [whole]
    made: list[Body] = []
    sent = 0
    for at, part in enumerate(parts):
        sent += len(part)
        candidate: dict[str, Any] = {
            "content": {"parts": [{"text": part}], "role": "model"},
            "index": 0,
        }
        if at == len(parts) - 1:
            candidate["finishReason"] = finish
        made.append({"candidates": [candidate], **_frame(visit, count_tokens(whole[:sent]))})
    return made


def _frame(visit: Visit, tokens: int) -> Body:
    call = visit.call
    usage = {
        "promptTokenCount": call.prompt_tokens,
        **({"candidatesTokenCount": tokens} if tokens else {}),
        "totalTokenCount": call.prompt_tokens + tokens,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": call.prompt_tokens}],
    }
    identity = f"{call.call_id[:20]}-{call.attempt}"
    return {"usageMetadata": usage, "modelVersion": call.model, "responseId": identity}


def _counted(body: Mapping[str, Any]) -> Body:
    inner = body.get("generateContentRequest")
    asked = body if inner is None else mapping(inner, "generate_content_request")
    tokens = count_tokens(read_request(asked).counted)
    details = [{"modality": "TEXT", "tokenCount": tokens}]
    return {"totalTokens": tokens, "promptTokensDetails": details}


def _unreadable(bad: Bad) -> str:
    if bad.too_large:
        return f"Request payload size exceeds the limit: {MOST_BYTES} bytes."
    text = bad.message
    if text.startswith(("*", "Invalid")):
        return text
    return f"Invalid JSON payload received. {text}"


def _described(name: str) -> Body:
    return {
        "name": f"models/{name}",
        "version": "001",
        "displayName": name,
        "description": "A model of the emulator",
        "inputTokenLimit": 1_048_576,
        "outputTokenLimit": MOST_OUTPUT,
        "supportedGenerationMethods": ["generateContent", "countTokens"],
    }


def _error(body: Body, *, wrapped: bool = False) -> Response:
    """A stream that is no event stream is an array, and so are its errors."""
    return JSONResponse([body] if wrapped else body, status_code=int(body["error"]["code"]))
