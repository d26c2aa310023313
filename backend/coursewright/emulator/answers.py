"""A valid answer to a JSON schema, in readable words; the same for the same call."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, cast

from coursewright.emulator.chance import Dice
from coursewright.emulator.numbers import choose_number
from coursewright.emulator.reading import choose
from coursewright.emulator.schemas import Schema, Schemas, kind_of
from coursewright.emulator.strings import fit, formatted
from coursewright.emulator.wording import Focus, Wording, role
from coursewright.emulator.writing.author import Draft, draft
from coursewright.emulator.writing.planting import Planted, Planting

_DEEP, _DEEPEST = 4, 8
"""From here on few items, and none: schemas that contain themselves would grow without bounds."""
_ITEMS, _MOST_ITEMS, _OPTIONS = 3, 60, 4
_INDEX = re.compile(r"^(?:key|answer|correct|solution|right)|_(?:index|key)$|index$", re.IGNORECASE)
_CHAPTERS = re.compile(r"chapter", re.IGNORECASE)


_UNSAID = object()
_BAD_SCHEMA = (TypeError, AttributeError, KeyError, IndexError, RecursionError, re.error)


@dataclass(frozen=True)
class Answer:
    """A value that fits a schema, and the questions in it that are wrong on purpose."""

    value: Any
    planted: tuple[Planted, ...] = ()


def answer(schema: object, prompt: str, call_id: str) -> Any:
    """A value that fits the schema: that of `compose`, with nothing planted."""
    return compose(schema, prompt, call_id).value


def compose(schema: object, prompt: str, call_id: str, planting: Planting | None = None) -> Answer:
    """An answer as a good author would give it, where the prompt shows what it is about, and
    readable words everywhere else.

    Raises `ValueError` for a schema that is none, or that no finite value fits.
    """
    try:
        builder = _Builder(schema, prompt, call_id)
        names = builder.names()
    except _BAD_SCHEMA as error:
        raise ValueError(f"the schema cannot be used: {type(error).__name__}: {error}") from error
    made = draft(names, prompt, call_id, planting or Planting())
    try:
        return Answer(builder.build(made), made.planted if made else ())
    except _BAD_SCHEMA as error:
        raise ValueError(f"the schema cannot be used: {type(error).__name__}: {error}") from error


def plain(prompt: str, call_id: str) -> str:
    """An answer without a schema: some paragraphs."""
    wording = Wording(choose(prompt, call_id), prompt, Dice(call_id))
    return wording.text("text", wording.focus(), 0)


class _Builder:
    def __init__(self, schema: object, prompt: str, call_id: str) -> None:
        self._schemas = Schemas(schema)
        self._prompt = prompt
        self._dice = Dice(call_id)
        self._call_id = call_id

    @cached_property
    def _wording(self) -> Wording:
        return Wording(choose(self._prompt, self._call_id), self._prompt, self._dice)

    def names(self) -> frozenset[str]:
        """The properties of the whole."""
        return frozenset(cast(Mapping[str, Schema], self._root.get("properties") or {}))

    def build(self, made: Draft | None) -> Any:
        """The draft as far as there is one."""
        if made is None:
            return self._value(self._schemas.root, "", self._wording.focus(), 0, 0)
        return self._fitted(self._root, "", made.value, 0)

    @cached_property
    def _root(self) -> Schema:
        return self._schemas.settled(self._schemas.root, self._dice, deep=False)

    def _fitted(self, schema: Schema, name: str, wish: object, depth: int) -> Any:
        """What is wished for, as far as the schema allows it; the rest is found as usual."""
        schema = self._schemas.settled(schema, self._dice, deep=False)
        if depth > _DEEPEST:
            raise ValueError("the schema nests deeper than any answer")
        kind = kind_of(schema)
        if kind == "object" and isinstance(wish, Mapping):
            properties = cast(Mapping[str, Schema], schema.get("properties") or {})
            said = cast(Mapping[str, object], wish)
            return {
                each: self._fitted(inner, each, said.get(each, _UNSAID), depth + 1)
                for each, inner in properties.items()
            }
        if kind == "array" and isinstance(wish, list):
            items = cast(Schema, schema.get("items", {}))
            said_items = cast(list[object], wish)[: schema.get("maxItems")]
            if len(said_items) >= int(schema.get("minItems") or 0):
                return [self._fitted(items, name, each, depth + 1) for each in said_items]
        if kind == "string" and isinstance(wish, str) and not {"const", "enum"} & schema.keys():
            if not wish and not schema.get("minLength"):
                return wish
            most = schema.get("maxLength")
            return fit(wish, int(schema.get("minLength") or 0), None if most is None else int(most))
        if kind == "integer" and isinstance(wish, int):
            return choose_number({"minimum": wish, **schema}, self._dice, wish, whole=True)
        return self._value(schema, name, self._wording.focus(), 0, depth)

    def _value(  # noqa: PLR0911 - one return for each type of JSON
        self, schema: Schema, name: str, focus: Focus, index: int, depth: int
    ) -> Any:
        schema = self._schemas.settled(schema, self._dice, deep=depth > _DEEPEST)
        if depth > 6 * _DEEPEST:
            raise ValueError("the schema nests without an end")
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            allowed = cast(Sequence[Any], schema["enum"])
            return self._dice.pick([each for each in allowed if each is not None] or allowed)
        kind = kind_of(schema)
        if kind == "object":
            return self._object(schema, focus, depth)
        if kind == "array":
            return self._array(schema, name, focus, depth)
        if kind in {"integer", "number"}:
            return self._number(schema, name, focus, whole=kind == "integer")
        if kind == "boolean":
            right = re.search(r"correct|right|key", name, re.IGNORECASE)
            return focus.right == focus.option if right and focus.option is not None else True
        if kind == "null":
            return None
        return self._string(schema, name, focus, index)

    def _object(self, schema: Schema, focus: Focus, depth: int) -> dict[str, Any]:
        properties = cast(Mapping[str, Schema], schema.get("properties") or {})
        required = cast(Sequence[str], schema.get("required") or ())
        for name, each in properties.items():
            each = self._schemas.settled(each, self._dice, deep=False)  # noqa: PLW2901 - resolved
            if role(name) == "option" and kind_of(each) == "array":
                self._wording.set_options(focus, self._count(each, name))
        made = {
            name: self._value(each, name, focus, 0, depth + 1)
            for name, each in properties.items()
            if depth <= _DEEPEST or name in required
        }
        extra = schema.get("additionalProperties")
        if isinstance(extra, dict) and not properties:
            for number in range(max(2, int(schema.get("minProperties") or 0))):
                key = fit(self._wording.text("term", focus, number), 1, 40)
                made[key if key not in made else f"{key} {number + 1}"] = self._value(
                    cast(Schema, extra), "sentence", focus, number, depth + 1
                )
        return made

    def _array(self, schema: Schema, name: str, focus: Focus, depth: int) -> list[Any]:
        prefix = cast(Sequence[Schema], schema.get("prefixItems") or ())
        made = [self._value(each, name, focus, at, depth + 1) for at, each in enumerate(prefix)]
        items = schema.get("items", {} if not prefix else False)
        if items is False:
            return made
        least = int(schema.get("minItems") or 0)
        count = least if depth > _DEEPEST else self._count(schema, name, deep=depth > _DEEP)
        unique = bool(schema.get("uniqueItems"))
        items = cast(Schema, items)
        for at in range(len(made), count):
            inner = self._inner(items, name, focus, at)
            value = self._value(items, name, inner, at, depth + 1)
            if not (unique and value in made):
                made.append(value)
        if len(made) < least:
            raise ValueError(f"{name!r} wants {least} different items")
        return made

    def _inner(self, items: Schema, name: str, focus: Focus, at: int) -> Focus:
        """Items that are objects are about something of their own."""
        settled = self._schemas.settled(items, self._dice, deep=False)
        if kind_of(settled) != "object":
            return focus
        if role(name) == "option":  # {text, correct}: they belong to one question
            return replace(focus, position=at, option=at)
        chapter = bool(_CHAPTERS.search(name))
        return self._wording.focus(at, chapter=chapter, alone=chapter)

    def _count(self, schema: Schema, name: str, *, deep: bool = False) -> int:
        """What the schema demands, else what the prompt asks for, else a few."""
        least = int(schema.get("minItems") or 0)
        most = int(schema["maxItems"]) if schema.get("maxItems") is not None else _MOST_ITEMS
        usual = _OPTIONS if role(name) == "option" else _ITEMS - deep
        stem = re.escape(name.lower().replace("_", " ").rstrip("s"))
        asked = re.search(
            rf"\b(\d{{1,3}})\s+(?:[^\W\d][\w-]*\s+){{0,2}}?{stem}", self._prompt.lower()
        )
        if name and asked:
            usual = min(max(int(asked[1]), 1), _MOST_ITEMS)
        return min(max(usual, least), max(most, least))

    def _number(self, schema: Schema, name: str, focus: Focus, *, whole: bool) -> float:
        wish: int | None = None
        if focus.options and _INDEX.search(name):
            wish = focus.right
        elif name.lower() in {"number", "position", "order", "rank"}:
            wish = focus.position + 1
        elif name.lower() in {"index", "id"}:
            wish = focus.position
        elif name.lower() == "chapter":
            named = set(re.findall(r"chapter (\d{1,3})\b", self._prompt.lower()))
            wish = int(named.pop()) if len(named) == 1 else 1
        return choose_number(schema, self._dice, wish, whole=whole)

    def _string(self, schema: Schema, name: str, focus: Focus, index: int) -> str:
        special = formatted(schema.get("format"), self._prompt, self._dice)
        text = special or self._wording.text(name, focus, index)
        most = schema.get("maxLength")
        return fit(text, int(schema.get("minLength") or 1), None if most is None else int(most))
