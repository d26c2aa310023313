"""Links to one file, for whoever has them, until they expire. Pure; the clock is passed in.

A link's ticket names the file's owner, so that row-level security holds on this way as well, and
the key that it was signed with: HMAC-SHA256 (RFC 2104) over all of that and the file's id.
"""

import base64
import binascii
import hashlib
import hmac
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

LONGEST = timedelta(days=7)
_SHAPE = struct.Struct(">B16sQI")
"""Version, owner, end (seconds since 1970), number of the key."""
_VERSION = 1
_MAC = 32


@dataclass(frozen=True)
class SigningKey:
    """A secret of 32 bytes, with a number that links name it by."""

    number: int
    secret: bytes

    def __repr__(self) -> str:
        return f"SigningKey({self.number})"


def sign(key: SigningKey, file_id: UUID, owner: UUID, *, until: datetime) -> str:
    """The ticket for a file until then; letters, digits, `-` and `_`."""
    said = _SHAPE.pack(_VERSION, owner.bytes, int(until.timestamp()), key.number)
    return base64.urlsafe_b64encode(said + _mac(key.secret, said, file_id)).decode().rstrip("=")


def owner_of(
    ticket: str, file_id: UUID, keys: Mapping[int, bytes], *, now: datetime
) -> UUID | None:
    """Whose file the ticket lets in to; None where it is no good, whatever the reason."""
    if len(ticket) > 200:  # noqa: PLR2004 - one of ours has 82
        return None
    try:
        raw = base64.b64decode(
            ticket.encode("ascii") + b"=" * (-len(ticket) % 4), b"-_", validate=True
        )
    except (ValueError, binascii.Error):
        return None
    if len(raw) != _SHAPE.size + _MAC:
        return None
    said, mac = raw[: _SHAPE.size], raw[_SHAPE.size :]
    version, owner, end, number = _SHAPE.unpack(said)
    secret = keys.get(number)
    if secret is None or not hmac.compare_digest(mac, _mac(secret, said, file_id)):
        return None
    if version != _VERSION or not now.timestamp() < end <= (now + LONGEST).timestamp() + 1:
        return None
    return UUID(bytes=owner)


def expiry(now: datetime, seconds: int) -> datetime:
    """The moment when a link made now ends."""
    return now.astimezone(UTC) + min(timedelta(seconds=seconds), LONGEST)


def _mac(secret: bytes, said: bytes, file_id: UUID) -> bytes:
    return hmac.new(secret, said + file_id.bytes, hashlib.sha256).digest()
