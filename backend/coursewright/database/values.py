"""Values and the columns that they are kept in."""

from collections.abc import Iterable

from psycopg import sql
from psycopg.types.json import Jsonb

from coursewright.course.base import Value


def as_json(value: Value) -> Jsonb:
    """A value, so that `type(value).model_validate` gives it back."""
    return Jsonb(value.model_dump(mode="json"))


def as_json_list(values: Iterable[Value]) -> Jsonb:
    """Several values, as one array."""
    return Jsonb([value.model_dump(mode="json") for value in values])


def columns_of(row_type: type[Value]) -> sql.Composed:
    """The fields of a row's type as columns, for `select` and `returning`."""
    return sql.SQL(", ").join(map(sql.Identifier, row_type.model_fields))
