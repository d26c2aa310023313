"""The names and origins that the service answers to."""

from urllib.parse import urlsplit

from coursewright.course.base import Value

_PORTS = {"http": 80, "https": 443}


class Origin(Value):
    """Scheme, host and port (RFC 6454), as browsers write them."""

    scheme: str
    host: str
    port: int

    @property
    def secure(self) -> bool:
        """Whether it is https."""
        return self.scheme == "https"


def parse_origin(text: str) -> Origin | None:
    """The origin; None for what is none (`null`, a path behind it, a user before it)."""
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not parts.hostname or parts.path not in {"", "/"}:
        return None
    if parts.query or parts.fragment or "@" in parts.netloc or port == 0:
        return None
    return Origin(scheme=parts.scheme, host=parts.hostname, port=port or _PORTS[parts.scheme])
