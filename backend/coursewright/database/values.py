"""Values of the domain as JSON columns."""

from collections.abc import Iterable

from psycopg.types.json import Jsonb

from coursewright.course.base import Value


def as_json(value: Value) -> Jsonb:
    """A value, so that `type(value).model_validate` gives it back."""
    return Jsonb(value.model_dump(mode="json"))


def as_json_list(values: Iterable[Value]) -> Jsonb:
    """Several values, as one array."""
    return Jsonb([value.model_dump(mode="json") for value in values])
