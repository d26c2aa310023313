"""What is measured, in Prometheus' form. No label is a user, a course, a key or a topic."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from coursewright.course.course import CourseStatus
from coursewright.course.pieces import PieceKind
from coursewright.providers.ledger import Entry

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_TOO_MANY = 429
_REQUEST_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_WORK_SECONDS = (0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Metrics:
    """The measures of one process. Each application has its own."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        self._requests = Histogram(
            "coursewright_http_request_seconds",
            "HTTP requests by route and status; a stream of events counts until it ends",
            ("method", "route", "status"),
            buckets=_REQUEST_SECONDS,
            registry=registry,
        )
        self._streams = Gauge(
            "coursewright_event_streams_open", "Readers who watch events", registry=registry
        )
        self._pieces = Histogram(
            "coursewright_piece_seconds",
            "Attempts to make a piece, by its kind and outcome (done, failed, or fault: ours)",
            ("kind", "outcome"),
            buckets=_WORK_SECONDS,
            registry=registry,
        )
        self._courses = Counter(
            "coursewright_courses",
            "Courses that have reached a state in this process",
            ("status",),
            registry=registry,
        )
        by_model = ("provider", "model")
        self._calls = Histogram(
            "coursewright_model_call_seconds",
            "Attempts to call a model, from sending to the end of the answer",
            (*by_model, "outcome"),
            buckets=_WORK_SECONDS,
            registry=registry,
        )
        self._refusals = Counter(
            "coursewright_model_call_429s", "Answers 429 of providers", by_model, registry=registry
        )
        self._tokens = Counter(
            "coursewright_model_tokens",
            "Tokens as providers count them (in, cached of those, out)",
            (*by_model, "direction"),
            registry=registry,
        )
        self._cost = Counter(
            "coursewright_model_cost_usd", "US dollars at list prices", by_model, registry=registry
        )
        self._gauges: dict[str, Gauge] = {}

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request was answered; `route` is its template, such as `/api/courses/{course_id}`."""
        name = method if method in _METHODS else "other"
        self._requests.labels(name, route, str(status)).observe(seconds)

    @contextmanager
    def stream(self) -> Generator[None]:
        """A reader watches events in this block."""
        self._streams.inc()
        try:
            yield
        finally:
            self._streams.dec()

    def piece(self, kind: PieceKind, outcome: str, seconds: float) -> None:
        """An attempt to make a piece has ended."""
        self._pieces.labels(str(kind), outcome).observe(seconds)

    def course(self, status: CourseStatus) -> None:
        """A course has come into that state."""
        self._courses.labels(str(status)).inc()

    def call(self, entry: Entry) -> None:
        """A model was called."""
        model = (entry.provider, entry.model)
        self._calls.labels(*model, entry.outcome).observe(entry.latency_ms / 1000)
        if entry.status_code == _TOO_MANY:
            self._refusals.labels(*model).inc()
        self._tokens.labels(*model, "in").inc(entry.tokens_in)
        self._tokens.labels(*model, "cached").inc(entry.tokens_cached)
        self._tokens.labels(*model, "out").inc(entry.tokens_out)
        self._cost.labels(*model).inc(float(entry.cost_usd))

    def set(self, name: str, meaning: str, values: Mapping[str, float], label: str = "") -> None:
        """A state at this moment, by the values of `label`; without one, under the key ""."""
        gauge = self._gauges.get(name)
        if gauge is None:
            labels = (label,) if label else ()
            gauge = Gauge(f"coursewright_{name}", meaning, labels, registry=self._registry)
            self._gauges[name] = gauge
        if label:
            gauge.clear()
        for value, count in values.items():
            (gauge.labels(value) if label else gauge).set(count)

    def text(self) -> bytes:
        """All of it, as `MEDIA_TYPE`."""
        return generate_latest(self._registry)
