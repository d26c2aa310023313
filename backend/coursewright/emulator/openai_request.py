"""Reading a request for a chat completion."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from coursewright.emulator.bodies import Unusable, items, mapping, string, whole

_ROLES = {"system", "developer", "user", "assistant", "tool", "function"}
MOST_OUTPUT = 8_192
"""Tokens that an answer may have when the request does not say it."""


@dataclass(frozen=True)
class ChatRequest:
    """What counts of it."""

    prompt: str
    schema: object | None
    json_wanted: bool
    most_tokens: int | None
    stream: bool
    include_usage: bool

    @property
    def counted(self) -> str:
        """All that is counted as tokens of the prompt."""
        return self.prompt + (json.dumps(self.schema, ensure_ascii=False) if self.schema else "")


def read_request(body: Mapping[str, Any]) -> ChatRequest:
    """Raises `Unusable`."""
    messages = items(body.get("messages"), "messages")
    if not messages:
        raise Unusable("'messages' : minimum number of items is 1")
    said = body.get("response_format")
    form = {"type": "text"} if said is None else mapping(said, "response_format")
    kind = form.get("type")
    if kind not in {"text", "json_object", "json_schema"}:
        raise Unusable("'response_format.type' : one of text, json_object, json_schema is wanted")
    schema = None
    if kind == "json_schema":
        named = mapping(form.get("json_schema"), "response_format.json_schema")
        string(named.get("name"), "response_format.json_schema.name")
        schema = mapping(named.get("schema"), "response_format.json_schema.schema")
        if named.get("strict"):
            _check_strict(schema)
    most = body.get("max_completion_tokens")
    said = body.get("stream_options")
    options: Mapping[str, Any] = {} if said is None else mapping(said, "stream_options")
    return ChatRequest(
        prompt="\n\n".join(text for each in messages for text in _texts(each)),
        schema=schema,
        json_wanted=kind != "text",
        most_tokens=whole(body.get("max_tokens") if most is None else most, "max_tokens"),
        stream=body.get("stream") is True,
        include_usage=options.get("include_usage") is True,
    )


def _texts(message: object) -> Iterator[str]:
    found = mapping(message, "messages")
    if found.get("role") not in _ROLES:
        raise Unusable(f"'messages.role' : one of {', '.join(sorted(_ROLES))} is wanted")
    content = found.get("content")
    if isinstance(content, str):
        yield string(content, "messages.content")
    elif content is not None:
        for part in items(content, "messages.content"):
            if "text" in mapping(part, "messages.content"):
                yield string(mapping(part, "messages.content")["text"], "messages.content.text")


def _check_strict(schema: Any, path: str = "schema") -> None:
    """Strict wants every field required, and no other ones."""
    if isinstance(schema, list):
        for each in items(cast(object, schema), path):
            _check_strict(each, path)
    elif isinstance(schema, dict):
        found = mapping(cast(object, schema), path)
        properties = found.get("properties")
        if isinstance(properties, dict) and found.get("type") == "object":
            required = found.get("required")
            named = set(items(required, path) if required is not None else [])
            if found.get("additionalProperties") is not False or named != set(
                mapping(cast(object, properties), path)
            ):
                raise Unusable(
                    f"invalid JSON schema for response_format: {path}: strict wants every property "
                    "in `required` and `additionalProperties: false`"
                )
        for name, each in found.items():
            _check_strict(each, f"{path}.{name}")
