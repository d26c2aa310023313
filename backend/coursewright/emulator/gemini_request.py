"""Reading a request to Gemini. Both spellings of names are taken, as protobuf's JSON does."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from coursewright.emulator.bodies import Unusable, items, mapping, one_or_many, string, whole

_KNOWN = {
    "contents", "systemInstruction", "generationConfig", "safetySettings", "tools", "toolConfig",
    "cachedContent", "labels", "model", "generateContentRequest", "serviceTier", "store",
}  # fmt: skip
_JSON = "application/json"
MOST_OUTPUT = 65_536
"""Tokens that an answer may have when the request does not say it."""


@dataclass(frozen=True)
class GeminiRequest:
    """What counts of it."""

    prompt: str
    system: str
    schema: object | None
    """None: plain text is wanted."""
    json_wanted: bool
    most_tokens: int

    @property
    def counted(self) -> str:
        """All that is counted as tokens of the prompt."""
        schema = json.dumps(self.schema, ensure_ascii=False) if self.schema else ""
        return self.system + self.prompt + schema


def read_request(body: Mapping[str, Any]) -> GeminiRequest:
    """Raises `Unusable` with Gemini's words."""
    fields = {_camel(name): value for name, value in body.items()}
    for name in body:
        if _camel(name) not in _KNOWN:
            raise Unusable(
                f'Invalid JSON payload received. Unknown name "{name}": Cannot find field.'
            )
    if not fields.get("contents"):
        raise Unusable("* GenerateContentRequest.contents: contents is not specified\n")
    texts = [
        text
        for content in items(fields["contents"], "contents")
        for text in _texts(mapping(content, "contents"), "contents")
    ]
    system = fields.get("systemInstruction")
    said = fields.get("generationConfig")
    given: Mapping[str, Any] = {} if said is None else mapping(said, "generation_config")
    config = {_camel(name): value for name, value in given.items()}
    schema = config.get("responseJsonSchema") or config.get("responseSchema")
    kind = config.get("responseMimeType") or "text/plain"
    if schema is not None and kind != _JSON:
        raise Unusable(
            f"* GenerateContentRequest.generation_config.response_mime_type: response schema with "
            f"mimetype: '{kind}' is unsupported\n"
        )
    return GeminiRequest(
        prompt="\n\n".join(texts),
        system="\n\n".join(_texts(mapping(system, "system_instruction"), "system_instruction"))
        if system is not None
        else "",
        schema=None if schema is None else mapping(schema, "generation_config.response_schema"),
        json_wanted=kind == _JSON,
        most_tokens=min(
            whole(config.get("maxOutputTokens"), "generation_config.max_output_tokens")
            or MOST_OUTPUT,
            MOST_OUTPUT,
        ),
    )


def _texts(content: Mapping[str, Any], name: str) -> Iterator[str]:
    parts: object = content.get("parts")
    found = one_or_many(parts)
    if not found:
        raise Unusable(f"* GenerateContentRequest.{name}: must include at least one parts field\n")
    for part in found:
        each = mapping(part, f"{name}.parts")
        if "text" in each:
            yield string(each["text"], f"{name}.parts.text")
        elif not each:
            raise Unusable(f"* GenerateContentRequest.{name}.parts: required oneof field 'data'\n")


def _camel(name: str) -> str:
    return re.sub(r"_([a-z])", lambda found: found[1].upper(), name)
