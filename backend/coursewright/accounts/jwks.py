"""The public keys that a project of Supabase signs with: fetched, kept, renewed on rotation."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import jwt
import structlog

from coursewright.course.errors import Unavailable

log = structlog.get_logger()

Fetch = Callable[[], Awaitable[dict[str, Any]]]
"""Gets the document. Raises `Unavailable`."""

FRESH = 600.0
"""Seconds that keys are believed; Supabase's own edge keeps the document for as long."""
STALE = 3600.0
"""Seconds that they are still believed while the document cannot be fetched."""
PAUSE = 10.0
"""Seconds between two fetches, however many tokens name keys that nobody knows."""
_MOST = 50
_ALGORITHMS: dict[tuple[str, str], str] = {
    ("RSA", ""): "RS256",
    ("EC", "P-256"): "ES256",
    ("OKP", "Ed25519"): "EdDSA",
}
"""By kind of key and curve (RFC 7518, 8037). A shared secret (`oct`) is never taken from there."""


class KeySet:
    """The keys by their ids. `now` is a clock in seconds that only goes forward."""

    def __init__(self, fetch: Fetch, *, now: Callable[[], float]) -> None:
        self._fetch = fetch
        self._now = now
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched = float("-inf")
        self._tried = float("-inf")
        self._failure: Unavailable | None = None
        self._lock = asyncio.Lock()

    async def key(self, kid: str) -> jwt.PyJWK | None:
        """The key with that id; None when there is none.

        Raises `Unavailable`: the keys cannot be fetched, and none that are recent enough are known.
        """
        if (found := self._known(kid, FRESH)) is not None:
            return found
        if self._lock.locked() and (found := self._known(kid, STALE)) is not None:
            return found  # one waits for a project that may not answer, the others need not
        async with self._lock:
            # Whoever was first may have fetched it meanwhile.
            if (found := self._known(kid, FRESH)) is not None:
                return found
            if self._now() - self._tried >= PAUSE:
                await self._renew()
        if (found := self._known(kid, STALE)) is not None:
            return found
        if self._failure is not None:
            raise self._failure
        return None

    def _known(self, kid: str, believed: float) -> jwt.PyJWK | None:
        return self._keys.get(kid) if self._now() - self._fetched < believed else None

    async def _renew(self) -> None:
        self._tried = self._now()
        try:
            document = await self._fetch()
        except Unavailable as error:
            log.warning("the keys for sign-in cannot be fetched", reason=error.message)
            # Without its trace: it is raised again for each request.
            self._failure = Unavailable(error.message, hint=error.hint)
            return
        self._failure = None
        self._keys = read_keys(document)
        self._fetched = self._now()


def read_keys(document: dict[str, Any]) -> dict[str, jwt.PyJWK]:
    """The keys of a JWKS document (RFC 7517) that a token may be signed with; others are left."""
    listed = document.get("keys")
    found: dict[str, jwt.PyJWK] = {}
    for item in listed[:_MOST] if isinstance(listed, list) else []:  # pyright: ignore[reportUnknownVariableType] - JSON
        if not isinstance(item, dict):
            continue
        data: dict[str, Any] = item  # pyright: ignore[reportUnknownVariableType] - JSON
        kid, kind, curve = data.get("kid"), data.get("kty"), data.get("crv")
        algorithm = _ALGORITHMS.get((str(kind), "" if kind == "RSA" else str(curve)))
        if not isinstance(kid, str) or algorithm is None or data.get("use", "sig") != "sig":
            continue
        if data.get("alg", algorithm) != algorithm:
            continue
        try:
            found[kid] = jwt.PyJWK(data, algorithm)
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            log.warning("a key for sign-in is not usable", kid=kid, reason=str(error))
    return found
