"""Reading JSON schemas: references, unions, merges, and Gemini's OpenAPI-like dialect."""

from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import unquote

from coursewright.emulator.chance import Dice

Schema = Mapping[str, Any]


class Schemas:
    """One schema, with what it refers to."""

    def __init__(self, root: object) -> None:
        """Raises `ValueError` for what is no object."""
        if not isinstance(root, dict):
            raise ValueError("a schema is a JSON object")  # noqa: TRY004 - bad data, not a bug
        self.root = cast(Schema, root)

    def settled(self, schema: object, dice: Dice, *, deep: bool) -> Schema:
        """Without `$ref`, `allOf` and unions. `deep` prefers null, so that recursion ends."""
        if schema is True:
            return {}
        if not isinstance(schema, dict):
            raise ValueError("a schema is a JSON object")  # noqa: TRY004 - bad data, not a bug
        found = cast(Schema, schema)
        for _ in range(50):
            if "$ref" in found:
                found = {**self._target(str(found["$ref"])), **_without(found, "$ref")}
            elif found.get("allOf"):
                found = self._merged(found, dice)
            elif union := found.get("anyOf") or found.get("oneOf"):
                chosen = _chosen(cast(list[Schema], union), dice, deep=deep)
                found = {**_without(found, "anyOf", "oneOf", "type", "discriminator"), **chosen}
            elif deep and found.get("nullable"):
                return {"type": "null"}
            else:
                return found
        raise ValueError("the schema's references go round in a circle")

    def _merged(self, schema: Schema, dice: Dice) -> Schema:
        merged = dict(_without(schema, "allOf"))
        for each in cast(list[object], schema["allOf"]):
            other = self.settled(each, dice, deep=False)
            mine = cast(Schema, merged.get("properties") or {})
            both = {**mine, **cast(Schema, other.get("properties") or {})}
            needed = [*merged.get("required", ()), *other.get("required", ())]
            merged = {**merged, **other, "required": needed}
            if both:
                merged["properties"] = both
        return merged

    def _target(self, reference: str) -> Schema:
        if not reference.startswith("#"):
            raise ValueError(f"only references within the schema can be followed: {reference!r}")
        found: object = self.root
        for step in filter(None, reference[1:].split("/")):
            name = unquote(step).replace("~1", "/").replace("~0", "~")
            found = cast(dict[str, object], found)[name]
        return cast(Schema, found)


def kind_of(schema: Schema) -> str:
    """The type to make, in lower case; of several the first that is not null."""
    kind = schema.get("type")
    if isinstance(kind, list):
        kinds = [str(each).lower() for each in cast(list[object], kind)]
        return next((each for each in kinds if each != "null"), "null")
    if kind:
        return str(kind).lower()
    if "properties" in schema:
        return "object"
    return "array" if "items" in schema or "prefixItems" in schema else "string"


def _chosen(union: list[Schema], dice: Dice, *, deep: bool) -> Schema:
    nulls = [each for each in union if each.get("type") in {"null", "NULL"}]
    if deep and nulls:
        return nulls[0]
    return dice.pick([each for each in union if each not in nulls] or nulls)


def _without(schema: Schema, *names: str) -> Schema:
    return {name: value for name, value in schema.items() if name not in names}
