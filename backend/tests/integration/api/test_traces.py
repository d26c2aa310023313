"""Traces: what was made and called, in its place, and nothing that is anybody's secret."""

import json
import subprocess
import sys
from collections.abc import Sequence
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from uuid import UUID

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from coursewright.course.errors import NotConfigured
from coursewright.providers.ledger import Entry
from coursewright.tracing import Tracing, open_tracing
from support.service import open_service, settings_for

ENTRY = Entry(
    user_id=UUID(int=5),
    course_id=UUID(int=6),
    piece_key="chapter/1",
    service="chapter",
    provider="gemini",
    model="gemini-3.8-flash",
    key_fingerprint="f1n6erpr1nt",
    project="secret-project",
    prompt_version="chapter@1",
    request_hash="h",
    tokens_in=10,
    tokens_out=20,
    tokens_cached=0,
    cost_usd=Decimal(1),
    latency_ms=1500,
    outcome="minute",
    status_code=429,
    error="the provider's words",
)


def told(spans: Sequence[ReadableSpan]) -> str:
    return json.dumps([json.loads(span.to_json()) for span in spans])


async def test_a_course_leaves_a_span_for_each_request_and_piece(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spans = InMemorySpanExporter()
    tracing = open_tracing(None, version="1", exporter=spans)

    def opened(endpoint: str | None, *, version: str) -> Tracing:
        del endpoint, version
        return tracing

    monkeypatch.setattr("coursewright.bootstrap.open_tracing", opened)
    async with open_service(settings_for(database_url, tmp_path)) as service:
        course = await service.order("Machine Learning Basics", chapters=1)
        await service.settled(course)
        await service.client.get("/api/courses?secret-word=1")
        await service.client.get("/s/unguessable-link")
    found = spans.get_finished_spans()
    names = {span.name for span in found}
    assert {"POST /api/courses", "GET /api/courses/{course_id}", "piece chapter"} <= names
    [chapter] = [span for span in found if span.name == "piece chapter"]
    assert chapter.attributes is not None
    assert chapter.attributes["coursewright.course_id"] == course
    assert chapter.attributes["coursewright.outcome"] == "done"
    [post] = [span for span in found if span.name == "POST /api/courses"]
    assert post.attributes is not None
    assert post.attributes["http.response.status_code"] == 202
    for secret in ("secret-word", "unguessable", "Machine", str(service.application.owner)):
        assert secret not in told(found)


def test_a_call_is_a_child_of_the_piece_that_it_is_for() -> None:
    spans = InMemorySpanExporter()
    tracing = open_tracing(None, version="1", exporter=spans)
    with tracing.span("piece chapter"):
        tracing.call(ENTRY)
    call, piece = spans.get_finished_spans()
    assert call.parent is not None
    assert piece.context is not None
    assert call.parent.span_id == piece.context.span_id
    assert call.start_time is not None
    assert call.end_time is not None
    assert call.end_time - call.start_time == 1_500_000_000
    assert not call.status.is_ok
    for secret in ("f1n6erpr1nt", "secret-project", "words", str(ENTRY.user_id)):
        assert secret not in told([call])


def test_what_an_exception_says_is_not_told() -> None:
    spans = InMemorySpanExporter()
    tracing = open_tracing(None, version="1", exporter=spans)
    with pytest.raises(ValueError, match="private"), tracing.span("piece"):
        raise ValueError("private words")
    [span] = spans.get_finished_spans()
    assert span.status.description == "ValueError"
    assert "private" not in told([span])


def test_spans_go_out_to_the_address_that_is_set() -> None:
    received: list[tuple[str, bytes]] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append((self.path, self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the same
            del format, args

    with ThreadingHTTPServer(("127.0.0.1", 0), Collector) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/v1/traces"
        tracing = open_tracing(address, version="1")
        with tracing.span("something"):
            pass
        tracing.close()
        server.shutdown()
    [(path, body)] = received
    assert path == "/v1/traces"
    assert b"something" in body


@pytest.mark.parametrize("address", ["", "nonsense", "ftp://127.0.0.1/x", "http://"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(NotConfigured, match="COURSEWRIGHT_OTLP_ENDPOINT"):
        open_tracing(address, version="1")


def test_nothing_is_imported_where_traces_are_off() -> None:
    program = (
        "import sys, coursewright.api.app\n"
        "from coursewright.tracing import open_tracing\n"
        "with open_tracing(None, version='1').span('x') as span: span.note(a=1)\n"
        "print([name for name in sys.modules if name.startswith('opentelemetry.sdk')"
        " or 'otlp' in name])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with pytest.raises(NotConfigured, match="not installed") as caught:
        open_tracing("http://127.0.0.1:4318/v1/traces", version="1")
    assert "coursewright[telemetry]" in caught.value.hint
