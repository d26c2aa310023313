"""Where the service is, and as whom it is asked: the same for both clients."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx2

from coursewright.client.answers import not_ours, read_event, refused
from coursewright.client.calls import Call, T
from coursewright.client.retries import Retries
from coursewright.client.values import Event
from coursewright.course.errors import NotConfigured, Unavailable

_CONNECT = 5.0
"""Seconds."""
_SILENCE = 45.0
"""Seconds without a word on a stream of events before it is opened anew: the service says
something every 15."""
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


@dataclass(frozen=True, kw_only=True)
class Connection:
    """What both clients are made with."""

    address: str
    token: str | None = field(default=None, repr=False)
    cookies: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    timeout: float
    retries: Retries

    def __post_init__(self) -> None:
        """Raises `NotConfigured` for what is no address or no token."""
        try:
            parts = urlsplit(self.address)
            usable = parts.scheme in {"http", "https"} and parts.hostname and not parts.password
        except ValueError:
            usable = False
        if not usable:
            raise NotConfigured(
                "the address of the service is not usable",
                hint="It looks like http://127.0.0.1:8008, without a name or a password in it.",
            )
        token = self.token or ""
        if not token.isascii() or not token.isprintable() or " " in token:
            raise NotConfigured(
                "the token is not usable: no header can carry it",
                hint="Give the access token alone, without `Bearer` and without line ends.",
            )

    @property
    def headers(self) -> dict[str, str]:
        """Sent with every request."""
        return {} if self.token is None else {"Authorization": f"Bearer {self.token}"}

    @property
    def trust_env(self) -> bool:
        """Whether the proxies of the environment are used: not on the way to this machine."""
        return urlsplit(self.address).hostname not in _LOOPBACK

    def limits_of(self, call: Call[T]) -> httpx2.Timeout:
        """How long each step of a call may take."""
        return httpx2.Timeout(call.seconds or self.timeout, connect=min(_CONNECT, self.timeout))

    @property
    def stream_limits(self) -> httpx2.Timeout:
        """The same for a stream of events."""
        return httpx2.Timeout(_SILENCE, connect=min(_CONNECT, self.timeout))

    def read(self, call: Call[T], response: httpx2.Response) -> T:
        """The answer of a call. Raises the error that it tells."""
        if not response.is_success and response.status_code not in call.also:
            raise refused(response)
        try:
            return call.read(response)
        except ValueError as error:
            raise not_ours(self.address, error) from None


class Replay:
    """How far a stream of events was read, over all its connections."""

    def __init__(self, after: int, connection: Connection) -> None:
        self.after = after
        self._connection = connection
        self._failed = 0

    def take(self, sent: httpx2.ServerSentEvent) -> Event | None:
        """The event; None for one that was there before. Raises `NotConfigured`."""
        try:
            event = read_event(sent)
        except ValueError as error:
            raise not_ours(self._connection.address, error) from None
        self._failed = 0
        if event.id <= self.after:
            return None
        self.after = event.id
        return event

    def wait(self, chance: float, error: Unavailable | None) -> float:
        """Seconds until it is opened again, after it ended or broke off. Raises `error` (or says
        that it always ends) when that was in vain too often.
        """
        self._failed += 1
        wait = self._connection.retries.wait(self._failed, chance)
        if wait is None:
            raise error or Unavailable(
                f"the stream of events at {self._connection.address} ends again and again",
                hint="Is something between that cuts streams off, such as a proxy?",
            )
        return wait
