"""Tokens of Supabase: who they are for, if they are good."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import jwt

from coursewright.accounts.jwks import KeySet
from coursewright.course.base import Value
from coursewright.course.errors import NotSignedIn

AUDIENCE = ROLE = "authenticated"
LEEWAY = 10.0
"""Seconds that two clocks may differ."""
_LONGEST = 8192
"""Characters. A token of Supabase has about 1,000."""
_LATEST = 1e12
"""Seconds since 1970, some 30,000 years: more is no time, and infinity never ends."""
_SIGNED = frozenset({"RS256", "ES256", "EdDSA"})
_SHARED = "HS256"


class Claims(Value):
    """What a good token says."""

    user_id: UUID
    email: str


class Tokens:
    """Verifies tokens.

    The algorithm decides where the key is from, never the other way round: HS256 only with the
    secret, the others only with the project's public keys. So no public key is ever used as a
    secret (RFC 8725, 2.1).
    """

    def __init__(
        self,
        *,
        keys: KeySet | None,
        secret: str | None,
        issuer: str | None,
        now: Callable[[], float],
    ) -> None:
        """`keys` and `secret`: whichever is configured; `now`: seconds since 1970."""
        self._keys = keys
        self._secret = secret
        self._issuer = issuer
        self._now = now

    async def verify(self, token: str) -> Claims:
        """Whose token it is.

        Raises `NotSignedIn`: it is not good, whatever the reason; `Unavailable`: that cannot be
        known, since the project's keys cannot be fetched.
        """
        if len(token) > _LONGEST:
            raise _refused("it is too long")
        try:
            header = jwt.get_unverified_header(token)
        except (jwt.PyJWTError, ValueError) as error:
            raise _refused("it is no token") from error
        algorithm = header.get("alg")
        key = await self._key(algorithm, header.get("kid"))
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=[str(algorithm)],
                audience=AUDIENCE,
                issuer=self._issuer,
                options={
                    "require": ["exp", "sub", "aud", *(["iss"] if self._issuer else [])],
                    # By our clock, below.
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                },
            )
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise _refused(_reason(error)) from error
        return self._read(claims)

    async def _key(self, algorithm: object, kid: object) -> jwt.PyJWK | str:
        if algorithm == _SHARED and self._secret is not None:
            return self._secret
        if algorithm in _SIGNED and self._keys is not None and isinstance(kid, str):
            found = await self._keys.key(kid)
            if found is not None and found.algorithm_name == algorithm:
                return found
        raise _refused("it is not signed as tokens of this project are")

    def _read(self, claims: dict[str, Any]) -> Claims:
        now = self._now()
        ends, begins = _moment(claims["exp"]), _moment(claims.get("nbf", 0))
        if ends is None or ends + LEEWAY <= now:
            raise _refused("it has expired")
        if begins is None or begins - LEEWAY > now:
            raise _refused("it is not valid yet")
        if claims.get("role", ROLE) != ROLE:
            raise _refused("it is for another role")
        try:
            user_id = UUID(claims["sub"])
        except (ValueError, AttributeError, TypeError) as error:
            raise _refused("it names no user") from error
        email = claims.get("email")
        return Claims(user_id=user_id, email=email if isinstance(email, str) else "")


def _moment(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and abs(value) < _LATEST else None


def _reason(error: Exception) -> str:
    if isinstance(error, jwt.InvalidAudienceError | jwt.InvalidIssuerError):
        return "it is for somebody else"
    if isinstance(error, jwt.MissingRequiredClaimError):
        return str(error)
    return "its signature is not right"


def _refused(reason: str) -> NotSignedIn:
    return NotSignedIn(
        f"the token is not accepted: {reason}",
        hint="Sign in again, and send `Authorization: Bearer` with the access token.",
    )
