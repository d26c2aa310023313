"""The text of an answer to a request, before limits and faults have their say."""

import json
from dataclasses import dataclass

from coursewright.emulator.answers import compose, plain
from coursewright.emulator.writing.planting import Planted, Planting

_ANY_OBJECT = {"type": "object", "properties": {"text": {"type": "string"}}}


@dataclass(frozen=True)
class Reply:
    """What a model writes."""

    text: str
    planted: tuple[Planted, ...] = ()
    """The questions in it that are wrong on purpose."""


def reply(
    prompt: str, schema: object | None, call_id: str, planting: Planting, *, json_wanted: bool
) -> Reply:
    """JSON where it is wanted, of the schema if there is one; else some paragraphs.

    Raises `ValueError` for a schema that cannot be used.
    """
    if not json_wanted:
        return Reply(plain(prompt, call_id))
    found = compose(schema or _ANY_OBJECT, prompt, call_id, planting)
    return Reply(json.dumps(found.value, ensure_ascii=False), found.planted)
