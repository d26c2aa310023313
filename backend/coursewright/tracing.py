"""Traces by OpenTelemetry, where they are set up: a request, a piece, a model call.

Its SDK is only imported then. Addresses, topics, users and keys are no attributes of any span;
that is also why FastAPI's own spans, which hold the whole address, are off.
"""

from __future__ import annotations  # types of a library that may not be there

import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from coursewright.course.errors import NotConfigured
from coursewright.providers.ledger import Entry

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Span

Attribute = str | int | float | bool


class Traced:
    """A span that is being recorded, or none."""

    def __init__(self, span: Span | None) -> None:
        self._span = span

    def name(self, name: str) -> None:
        """Names it anew: of a request, the route is only known at its end."""
        if self._span is not None:
            self._span.update_name(name)

    def note(self, **attributes: Attribute) -> None:
        """Adds attributes."""
        if self._span is not None:
            self._span.set_attributes(attributes)

    def failed(self, reason: str) -> None:
        """It did not go well."""
        if self._span is not None:
            from opentelemetry.trace import StatusCode  # noqa: PLC0415 - only where traces are on

            self._span.set_status(StatusCode.ERROR, reason)


class Tracing:
    """Makes spans. One of it serves a whole application; without a provider it makes none."""

    def __init__(self, provider: TracerProvider | None = None) -> None:
        self._provider = provider
        self._tracer = None if provider is None else provider.get_tracer("coursewright")

    @contextmanager
    def span(self, name: str, **attributes: Attribute) -> Generator[Traced]:
        """A span around the block; spans within are its children."""
        if self._tracer is None:
            yield Traced(None)
            return
        # What an exception says may quote a source or a topic: only its kind is told.
        with self._tracer.start_as_current_span(
            name, attributes=attributes, record_exception=False, set_status_on_exception=False
        ) as span:
            traced = Traced(span)
            try:
                yield traced
            except BaseException as error:
                traced.failed(type(error).__name__)
                raise

    def call(self, entry: Entry) -> None:
        """A model was called and has answered: its span is made afterwards."""
        if self._tracer is None:
            return
        end = time.time_ns()
        span = self._tracer.start_span(
            f"model {entry.model}",
            start_time=end - entry.latency_ms * 1_000_000,
            attributes={
                "gen_ai.provider.name": entry.provider,
                "gen_ai.request.model": entry.model,
                "gen_ai.usage.input_tokens": entry.tokens_in,
                "gen_ai.usage.output_tokens": entry.tokens_out,
                "coursewright.service": entry.service,
                "coursewright.outcome": entry.outcome,
                "http.response.status_code": entry.status_code or 0,
            },
        )
        if entry.outcome != "ok":
            Traced(span).failed(entry.outcome)
        span.end(end)

    def close(self) -> None:
        """Sends what is left, for at most two seconds."""
        if self._provider is not None:
            self._provider.force_flush(2_000)
            self._provider.shutdown()


def open_tracing(
    endpoint: str | None, *, version: str, exporter: SpanExporter | None = None
) -> Tracing:
    """Traces that are sent to `endpoint` by OTLP over HTTP; none where that is not set.

    `exporter` takes the spans instead, at once. Raises `NotConfigured` where the address or the
    installation will not do.
    """
    if endpoint is None and exporter is None:
        return Tracing()
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415 - heavy
            OTLPSpanExporter,
        )
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - heavy
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 - heavy
        from opentelemetry.sdk.trace.export import (  # noqa: PLC0415 - heavy
            BatchSpanProcessor,
            SimpleSpanProcessor,
        )
    except ImportError as error:
        raise NotConfigured(
            "traces are wanted, but OpenTelemetry is not installed",
            hint="Install coursewright[telemetry], or unset COURSEWRIGHT_OTLP_ENDPOINT.",
        ) from error
    resource = Resource.create({"service.name": "coursewright", "service.version": version})
    provider = TracerProvider(resource=resource)
    if exporter is not None:
        provider.add_span_processor(SimpleSpanProcessor(exporter))
        return Tracing(provider)
    parts = urlsplit(endpoint or "")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise NotConfigured(
            "COURSEWRIGHT_OTLP_ENDPOINT is not an http(s) address",
            hint="It looks like http://127.0.0.1:4318/v1/traces.",
        )
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))
    return Tracing(provider)
