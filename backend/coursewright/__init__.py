"""Coursewright turns a topic, or a person's own documents, into a complete course."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from coursewright.client import AsyncClient, Client

__all__ = ["AsyncClient", "Client", "__version__"]

__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    """The clients, imported when somebody asks for them: most who import this do not."""
    if name in {"AsyncClient", "Client"}:
        from coursewright import client  # noqa: PLC0415 - see above

        return getattr(client, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
