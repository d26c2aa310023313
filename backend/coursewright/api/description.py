"""The OpenAPI document: what FastAPI says of each route, and what holds for all of them."""

from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts

from coursewright.accounts.mode import Mode
from coursewright.api import errors
from coursewright.api.auth import cookie_name, signed_in, who_asks
from coursewright.settings import Settings

_SCHEME = "signed_in"
_NOT_SIGNED_IN = {
    "description": "Nobody is signed in, or not any more.",
    "content": {errors.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


class Described(FastAPI):
    """A service whose document says how to sign in, and what an error looks like."""

    scheme: dict[str, str] | None = None
    """How one signs in (OpenAPI 3.1, 4.8.27); None where nobody has to."""

    def openapi(self) -> dict[str, Any]:
        """The document; the same one each time."""
        document = errors.describe(super().openapi())
        closed = set[tuple[str, str]]() if self.scheme is None else _closed(self)
        if self.scheme is not None:
            document["components"]["securitySchemes"] = {_SCHEME: self.scheme}
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                for parameter in operation.get("parameters", []):
                    parameter["schema"] = _on_the_wire(parameter["schema"])
                if (method.upper(), path) in closed:
                    operation["responses"]["401"] = _NOT_SIGNED_IN
                    operation["security"] = [{_SCHEME: []}]
        return document


def scheme_of(settings: Settings, mode: Mode) -> dict[str, str] | None:
    """How one signs in; None where nobody has to."""
    if mode is Mode.LOCAL:
        return None
    if mode is Mode.SUPABASE:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    return {"type": "apiKey", "in": "cookie", "name": cookie_name(settings)}


def _on_the_wire(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter that may be left out: there is no `null` in an address or a header."""
    kinds = [kind for kind in schema.get("anyOf", []) if kind != {"type": "null"}]
    if len(kinds) != 1:
        return schema
    return {**{name: value for name, value in schema.items() if name != "anyOf"}, **kinds[0]}


def _closed(app: FastAPI) -> set[tuple[str, str]]:
    """The methods and paths that ask who it is."""
    return {
        (method, str(route.path_format))
        for route in iter_route_contexts(app.routes)
        if (dependant := getattr(route, "dependant", None)) is not None and _asks(dependant)
        for method in route.methods or ()
    }


def _asks(dependant: Dependant) -> bool:
    return dependant.call in {signed_in, who_asks} or any(map(_asks, dependant.dependencies))
